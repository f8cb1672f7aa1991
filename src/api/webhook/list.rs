//! `GET /v1/webhooks`: the webhooks of the site, oldest first. There are few, so the list is not
//! paginated.

use super::view::View;
use crate::{ApiError, ApiState};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;
use serde::Serialize;

/// The webhooks of a site.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Webhooks {
    items: Vec<View>,
    /// Always `null`.
    next: Option<String>,
}

/// Lists the webhooks of a site.
#[utoipa::path(get, operation_id = "listWebhooks", path = "/webhooks", tag = "Webhooks", responses((status = 200, description = "The webhooks", body = Webhooks)))]
pub(crate) async fn list(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
) -> Result<Json<Webhooks>, ApiError> {
    let endpoints = api.app.webhooks(holder.site).await?;
    Ok(Json(Webhooks { items: endpoints.into_iter().map(View::from).collect(), next: None }))
}
