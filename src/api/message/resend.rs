//! `POST /v1/messages/{id}/resend`: publishes a message again as a new one, optionally with another
//! audience or other times.

use super::publish::created_response;
use crate::{ApiError, ApiState, body::JsonBody, idempotency, path::PathParam};
use axum::{extract::State, http::HeaderMap, response::Response};
use belfry_app::{AuthenticatedKey, fingerprint, parse_resend};
use belfry_domain::{Digest, IdempotentRequest, MessageId};

/// Publishes a message again, as a new one.
#[utoipa::path(
    post, operation_id = "resendMessage",
    path = "/messages/{id}/resend",
    tag = "Messages",
    params(("id" = String, Path, description = "The message")),
    request_body(content = Object, description = "Optional: `audience`, `publishAt`, `expiresAt` of the new message"),
    responses(
        (status = 201, description = "Published again as a new message; `id` is the new id"),
        (status = 400, description = "The body is invalid"),
        (status = 404, description = "The message does not exist"),
        (status = 422, description = "The `Idempotency-Key` was used before with a different request")
    )
)]
pub(crate) async fn resend(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<MessageId>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let of = |key| IdempotentRequest {
        key,
        fingerprint: Digest::of(&format!("resend {id} {:?}", fingerprint(&body).0)),
    };
    let idempotency = idempotency::idempotency_key(&headers)?.map(of);
    if let Some(idempotency) = &idempotency
        && let Some(receipt) = api.app.earlier_publish(holder.site, idempotency).await?
    {
        return Ok(created_response(receipt));
    }
    let other = parse_resend(&body, api.app.now())?;
    Ok(created_response(api.app.resend(holder.site, id, other, idempotency.as_ref()).await?))
}
