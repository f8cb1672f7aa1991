//! `GET`, `PUT /v1/site/settings`: languages, retention and categories. Replaced as a whole.

use crate::{
    api::{ApiError, ApiState, body::JsonBody, schema::SiteSettingsBody},
    app::{AuthenticatedKey, parse_settings},
    domain::SiteSettings,
};
use axum::{Json, extract::State};

/// Returns the settings of the site.
#[utoipa::path(
    get,
    path = "/site/settings",
    operation_id = "getSettings",
    tag = "Site",
    responses((status = 200, description = "The settings.", body = SiteSettingsBody))
)]
pub(in crate::api) async fn get(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
) -> Result<Json<SiteSettings>, ApiError> {
    Ok(Json(api.inbox.settings(holder.site).await?))
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
pub(in crate::api) async fn put(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody,
) -> Result<Json<SiteSettings>, ApiError> {
    let settings = parse_settings(&body)?;
    api.inbox.update_settings(holder.site, &settings).await?;
    Ok(Json(settings))
}
