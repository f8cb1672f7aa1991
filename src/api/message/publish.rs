//! `POST /v1/messages`: publishes a message. It is durable when the 201 is sent.
//!
//! With an `Idempotency-Key` (1 to 255 visible ASCII characters) the request can be repeated
//! safely: the same key and body return the same response with `Idempotent-Replayed: true`; the
//! same key with another body is 422. Bodies are compared as JSON, ignoring white space and key
//! order.

use crate::{
    ApiError, ApiState,
    body::JsonBody,
    idempotency::{self, REPLAYED_HEADER},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use belfry_app::{AuthenticatedKey, PublishReceipt, fingerprint, parse_message};
use belfry_domain::{IdempotentRequest, MessageId};
use serde::Serialize;

/// Id of the message.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = MessagePublished)]
pub(crate) struct Published {
    #[schema(value_type = crate::schema::Id)]
    id: MessageId,
}

/// Publishes a message. It is durable when the response is sent.
#[utoipa::path(post, path = "/messages", operation_id = "publishMessage", tag = "Messages", request_body = belfry_app::body::MessageBody, responses((status = 201, description = "The message's id.", body = Published)))]
pub(crate) async fn publish(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let key = idempotency::idempotency_key(&headers)?;
    let idempotency = key.map(|key| IdempotentRequest { key, fingerprint: fingerprint(&body) });
    let earlier = match &idempotency {
        Some(idempotency) => api.app.earlier_publish(holder.site, idempotency).await?,
        None => None,
    };
    let receipt = match earlier {
        Some(receipt) => receipt,
        None => {
            api.app
                .publish(holder.site, parse_message(&body, api.app.now())?, idempotency.as_ref())
                .await?
        }
    };
    Ok(created_response(receipt))
}

/// 201 with the message's id.
pub(super) fn created_response(receipt: PublishReceipt) -> Response {
    let answer = (StatusCode::CREATED, Json(Published { id: receipt.id }));
    if receipt.is_repeated {
        ([(REPLAYED_HEADER, "true")], answer).into_response()
    } else {
        answer.into_response()
    }
}
