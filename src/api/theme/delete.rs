//! `DELETE /v1/themes/{version}`: deletes a version with its preview links, unless it is published.

use crate::{ApiError, ApiState, path::PathParam};
use axum::{extract::State, http::StatusCode};
use belfry_app::AuthenticatedKey;
use belfry_domain::ThemeVersion;

/// Deletes a version with its preview links, unless it is published.
#[utoipa::path(delete, path = "/themes/{version}", operation_id = "deleteTheme", tag = "Themes", params(("version" = u32, Path, description = "The version.")), responses((status = 204, description = "Deleted.")))]
pub(crate) async fn delete(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(version): PathParam<ThemeVersion>,
) -> Result<StatusCode, ApiError> {
    api.app.delete_theme(holder.site, version).await?;
    Ok(StatusCode::NO_CONTENT)
}
