//! `PATCH /v1/webhooks/{id}`: changes an endpoint; what is absent stays. To enable one forgives what failed before. A password does not
//! follow its address to another receiver.

use super::view::View;
use crate::{
    api::{Api, ApiError, body::JsonBody, path::Named},
    domain::EndpointId,
    inbox::{KeyHolder, parse_webhook_change},
};
use axum::{Json, extract::State};

/// Changes a webhook. What is absent stays, but for one thing: where `url` moves to another origin (scheme, host or port), the user name and
/// password of a message webhook are dropped, unless `auth` is given with it.
#[utoipa::path(patch, operation_id = "updateWebhook", path = "/webhooks/{id}", tag = "Webhooks", params(("id" = String, Path, description = "The webhook")),
    request_body = serde_json::Value, responses(
    (status = 200, description = "The webhook as it is now", body = View),
    (status = 400, description = "A field is wrong"),
    (status = 404, description = "There is none"),
))]
pub(in crate::api) async fn update(
    State(api): State<Api>,
    holder: KeyHolder,
    Named(id): Named<EndpointId>,
    JsonBody(body): JsonBody,
) -> Result<Json<View>, ApiError> {
    Ok(Json(api.inbox.update_webhook(holder.site, id, &parse_webhook_change(&body)?).await?.into()))
}
