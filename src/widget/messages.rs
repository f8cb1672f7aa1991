//! `GET /embed/{site}/messages` and `GET /embed/{site}/counts`: parts of the list as HTML, and the counts, for the iframe's script.

use super::{Door, answer::Answer, error::WidgetError, guard::SignedIn, policy, view};
use crate::domain::{Language, PageRequest};
use axum::{
    Json,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

/// Where the wanted part begins, and in which language.
#[derive(Deserialize)]
pub(super) struct Part {
    before: Option<i64>,
    language: Option<String>,
}

/// A part of the list.
pub(super) async fn list(State(door): State<Door>, SignedIn(reader, _): SignedIn, Query(part): Query<Part>) -> Result<Response, WidgetError> {
    let site = door.site(reader.site).await?;
    let page = door.0.inbox.page(&reader, PageRequest { before: part.before, limit: PageRequest::SIZE }).await?;
    let language = language(part.language.as_deref(), &site.language);
    let html = view::items(&view::Reading::new(&site, &language, door.0.inbox.now()), &page.items);
    Ok((policy::private(), Json(Answer::of(page.tally).with_items(html, page.next))).into_response())
}

/// The counts.
pub(super) async fn counts(State(door): State<Door>, SignedIn(reader, _): SignedIn) -> Result<Response, WidgetError> {
    let tally = door.0.inbox.tally(&reader).await?;
    Ok((policy::private(), Json(Answer::of(tally))).into_response())
}

/// The language asked for where it is one, otherwise the site's.
pub(super) fn language(asked: Option<&str>, site: &Language) -> Language {
    asked.and_then(|text| text.parse().ok()).unwrap_or_else(|| site.clone())
}
