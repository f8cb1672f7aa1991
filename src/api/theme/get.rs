//! `GET /v1/themes/{version}`: one version in any state.

use super::view::View;
use crate::{
    api::{ApiError, ApiState, path::PathParam},
    app::AuthenticatedKey,
    domain::ThemeVersion,
};
use axum::{Json, extract::State};

/// Returns one version in any state.
#[utoipa::path(get, path = "/themes/{version}", operation_id = "getTheme", tag = "Themes", params(("version" = u32, Path, description = "The version.")), responses((status = 200, description = "The version.", body = View)))]
pub(in crate::api) async fn get(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(version): PathParam<ThemeVersion>,
) -> Result<Json<View>, ApiError> {
    Ok(Json(api.inbox.theme(holder.site, version).await?.into()))
}
