//! `POST /v1/site/domains` with `{"domain":"shop.example"}`: allows the pages of a domain to show
//! the widget of the key's site.
//!
//! A domain without a scheme means `https://`. Adding a domain that is already allowed succeeds.
//! Belfry does not check that the domain exists.

use crate::{ApiError, ApiState, body::JsonBody};
use axum::{Json, extract::State};
use belfry_app::{AuthenticatedKey, parse_domain};
use belfry_domain::SiteId;
use serde::Serialize;
use utoipa::ToSchema;

/// Result of adding a domain.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DomainAdded {
    /// Always `OK`.
    result: &'static str,
    #[schema(value_type = String)]
    site_id: SiteId,
}

/// Allows the pages of a domain to show the widget.
#[utoipa::path(
    post, operation_id = "addDomain",
    path = "/site/domains",
    tag = "Site",
    request_body(content_type = "application/json", content = Object, description = "`{\"domain\":\"shop.example\"}`"),
    responses((status = 200, description = "Allowed", body = DomainAdded), (status = 400, description = "The domain is invalid, or there are too many"))
)]
pub(crate) async fn add(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody,
) -> Result<Json<DomainAdded>, ApiError> {
    api.app.allow_origin(holder.site, parse_domain(&body)?).await?;
    Ok(Json(DomainAdded { result: "OK", site_id: holder.site }))
}
