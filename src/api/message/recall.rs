//! `DELETE /v1/messages/{id}`: recalls a message; it disappears for every reader. A second recall
//! is 404.

use crate::{ApiError, ApiState, path::PathParam};
use axum::{extract::State, http::StatusCode};
use belfry_app::AuthenticatedKey;
use belfry_domain::MessageId;

/// Recalls a message; it disappears for every reader.
#[utoipa::path(delete, path = "/messages/{id}", operation_id = "recallMessage", tag = "Messages", params(("id" = crate::schema::Id, Path, description = "The message.")), responses((status = 204, description = "Recalled.")))]
pub(crate) async fn recall(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<MessageId>,
) -> Result<StatusCode, ApiError> {
    api.app.recall(holder.site, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
