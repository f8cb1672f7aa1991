//! `GET /v1/webhooks`: the webhooks of the site, oldest first. There are few, so the list is not
//! paginated.

use super::view::View;
use crate::{
    api::{ApiError, ApiState},
    app::AuthenticatedKey,
};
use axum::{Json, extract::State};
use serde::Serialize;

/// The webhooks of a site.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::api) struct Webhooks {
    items: Vec<View>,
    /// Always `null`.
    next: Option<String>,
}

/// Lists the webhooks of a site.
#[utoipa::path(get, operation_id = "listWebhooks", path = "/webhooks", tag = "Webhooks", responses((status = 200, description = "The webhooks", body = Webhooks)))]
pub(in crate::api) async fn list(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
) -> Result<Json<Webhooks>, ApiError> {
    let endpoints = api.inbox.webhooks(holder.site).await?;
    Ok(Json(Webhooks { items: endpoints.into_iter().map(View::from).collect(), next: None }))
}
