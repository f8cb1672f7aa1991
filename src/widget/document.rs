//! The iframe's document: the exchange of a token for an inbox, the shell where a form can't be posted, and the inbox again
//! by links and forms where there is no WebAssembly.

use super::{
    Door,
    error::WidgetError,
    guard::{self, SignedIn},
    messages, policy, session,
    view::{self, Look, PageView, Reading, Scheme},
};
use crate::{
    content::catalogue::Texts,
    domain::{Filter, Language, PageRequest, Site, SiteId},
    inbox::Reader,
};
use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::str::FromStr;

/// How the page looks, in the query of `GET`s.
#[derive(Deserialize)]
pub(super) struct Shown {
    language: Option<String>,
    scheme: Option<String>,
    reader: Option<String>,
    before: Option<i64>,
}

/// The form that the loader, or a site's own page, posts into the iframe.
#[derive(Deserialize)]
struct Posted {
    token: String,
    language: Option<String>,
    scheme: Option<String>,
}

/// `GET /embed/{site}`: the shell. It takes the token from the page by `postMessage`, where the page's own policy forbids the form.
pub(super) async fn shell(State(door): State<Door>, Path(site): Path<String>, Query(shown): Query<Shown>) -> Response {
    let nonce = policy::nonce(door.0.inbox.entropy());
    match known(&door, &site).await {
        Ok(site) => {
            let look = look(&site, shown.language.as_deref(), shown.scheme.as_deref());
            policy::document(Some(&site), &nonce, StatusCode::OK, view::shell(&site, &look, Texts::of(&look.language), &nonce))
        }
        Err(error) => error.into_document(None, Texts::of(&Language::english()), &nonce),
    }
}

/// `POST /embed/{site}`: the token, for the inbox.
pub(super) async fn exchange(State(door): State<Door>, Path(site): Path<String>, request: Request) -> Response {
    let nonce = policy::nonce(door.0.inbox.entropy());
    let site = match known(&door, &site).await {
        Ok(site) => site,
        Err(error) => return error.into_document(None, Texts::of(&Language::english()), &nonce),
    };
    match exchange_for(&door, &site, request, &nonce).await {
        Ok(response) => response,
        Err(error) => error.into_document(Some(&site), Texts::of(&site.language), &nonce),
    }
}

async fn exchange_for(door: &Door, site: &Site, request: Request, nonce: &str) -> Result<Response, WidgetError> {
    guard::may_embed(request.headers(), &site.origins, &door.0.public_url)?;
    let Form(posted) = Form::<Posted>::from_request(request, &()).await.map_err(|error| WidgetError::Invalid(error.body_text()))?;
    let granted = door.0.inbox.exchange_token(site.id, posted.token.trim()).await?;
    let look = look(site, posted.language.as_deref(), posted.scheme.as_deref());
    let mut response = inbox(door, site, &granted.reader, &look, None, Some(granted.bearer.reveal()), nonce).await?;
    if let Some(cookie) = session::set_cookie(site.id, &granted.cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `GET /embed/{site}/page`: the inbox by its session, for links and after forms.
pub(super) async fn page(State(door): State<Door>, Path(site): Path<String>, Query(shown): Query<Shown>, request: Request) -> Response {
    let nonce = policy::nonce(door.0.inbox.entropy());
    let site = match known(&door, &site).await {
        Ok(site) => site,
        Err(error) => return error.into_document(None, Texts::of(&Language::english()), &nonce),
    };
    let look = look(&site, shown.language.as_deref(), shown.scheme.as_deref());
    let (mut parts, _) = request.into_parts();
    let shown = match SignedIn::from_request_parts(&mut parts, &door).await {
        Ok(SignedIn(reader, _)) => match guard::same_tag(shown.reader.as_deref(), &reader) {
            Ok(()) => inbox(&door, &site, &reader, &look, shown.before, None, &nonce).await,
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    shown.unwrap_or_else(|error| error.into_document(Some(&site), Texts::of(&look.language), &nonce))
}

async fn inbox(
    door: &Door,
    site: &Site,
    reader: &Reader,
    look: &Look,
    before: Option<i64>,
    bearer: Option<&str>,
    nonce: &str,
) -> Result<Response, WidgetError> {
    let page = door.0.inbox.page(reader, PageRequest { filter: Filter::All, before, limit: PageRequest::SIZE }).await?;
    let reading = Reading::new(site, &look.language, door.0.inbox.now()).for_reader(reader.tag());
    let items = door.0.cards.items(&reading, &page.items);
    let html = view::page(&PageView {
        site,
        reader,
        look,
        reading,
        page: &page,
        items: &items,
        older: before.is_some(),
        bearer,
        nonce,
        assets: door.0.assets,
    });
    Ok(policy::document(Some(site), nonce, StatusCode::OK, html).into_response())
}

async fn known(door: &Door, text: &str) -> Result<std::sync::Arc<Site>, WidgetError> {
    let id = SiteId::from_str(text).map_err(|_| WidgetError::NotFound)?;
    Ok(door.site(id).await?)
}

fn look(site: &Site, language: Option<&str>, scheme: Option<&str>) -> Look {
    Look { language: messages::language(language, &site.language), scheme: Scheme::parse(scheme) }
}
