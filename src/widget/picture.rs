//! `GET /m/{site}/{name}`: pictures of messages. A name comes from the content, so browsers keep it for good.

use super::{Door, error::WidgetError, theme::CONFINED};
use crate::{
    cache::{Bounds, Cache},
    domain::{PictureType, SiteId},
    web::validator,
};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use std::time::Duration;

/// Bytes of pictures that are kept in memory.
const CAPACITY_BYTES: u64 = 32 * 1024 * 1024;
/// How long a picture is kept, and so how long a deleted one may still be served.
const TTL: Duration = Duration::from_secs(3);

/// Pictures that were asked for a moment ago. Answers under way share the bytes of one, so that slow clients hold no copies.
pub(super) struct Pictures(Cache<(SiteId, String), (PictureType, Bytes)>);

impl Pictures {
    pub(super) fn new() -> Self {
        Self(Cache::bounded(Bounds::bytes(CAPACITY_BYTES, |_, (_, body): &(PictureType, Bytes)| body.len() as u64 + 256).for_at_most(TTL)))
    }
}

/// Serves a picture as a picture and nothing else.
pub(super) async fn show(State(door): State<Door>, Path((site, name)): Path<(String, String)>, request: HeaderMap) -> Result<Response, WidgetError> {
    let site: SiteId = site.parse().map_err(|_| WidgetError::NotFound)?;
    let key = (site, name);
    let (kind, body) = if let Some(found) = door.0.pictures.0.get(&key) {
        found
    } else {
        let picture = door.0.inbox.picture(site, &key.1).await?;
        let found = (picture.kind, Bytes::from(picture.body));
        door.0.pictures.0.insert(key.clone(), found.clone());
        found
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.as_str())),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONFINED)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
    ];
    Ok(validator::with_tag(&request, validator::tag(&key.1), (headers, Body::from(body)).into_response()))
}
