//! `GET`, `PUT /v1/site/settings`: languages, retention and categories. Replaced as a whole.

use crate::{ApiError, ApiState, body::JsonBody};
use axum::{Json, extract::State};
use belfry_app::{AuthenticatedKey, body::SiteSettingsBody, parse_settings};
use belfry_domain::SiteSettings;

/// Returns the settings of the site.
#[utoipa::path(
    get,
    path = "/site/settings",
    operation_id = "getSettings",
    tag = "Site",
    responses((status = 200, description = "The settings.", body = SiteSettingsBody))
)]
pub(crate) async fn get(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
) -> Result<Json<SiteSettings>, ApiError> {
    Ok(Json(api.app.settings(holder.site).await?))
}

/// Replaces the settings of the site; absent members get their default.
#[utoipa::path(
    put,
    path = "/site/settings",
    operation_id = "putSettings",
    tag = "Site",
    request_body = SiteSettingsBody,
    responses((status = 200, description = "The changed settings.", body = SiteSettingsBody))
)]
pub(crate) async fn put(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody,
) -> Result<Json<SiteSettings>, ApiError> {
    let settings = parse_settings(&body)?;
    api.app.update_settings(holder.site, &settings).await?;
    Ok(Json(settings))
}
