//! `POST /v1/themes/publish`: publishes the draft. The body is ignored.

use super::view::View;
use crate::{
    api::{ApiError, ApiState},
    app::AuthenticatedKey,
};
use axum::{Json, extract::State};

/// Publishes the draft.
#[utoipa::path(post, path = "/themes/publish", operation_id = "publishTheme", tag = "Themes", responses((status = 200, description = "The published theme.", body = View)))]
pub(in crate::api) async fn publish(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
) -> Result<Json<View>, ApiError> {
    Ok(Json(api.inbox.publish_theme(holder.site).await?.into()))
}
