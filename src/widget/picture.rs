//! `GET /m/{site}/{name}`: pictures of messages. Names contain a content hash, so browsers cache
//! them without expiry.

use super::{WidgetState, error::WidgetError, theme::PICTURE_CSP};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use belfry_domain::{ImageFormat, SiteId};
use belfry_runtime::cache::{Bounds, Cache};
use belfry_web::etag;
use bytes::Bytes;
use std::time::Duration;

/// Capacity of the cache, in bytes.
const CAPACITY_BYTES: u64 = 32 * 1024 * 1024;
/// How long a picture is cached, and so how long a deleted one may still be served.
const TTL: Duration = Duration::from_secs(3);

/// Recently requested pictures. Concurrent responses share one copy of the bytes, so slow clients
/// do not hold copies.
pub(super) struct PictureCache(Cache<(SiteId, String), (ImageFormat, Bytes)>);

impl PictureCache {
    pub(super) fn new() -> Self {
        Self(Cache::new(
            Bounds::bytes(CAPACITY_BYTES, |_, (_, body): &(ImageFormat, Bytes)| {
                body.len() as u64 + 256
            })
            .with_ttl(TTL),
        ))
    }
}

/// Serves a picture under a content security policy that allows nothing else.
pub(super) async fn show(
    State(state): State<WidgetState>,
    Path((site, name)): Path<(String, String)>,
    request: HeaderMap,
) -> Result<Response, WidgetError> {
    let site: SiteId = site.parse().map_err(|_| WidgetError::NotFound)?;
    let key = (site, name);
    let (kind, body) = if let Some(found) = state.0.picture_cache.0.get(&key) {
        found
    } else {
        let picture = state.0.app.picture(site, &key.1).await?;
        let found = (picture.kind, Bytes::from(picture.body));
        state.0.picture_cache.0.insert(key.clone(), found.clone());
        found
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.as_str())),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PICTURE_CSP)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    Ok(etag::with_etag(&request, etag::etag(&key.1), (headers, Body::from(body)).into_response()))
}
