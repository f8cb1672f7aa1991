//! `GET segments`.

use super::View;
use crate::{
    api::{Api, ApiError},
    domain::{Invalid, SegmentId},
    inbox::KeyHolder,
};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use serde::Serialize;

const USUAL: u32 = 20;

/// A part of the list.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = SegmentList)]
pub(in crate::api) struct Part {
    /// Newest first.
    items: Vec<View>,
    /// For the `cursor` of the next part, if there is one.
    next: Option<String>,
}

/// The site's named segments, newest first.
#[utoipa::path(get, operation_id = "listSegments", path = "/segments", tag = "Segments", params(
    ("limit" = Option<u32>, Query, description = "1 to 100; 20 where it is absent."), ("cursor" = Option<String>, Query,)), responses(
    (status = 200, body = Part), (status = 400, description = "The field and the reason."), (status = 401, description = "No valid key."),
    (status = 429, description = "Too many requests.")))]
pub(in crate::api) async fn list(State(api): State<Api>, holder: KeyHolder, RawQuery(query): RawQuery) -> Result<Json<Part>, ApiError> {
    let query = query.unwrap_or_default();
    let value = |name: &str| url::form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    let limit = value("limit").map_or(Some(USUAL), |text| text.parse().ok().filter(|limit| (1..=100).contains(limit)));
    let limit = limit.ok_or_else(|| Invalid::new("limit", "must be 1 to 100"))?;
    let before = value("cursor").map(|text| text.parse::<SegmentId>()).transpose();
    let before = before.map_err(|_| Invalid::new("cursor", "must be the `next` of an earlier answer"))?;
    let mut segments = api.inbox.segments(holder.site, before, limit + 1).await?;
    let more = segments.len() > limit as usize;
    segments.truncate(limit as usize);
    let next = segments.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Json(Part { items: segments.into_iter().map(View::from).collect(), next }))
}
