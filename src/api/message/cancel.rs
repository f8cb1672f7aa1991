//! `POST /v1/messages/{id}/cancel`: cancels a scheduled message, so that no reader sees it. 409 if
//! it is no longer scheduled: recall it instead, since readers may have read it.

use crate::{ApiError, ApiState, path::PathParam};
use axum::{extract::State, http::StatusCode};
use belfry_app::AuthenticatedKey;
use belfry_domain::MessageId;

/// Cancels a scheduled message.
#[utoipa::path(
    post, operation_id = "cancelMessage",
    path = "/messages/{id}/cancel",
    tag = "Messages",
    params(("id" = String, Path, description = "The message")),
    responses((status = 204, description = "Cancelled"), (status = 404, description = "The message does not exist"), (status = 409, description = "No longer scheduled"))
)]
pub(crate) async fn cancel(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<MessageId>,
) -> Result<StatusCode, ApiError> {
    api.app.cancel(holder.site, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
