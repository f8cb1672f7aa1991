//! `GET /v1/account/info`: the site of the key. Plugins call it to validate a key.

use crate::{ApiError, ApiState};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;
use belfry_domain::SiteId;
use serde::Serialize;
use utoipa::ToSchema;

/// The site of the API key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountInfo {
    /// The site's id.
    #[schema(value_type = String)]
    org_id: SiteId,
    /// Always empty: a key belongs to a site, not to a person.
    user_email: &'static str,
    /// The site's name.
    organisation_name: String,
}

/// Returns the site of the API key.
#[utoipa::path(get, operation_id = "getAccountInfo", path = "/account/info", tag = "Site", responses((status = 200, description = "The key's site", body = AccountInfo)))]
pub(crate) async fn info(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
) -> Result<Json<AccountInfo>, ApiError> {
    let site = api.app.site(holder.site).await?;
    Ok(Json(AccountInfo { org_id: site.id, user_email: "", organisation_name: site.name }))
}
