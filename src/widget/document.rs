//! The iframe's document: the exchange of a token for an inbox, the shell for pages that cannot
//! post a form, and the inbox by links and forms where there is no WebAssembly.
//!
//! With `view=page` the inbox is a page of its own, or an element of the site's page that is always
//! open. Only there is it certain, without any script, that the rendered messages are on the
//! screen, so only there does rendering mark them as seen.

use super::{
    Door,
    auth::{self, Destination, SignedIn},
    error::WidgetError,
    form, messages, security_headers, session,
    theme::Dress,
    view::{self, Done, Look, PageView, Reading, Scheme},
};
use crate::{
    app::{InboxError, Reader},
    content::widget_texts::Texts,
    domain::{Filter, Language, Mark, Obstacle, Page, PageRequest, Seen, Site, SiteId},
};
use axum::{
    extract::{FromRequestParts, Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use std::{str::FromStr, sync::Arc};

/// Query parameters of a document.
#[derive(Deserialize)]
pub(super) struct Shown {
    language: Option<String>,
    scheme: Option<String>,
    reader: Option<String>,
    before: Option<i64>,
    filter: Option<String>,
    view: Option<String>,
    done: Option<String>,
    of: Option<String>,
}

impl Shown {
    fn alone(&self) -> bool {
        self.view.as_deref() == Some("page")
    }

    fn look(&self, site: &Site) -> Look {
        look(site, self.language.as_deref(), self.scheme.as_deref())
    }

    /// The requested part of the list.
    fn part(&self, headers: &HeaderMap, cached: bool) -> Result<Part, WidgetError> {
        let filter = messages::filter(self.filter.as_deref())?;
        let done = Done::parse(self.done.as_deref(), self.of.as_deref());
        Ok(Part {
            filter,
            before: self.before,
            alone: self.alone(),
            looked_at: auth::is_looked_at(headers),
            top: is_top(headers),
            done,
            preview: None,
            cached,
        })
    }
}

/// The form that the loader, or a site's own page, posts into the iframe.
#[derive(Deserialize)]
struct Posted {
    token: String,
    language: Option<String>,
    scheme: Option<String>,
    /// The secret of a preview link, which shows a theme that is not published.
    preview: Option<String>,
}

/// Which part of the inbox is rendered, and as which kind of document.
#[expect(clippy::struct_excessive_bools, reason = "independent properties of a request")]
struct Part {
    filter: Filter,
    before: Option<i64>,
    alone: bool,
    looked_at: bool,
    /// Whether the document is top-level: no other page contains it.
    top: bool,
    done: Option<Done>,
    preview: Option<String>,
    /// Whether the browser has the document's style and script as files.
    cached: bool,
}

/// `GET /embed/{site}`: the shell. It receives the token from the page by `postMessage`, for pages
/// whose content security policy forbids the form.
///
/// As a page of its own it is the inbox of the signed-in reader. For someone who opened the frame's
/// address directly, it leads to the site.
pub(super) async fn shell(State(state): State<Door>, Path(site): Path<String>, Query(params): Query<Shown>, request: Request) -> Response {
    answer(&state, &site, params.language.as_deref(), async |site| {
        // In an iframe, the containing page identifies the reader again at each load.
        let look = params.look(site);
        if !params.alone() && is_top(request.headers()) {
            let view = view::sign_in(site, &look, Texts::of(&look.language));
            return Ok(security_headers::document(Some(site), StatusCode::OK, view).await);
        }
        if !params.alone() || Destination::of(request.headers()) == Destination::Inside {
            let view = view::shell(site, &look, Texts::of(&look.language), params.alone());
            return Ok(security_headers::document(Some(site), StatusCode::OK, view).await);
        }
        by_session(&state, site, &params, request).await
    })
    .await
}

/// `POST /embed/{site}`: exchanges the token and returns the inbox.
pub(super) async fn exchange(State(state): State<Door>, Path(site): Path<String>, Query(params): Query<Shown>, request: Request) -> Response {
    answer(&state, &site, None, async |site| {
        let headers = request.headers().clone();
        let inside = match Destination::of(&headers) {
            Destination::Top => false,
            Destination::Inside => true,
            Destination::Unsaid => !params.alone(),
        };
        let page = auth::page(&headers);
        let noted = |obstacle| state.0.inbox.sighted(site.id, Seen::Widget, page.clone(), obstacle);
        auth::may_embed(&headers, &site.origins, &state.0.public_url, inside).inspect_err(|_| noted(Some(Obstacle::Origin)))?;
        let (parts, body) = request.into_parts();
        let posted: Posted = form::read(parts, body).await?;
        let granted = state.exchange(site.id, posted.token.trim()).await.inspect_err(|error| {
            if matches!(error, WidgetError::Unauthenticated) {
                noted(Some(Obstacle::Token));
            }
        })?;
        noted(None);
        let look = look(site, posted.language.as_deref(), posted.scheme.as_deref());
        let part = Part {
            filter: Filter::All,
            before: None,
            alone: params.alone(),
            looked_at: auth::is_looked_at(&headers),
            top: is_top(&headers),
            done: None,
            preview: posted.preview.filter(|preview| !preview.is_empty()),
            cached: state.0.assets.are_cached(&headers),
        };
        // Neither the origin of the page nor the fact that it frames this document is proven:
        // another site may try to sign somebody in as a different reader. The document then works
        // with its bearer, and no session cookie is set.
        let unproven = Destination::of(&headers) == Destination::Unsaid && auth::hides_its_origin(&headers);
        // A browser that sends a cookie of ours accepts cookies: the session cookie is enough, and
        // no script needs the session's secret.
        let bearer = (unproven || !part.cached).then(|| granted.bearer.reveal());
        let mut response = inbox(&state, site, &granted.reader, &look, part, bearer).await?;
        if let Some(cookie) = session::set_cookie(site.id, &granted.cookie).filter(|_| !unproven) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        Ok(response)
    })
    .await
}

/// `GET /embed/{site}/page`: the inbox of the session, for links and after forms.
pub(super) async fn page(State(state): State<Door>, Path(site): Path<String>, Query(params): Query<Shown>, request: Request) -> Response {
    answer(&state, &site, params.language.as_deref(), async |site| by_session(&state, site, &params, request).await).await
}

/// The inbox of the session. On a page of its own, a reader without a session is shown where to
/// sign in.
async fn by_session(state: &Door, site: &Site, params: &Shown, request: Request) -> Result<Response, WidgetError> {
    let look = params.look(site);
    let (mut parts, _) = request.into_parts();
    let reader = match SignedIn::from_request_parts(&mut parts, state).await {
        Ok(SignedIn(reader, _)) => reader,
        Err(WidgetError::Unauthenticated) if params.alone() && Destination::of(&parts.headers) != Destination::Inside => {
            let view = view::sign_in(site, &look, Texts::of(&look.language));
            return Ok(security_headers::document(Some(site), StatusCode::OK, view).await);
        }
        Err(error) => return Err(error),
    };
    auth::same_tag(params.reader.as_deref(), &reader)?;
    inbox(state, site, &reader, &look, params.part(&parts.headers, state.0.assets.are_cached(&parts.headers))?, None).await
}

/// Responds with a document of this site in every case: errors are rendered in it, in the requested
/// language.
pub(super) async fn answer(
    state: &Door,
    site: &str,
    language: Option<&str>,
    make: impl AsyncFnOnce(&Site) -> Result<Response, WidgetError>,
) -> Response {
    match known(state, site).await {
        Ok(site) => match make(&site).await {
            Ok(response) => response,
            Err(error) => error.into_document(Some(&site), Texts::of(&messages::language(language, &site.language))).await,
        },
        Err(error) => error.into_document(None, Texts::of(&Language::english())).await,
    }
}

async fn inbox(state: &Door, site: &Site, reader: &Reader, look: &Look, part: Part, bearer: Option<&str>) -> Result<Response, WidgetError> {
    let request = PageRequest { filter: part.filter, before: part.before, limit: PageRequest::SIZE };
    let mut page = state.0.inbox.page(reader, request).await?;
    if part.alone && part.filter != Filter::Archived && part.looked_at && see(state, reader, &page).await? {
        // Loaded again, so that the messages belong to the version that the document states.
        page = state.0.inbox.page(reader, request).await?;
    }
    state.answered(reader.site, reader.contact, part.filter, &page);
    let contact = state.personal(reader, &page).await?;
    let reading = Reading::new(site, &look.language, state.0.inbox.now()).for_page(&reader.tag(), look.scheme, part.filter, part.alone);
    let reading = reading.for_contact(contact.as_ref());
    let items = state.0.cards.items(&reading, &page.items).await;
    let choosing = state.settings(site.id).await?.mutable().next().is_some();
    let dress = dress(state, site, part.preview.as_deref()).await?;
    let view = view::page(&PageView {
        site,
        reader,
        look,
        reading,
        page: &page,
        items: &items,
        choosing,
        filter: part.filter,
        alone: part.alone,
        top: part.top,
        done: part.done,
        older: part.before.is_some(),
        bearer,
        assets: state.0.assets,
        dress: dress.as_deref(),
        cached: part.cached,
        unread_answers: state.unread_answers(site, reader).await?,
        preview: None,
    });
    Ok(security_headers::document(Some(site), StatusCode::OK, view).await)
}

/// The theme of the inbox. An expired preview link shows the published theme, so that a page opened
/// with it continues to work.
async fn dress(state: &Door, site: &Site, preview: Option<&str>) -> Result<Option<Arc<Dress>>, WidgetError> {
    if let Some(secret) = preview {
        match state.0.inbox.preview(site.id, secret).await {
            Ok(theme) => return Ok(Some(Arc::new(Dress::of(&theme, true)))),
            Err(InboxError::Unauthenticated) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(state.dress(site).await?)
}

/// Marks the messages of a page as seen and returns whether one was unseen. Messages that arrived
/// since the page was loaded stay unseen.
async fn see(state: &Door, reader: &Reader, page: &Page) -> Result<bool, WidgetError> {
    let newest = page.items.iter().map(|item| item.message.position).max();
    // Viewing is never rejected. If the write limit is reached, the messages are marked as seen by
    // the next view.
    if page.tally.unseen == 0 || newest.is_none() || state.count_write(reader).is_err() {
        return Ok(false);
    }
    state.0.inbox.mark(reader, &Mark::Seen(newest)).await?;
    Ok(true)
}

fn is_top(headers: &HeaderMap) -> bool {
    Destination::of(headers) == Destination::Top
}

async fn known(state: &Door, text: &str) -> Result<Arc<Site>, WidgetError> {
    let id = SiteId::from_str(text).map_err(|_| WidgetError::UnknownSite)?;
    state.known_site(id).await
}

fn look(site: &Site, language: Option<&str>, scheme: Option<&str>) -> Look {
    Look { language: messages::language(language, &site.language), scheme: Scheme::parse(scheme) }
}
