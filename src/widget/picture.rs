//! `GET /m/{site}/{name}`: pictures of messages. A name comes from the content, so browsers keep it for good.

use super::{Door, error::WidgetError, theme::CONFINED};
use crate::domain::SiteId;
use axum::{
    extract::{Path, State},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};

/// Serves a picture as a picture and nothing else.
pub(super) async fn show(State(door): State<Door>, Path((site, name)): Path<(String, String)>) -> Result<Response, WidgetError> {
    let site: SiteId = site.parse().map_err(|_| WidgetError::NotFound)?;
    let picture = door.0.inbox.picture(site, &name).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(picture.kind.as_str())),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONFINED)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
    ];
    Ok((headers, picture.body).into_response())
}
