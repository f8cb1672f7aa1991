//! The iframe's document: the exchange of a token for an inbox, the shell where a form can't be posted, and the inbox again
//! by links and forms where there is no WebAssembly.
//!
//! With `view=page` the inbox is a page of its own, or an element of the site's page that is open all the time. Only there is
//! known, without any script, that what was rendered is on the screen, so only there does rendering mark it as seen.

use super::{
    Door,
    error::WidgetError,
    form,
    guard::{self, Destination, SignedIn},
    messages, policy, session,
    theme::Dress,
    view::{self, Done, Look, PageView, Reading, Scheme},
};
use crate::{
    content::catalogue::Texts,
    domain::{Filter, Language, Mark, Obstacle, Page, PageRequest, Seen, Site, SiteId},
    inbox::{InboxError, Reader},
};
use axum::{
    extract::{FromRequestParts, Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use std::{str::FromStr, sync::Arc};

/// What is shown and how, in the query.
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

    /// The part of the list that is asked for.
    fn part(&self, headers: &HeaderMap, cached: bool) -> Result<Part, WidgetError> {
        let filter = messages::filter(self.filter.as_deref())?;
        let done = Done::parse(self.done.as_deref(), self.of.as_deref());
        Ok(Part {
            filter,
            before: self.before,
            alone: self.alone(),
            looked_at: guard::is_looked_at(headers),
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
    /// A link's secret, by which its holder sees a theme that others don't.
    preview: Option<String>,
}

/// Which part of the inbox is rendered, and as what.
#[expect(clippy::struct_excessive_bools, reason = "what is known of a request, each by itself")]
struct Part {
    filter: Filter,
    before: Option<i64>,
    alone: bool,
    looked_at: bool,
    /// Whether no other page is around it.
    top: bool,
    done: Option<Done>,
    preview: Option<String>,
    /// Whether the browser has the document's style and script as files.
    cached: bool,
}

/// `GET /embed/{site}`: the shell. It takes the token from the page by `postMessage`, where the page's own policy forbids the form.
/// As a page of its own, the inbox of whoever is signed in; where somebody opened the frame's address by itself, the way to the site.
pub(super) async fn shell(State(door): State<Door>, Path(site): Path<String>, Query(shown): Query<Shown>, request: Request) -> Response {
    answer(&door, &site, shown.language.as_deref(), async |site| {
        // In an iframe the page around it says anew at each load who the reader is.
        let look = shown.look(site);
        if !shown.alone() && is_top(request.headers()) {
            let view = view::sign_in(site, &look, Texts::of(&look.language));
            return Ok(policy::document(Some(site), StatusCode::OK, view).await);
        }
        if !shown.alone() || Destination::of(request.headers()) == Destination::Inside {
            let view = view::shell(site, &look, Texts::of(&look.language), shown.alone());
            return Ok(policy::document(Some(site), StatusCode::OK, view).await);
        }
        by_session(&door, site, &shown, request).await
    })
    .await
}

/// `POST /embed/{site}`: the token, for the inbox.
pub(super) async fn exchange(State(door): State<Door>, Path(site): Path<String>, Query(shown): Query<Shown>, request: Request) -> Response {
    answer(&door, &site, None, async |site| {
        let headers = request.headers().clone();
        let inside = match Destination::of(&headers) {
            Destination::Top => false,
            Destination::Inside => true,
            Destination::Unsaid => !shown.alone(),
        };
        let page = guard::page(&headers);
        let noted = |obstacle| door.0.inbox.sighted(site.id, Seen::Widget, page.clone(), obstacle);
        guard::may_embed(&headers, &site.origins, &door.0.public_url, inside).inspect_err(|_| noted(Some(Obstacle::Origin)))?;
        let (parts, body) = request.into_parts();
        let posted: Posted = form::read(parts, body).await?;
        let granted = door.exchange(site.id, posted.token.trim()).await.inspect_err(|error| {
            if matches!(error, WidgetError::Unauthenticated) {
                noted(Some(Obstacle::Token));
            }
        })?;
        noted(None);
        let look = look(site, posted.language.as_deref(), posted.scheme.as_deref());
        let part = Part {
            filter: Filter::All,
            before: None,
            alone: shown.alone(),
            looked_at: guard::is_looked_at(&headers),
            top: is_top(&headers),
            done: None,
            preview: posted.preview.filter(|preview| !preview.is_empty()),
            cached: door.0.assets.are_cached(&headers),
        };
        // Nothing says which page this is from, nor that it is inside of one: a stranger's may want to sign somebody in as another reader.
        // The document is shown with its bearer, and no session outlives it.
        let unproven = Destination::of(&headers) == Destination::Unsaid && guard::hides_its_origin(&headers);
        // A browser that sends a cookie of ours keeps them: the session's cookie is enough, and no script need have the session's secret.
        let bearer = (unproven || !part.cached).then(|| granted.bearer.reveal());
        let mut response = inbox(&door, site, &granted.reader, &look, part, bearer).await?;
        if let Some(cookie) = session::set_cookie(site.id, &granted.cookie).filter(|_| !unproven) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        Ok(response)
    })
    .await
}

/// `GET /embed/{site}/page`: the inbox by its session, for links and after forms.
pub(super) async fn page(State(door): State<Door>, Path(site): Path<String>, Query(shown): Query<Shown>, request: Request) -> Response {
    answer(&door, &site, shown.language.as_deref(), async |site| by_session(&door, site, &shown, request).await).await
}

/// The inbox of whoever holds the session. On a page of its own nobody else can tell a reader without one where to go.
async fn by_session(door: &Door, site: &Site, shown: &Shown, request: Request) -> Result<Response, WidgetError> {
    let look = shown.look(site);
    let (mut parts, _) = request.into_parts();
    let reader = match SignedIn::from_request_parts(&mut parts, door).await {
        Ok(SignedIn(reader, _)) => reader,
        Err(WidgetError::Unauthenticated) if shown.alone() && Destination::of(&parts.headers) != Destination::Inside => {
            let view = view::sign_in(site, &look, Texts::of(&look.language));
            return Ok(policy::document(Some(site), StatusCode::OK, view).await);
        }
        Err(error) => return Err(error),
    };
    guard::same_tag(shown.reader.as_deref(), &reader)?;
    inbox(door, site, &reader, &look, shown.part(&parts.headers, door.0.assets.are_cached(&parts.headers))?, None).await
}

/// Answers with a document of this site, whatever happens: what can't be done is said in it, in the language asked for.
pub(super) async fn answer(
    door: &Door,
    site: &str,
    language: Option<&str>,
    make: impl AsyncFnOnce(&Site) -> Result<Response, WidgetError>,
) -> Response {
    match known(door, site).await {
        Ok(site) => match make(&site).await {
            Ok(response) => response,
            Err(error) => error.into_document(Some(&site), Texts::of(&messages::language(language, &site.language))).await,
        },
        Err(error) => error.into_document(None, Texts::of(&Language::english())).await,
    }
}

async fn inbox(door: &Door, site: &Site, reader: &Reader, look: &Look, part: Part, bearer: Option<&str>) -> Result<Response, WidgetError> {
    let request = PageRequest { filter: part.filter, before: part.before, limit: PageRequest::SIZE };
    let mut page = door.0.inbox.page(reader, request).await?;
    if part.alone && part.filter != Filter::Archived && part.looked_at && see(door, reader, &page).await? {
        // Looked up again, so that the messages are those of the version that the document names.
        page = door.0.inbox.page(reader, request).await?;
    }
    door.answered(reader.site, reader.contact, part.filter, &page);
    let contact = door.personal(reader, &page).await?;
    let reading = Reading::new(site, &look.language, door.0.inbox.now()).for_page(&reader.tag(), look.scheme, part.filter, part.alone);
    let reading = reading.for_contact(contact.as_ref());
    let items = door.0.cards.items(&reading, &page.items).await;
    let choosing = door.settings(site.id).await?.mutable().next().is_some();
    let dress = dress(door, site, part.preview.as_deref()).await?;
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
        assets: door.0.assets,
        dress: dress.as_deref(),
        cached: part.cached,
        unread_answers: door.unread_answers(site, reader).await?,
        preview: None,
    });
    Ok(policy::document(Some(site), StatusCode::OK, view).await)
}

/// What the inbox wears. A link that is over shows what everybody sees, so that a page which was opened with it goes on working.
async fn dress(door: &Door, site: &Site, preview: Option<&str>) -> Result<Option<Arc<Dress>>, WidgetError> {
    if let Some(secret) = preview {
        match door.0.inbox.preview(site.id, secret).await {
            Ok(theme) => return Ok(Some(Arc::new(Dress::of(&theme, true)))),
            Err(InboxError::Unauthenticated) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(door.dress(site).await?)
}

/// Marks what is on a page as seen; says whether something was not. What arrived since it was looked up stays unseen.
async fn see(door: &Door, reader: &Reader, page: &Page) -> Result<bool, WidgetError> {
    let newest = page.items.iter().map(|item| item.message.position).max();
    // Looking is never refused; what is on the screen is seen the next time then.
    if page.tally.unseen == 0 || newest.is_none() || door.count_write(reader).is_err() {
        return Ok(false);
    }
    door.0.inbox.mark(reader, &Mark::Seen(newest)).await?;
    Ok(true)
}

fn is_top(headers: &HeaderMap) -> bool {
    Destination::of(headers) == Destination::Top
}

async fn known(door: &Door, text: &str) -> Result<Arc<Site>, WidgetError> {
    let id = SiteId::from_str(text).map_err(|_| WidgetError::UnknownSite)?;
    door.known_site(id).await
}

fn look(site: &Site, language: Option<&str>, scheme: Option<&str>) -> Look {
    Look { language: messages::language(language, &site.language), scheme: Scheme::parse(scheme) }
}
