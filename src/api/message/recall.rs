//! `DELETE /v1/messages/{id}`: recalls a message; it disappears for every reader. A second recall
//! is 404.

use crate::{
    api::{ApiError, ApiState, path::PathParam},
    app::AuthenticatedKey,
    domain::MessageId,
};
use axum::{extract::State, http::StatusCode};

/// Recalls a message; it disappears for every reader.
#[utoipa::path(delete, path = "/messages/{id}", operation_id = "recallMessage", tag = "Messages", params(("id" = crate::api::schema::Id, Path, description = "The message.")), responses((status = 204, description = "Recalled.")))]
pub(in crate::api) async fn recall(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<MessageId>,
) -> Result<StatusCode, ApiError> {
    api.inbox.recall(holder.site, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
