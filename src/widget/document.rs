//! The iframe's document: the exchange of a token for an inbox, the shell for pages that cannot
//! post a form, and the inbox by links and forms where there is no WebAssembly.
//!
//! With `view=page` the inbox is a page of its own, or an element of the site's page that is always
//! open. Only there is it certain, without any script, that the rendered messages are on the
//! screen, so only there does rendering mark them as seen.

use super::{
    WidgetState,
    active_theme::ActiveTheme,
    auth::{self, Destination, SignedIn},
    error::WidgetError,
    form, messages, security_headers, session_cookie, site_document,
    view::{self, Appearance, PageView, RenderContext, UndoableAction},
};
use axum::{
    extract::{FromRequestParts, Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use belfry_app::{AppError, Reader};
use belfry_content::widget_texts;
use belfry_domain::{
    Cursor, InstallIssue, InstallStep, ReaderAction, ReaderFilter, ReaderPage, ReaderPageRequest,
    Site,
};
use serde::Deserialize;
use std::sync::Arc;

/// Query parameters of a document.
#[derive(Deserialize)]
pub(super) struct DocumentParams {
    language: Option<String>,
    scheme: Option<String>,
    reader: Option<String>,
    before: Option<Cursor>,
    filter: Option<String>,
    view: Option<String>,
    done: Option<String>,
    of: Option<String>,
}

impl DocumentParams {
    fn is_standalone(&self) -> bool {
        self.view.as_deref() == Some("page")
    }

    fn appearance(&self, site: &Site) -> Appearance {
        Appearance::of(site, self.language.as_deref(), self.scheme.as_deref())
    }

    /// The requested part of the list.
    fn list_request(
        &self,
        headers: &HeaderMap,
        has_cached_files: bool,
    ) -> Result<ListRequest, WidgetError> {
        let filter = messages::filter(self.filter.as_deref())?;
        let undo_offer = UndoableAction::parse(self.done.as_deref(), self.of.as_deref());
        Ok(ListRequest {
            filter,
            before: self.before,
            is_standalone: self.is_standalone(),
            is_displayed: auth::is_visible(headers),
            is_top_level: is_top(headers),
            undo_offer,
            preview: None,
            has_cached_files,
        })
    }
}

/// The form that the loader, or a site's own page, posts into the iframe.
#[derive(Deserialize)]
struct TokenForm {
    token: String,
    language: Option<String>,
    scheme: Option<String>,
    /// The secret of a preview link, which shows a theme that is not published.
    preview: Option<String>,
}

/// Which part of the inbox is rendered, and as which kind of document.
#[expect(clippy::struct_excessive_bools, reason = "independent properties of a request")]
struct ListRequest {
    filter: ReaderFilter,
    before: Option<Cursor>,
    is_standalone: bool,
    is_displayed: bool,
    /// Whether the document is top-level: no other page contains it.
    is_top_level: bool,
    undo_offer: Option<UndoableAction>,
    preview: Option<String>,
    /// Whether the browser has the document's style and script as files.
    has_cached_files: bool,
}

/// `GET /embed/{site}`: the shell. It receives the token from the page by `postMessage`, for pages
/// whose content security policy forbids the form.
///
/// As a page of its own it is the inbox of the signed-in reader. For someone who opened the frame's
/// address directly, it leads to the site.
pub(super) async fn shell(
    State(state): State<WidgetState>,
    Path(site): Path<String>,
    Query(params): Query<DocumentParams>,
    request: Request,
) -> Response {
    site_document::respond(&state, &site, params.language.as_deref(), async |site| {
        // In an iframe, the containing page identifies the reader again at each load.
        let appearance = params.appearance(site);
        if !params.is_standalone() && is_top(request.headers()) {
            let view =
                view::sign_in(site, &appearance, widget_texts::language(&appearance.language));
            return Ok(security_headers::document(Some(site), StatusCode::OK, view).await);
        }
        if !params.is_standalone()
            || Destination::from_headers(request.headers()) == Destination::Embedded
        {
            let view = view::shell(
                site,
                &appearance,
                widget_texts::language(&appearance.language),
                params.is_standalone(),
            );
            return Ok(security_headers::document(Some(site), StatusCode::OK, view).await);
        }
        by_session(&state, site, &params, request).await
    })
    .await
}

/// `POST /embed/{site}`: exchanges the token and returns the inbox.
pub(super) async fn exchange(
    State(state): State<WidgetState>,
    Path(site): Path<String>,
    Query(params): Query<DocumentParams>,
    request: Request,
) -> Response {
    site_document::respond(&state, &site, None, async |site| {
        let headers = request.headers().clone();
        let inside = match Destination::from_headers(&headers) {
            Destination::TopLevel => false,
            Destination::Embedded => true,
            Destination::Unknown => !params.is_standalone(),
        };
        let page = auth::page_origin(&headers);
        let noted = |issue| {
            state.0.app.record_install_event(site.id, InstallStep::Widget, page.clone(), issue);
        };
        auth::may_embed(&headers, &site.origins, &state.0.public_url, inside)
            .inspect_err(|_| noted(Some(InstallIssue::Origin)))?;
        let (parts, body) = request.into_parts();
        let posted: TokenForm = form::read(parts, body).await?;
        let granted = state.exchange(site.id, posted.token.trim()).await.inspect_err(|error| {
            if matches!(error, WidgetError::Unauthenticated) {
                noted(Some(InstallIssue::Token));
            }
        })?;
        noted(None);
        let appearance = Appearance::of(site, posted.language.as_deref(), posted.scheme.as_deref());
        let part = ListRequest {
            filter: ReaderFilter::All,
            before: None,
            is_standalone: params.is_standalone(),
            is_displayed: auth::is_visible(&headers),
            is_top_level: is_top(&headers),
            undo_offer: None,
            preview: posted.preview.filter(|preview| !preview.is_empty()),
            has_cached_files: state.0.assets.has_cached_files(&headers),
        };
        // Neither the origin of the page nor the fact that it frames this document is proven:
        // another site may try to sign somebody in as a different reader. The document then works
        // with its bearer, and no session cookie is set.
        let unproven = Destination::from_headers(&headers) == Destination::Unknown
            && auth::hides_its_origin(&headers);
        // A browser that sends a cookie of ours accepts cookies: the session cookie is enough, and
        // no script needs the session's secret.
        let bearer = (unproven || !part.has_cached_files).then(|| granted.bearer.reveal());
        let mut response = inbox(&state, site, &granted.reader, &appearance, part, bearer).await?;
        if let Some(cookie) = session_cookie::set(site.id, &granted.cookie).filter(|_| !unproven) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        Ok(response)
    })
    .await
}

/// `GET /embed/{site}/page`: the inbox of the session, for links and after forms.
pub(super) async fn page(
    State(state): State<WidgetState>,
    Path(site): Path<String>,
    Query(params): Query<DocumentParams>,
    request: Request,
) -> Response {
    site_document::respond(&state, &site, params.language.as_deref(), async |site| {
        by_session(&state, site, &params, request).await
    })
    .await
}

/// The inbox of the session. On a page of its own, a reader without a session is shown where to
/// sign in.
async fn by_session(
    state: &WidgetState,
    site: &Site,
    params: &DocumentParams,
    request: Request,
) -> Result<Response, WidgetError> {
    let appearance = params.appearance(site);
    let (mut parts, _) = request.into_parts();
    let reader = match SignedIn::from_request_parts(&mut parts, state).await {
        Ok(SignedIn(reader, _)) => reader,
        Err(WidgetError::Unauthenticated)
            if params.is_standalone()
                && Destination::from_headers(&parts.headers) != Destination::Embedded =>
        {
            let view =
                view::sign_in(site, &appearance, widget_texts::language(&appearance.language));
            return Ok(security_headers::document(Some(site), StatusCode::OK, view).await);
        }
        Err(error) => return Err(error),
    };
    auth::require_same_tag(params.reader.as_deref(), &reader)?;
    inbox(
        state,
        site,
        &reader,
        &appearance,
        params.list_request(&parts.headers, state.0.assets.has_cached_files(&parts.headers))?,
        None,
    )
    .await
}

async fn inbox(
    state: &WidgetState,
    site: &Site,
    reader: &Reader,
    appearance: &Appearance,
    part: ListRequest,
    bearer: Option<&str>,
) -> Result<Response, WidgetError> {
    let request = ReaderPageRequest {
        filter: part.filter,
        before: part.before,
        limit: ReaderPageRequest::SIZE,
    };
    let mut page = state.0.app.page(reader, request).await?;
    if part.is_standalone
        && part.filter != ReaderFilter::Archived
        && part.is_displayed
        && mark_page_seen(state, reader, &page).await?
    {
        // Loaded again, so that the messages belong to the version that the document states.
        page = state.0.app.page(reader, request).await?;
    }
    state.record_page(reader.site, reader.contact, part.filter, &page);
    let contact = state.personal_contact(reader, &page).await?;
    let render_context = RenderContext::new(site, &appearance.language, state.0.app.now())
        .for_page(&reader.tag(), appearance.scheme, part.filter, part.is_standalone);
    let context = render_context.for_contact(contact.as_ref());
    let items = state.0.card_cache.items(&context, &page.items).await;
    let has_mutable_categories = state.settings(site.id).await?.mutable().next().is_some();
    let theme = active_theme(state, site, part.preview.as_deref()).await?;
    let view = view::page(&PageView {
        site,
        reader,
        appearance,
        context,
        page: &page,
        items: &items,
        has_mutable_categories,
        filter: part.filter,
        is_standalone: part.is_standalone,
        is_top_level: part.is_top_level,
        undo_offer: part.undo_offer,
        is_older_page: part.before.is_some(),
        bearer,
        assets: state.0.assets,
        theme: theme.as_deref(),
        has_cached_files: part.has_cached_files,
        unread_replies: state.unread_replies(site, reader).await?,
        preview: None,
    });
    Ok(security_headers::document(Some(site), StatusCode::OK, view).await)
}

/// The theme of the inbox. An expired preview link shows the published theme, so that a page opened
/// with it continues to work.
async fn active_theme(
    state: &WidgetState,
    site: &Site,
    preview: Option<&str>,
) -> Result<Option<Arc<ActiveTheme>>, WidgetError> {
    if let Some(secret) = preview {
        match state.0.app.preview(site.id, secret).await {
            Ok(theme) => return Ok(Some(Arc::new(ActiveTheme::of(&theme, true)))),
            Err(AppError::Unauthenticated) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(state.active_theme(site).await?)
}

/// Marks the messages of a page as seen and returns whether one was unseen. Messages that arrived
/// since the page was loaded stay unseen.
async fn mark_page_seen(
    state: &WidgetState,
    reader: &Reader,
    page: &ReaderPage,
) -> Result<bool, WidgetError> {
    let newest = page.items.iter().map(|item| item.message.position).max();
    // Viewing is never rejected. If the write limit is reached, the messages are marked as seen by
    // the next view.
    if page.counts.unseen == 0 || newest.is_none() || state.count_write(reader).is_err() {
        return Ok(false);
    }
    state.0.app.apply_reader_action(reader, &ReaderAction::Seen(newest)).await?;
    Ok(true)
}

fn is_top(headers: &HeaderMap) -> bool {
    Destination::from_headers(headers) == Destination::TopLevel
}
