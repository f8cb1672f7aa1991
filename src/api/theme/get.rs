//! `GET /v1/themes/{version}`: one version in any state.

use super::view::View;
use crate::{ApiError, ApiState, path::PathParam};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;
use belfry_domain::ThemeVersion;

/// Returns one version in any state.
#[utoipa::path(get, path = "/themes/{version}", operation_id = "getTheme", tag = "Themes", params(("version" = u32, Path, description = "The version.")), responses((status = 200, description = "The version.", body = View)))]
pub(crate) async fn get(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(version): PathParam<ThemeVersion>,
) -> Result<Json<View>, ApiError> {
    Ok(Json(api.app.theme(holder.site, version).await?.into()))
}
