//! `DELETE /v1/themes/{version}`: deletes a version with its preview links, unless it is published.

use crate::{
    api::{ApiError, ApiState, path::PathParam},
    app::AuthenticatedKey,
    domain::ThemeVersion,
};
use axum::{extract::State, http::StatusCode};

/// Deletes a version with its preview links, unless it is published.
#[utoipa::path(delete, path = "/themes/{version}", operation_id = "deleteTheme", tag = "Themes", params(("version" = u32, Path, description = "The version.")), responses((status = 204, description = "Deleted.")))]
pub(in crate::api) async fn delete(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(version): PathParam<ThemeVersion>,
) -> Result<StatusCode, ApiError> {
    api.inbox.delete_theme(holder.site, version).await?;
    Ok(StatusCode::NO_CONTENT)
}
