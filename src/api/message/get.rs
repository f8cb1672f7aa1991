//! `GET /v1/messages/{id}`: a stored message, including recalled and expired ones while they are
//! retained.

use super::view::View;
use crate::{
    api::{ApiError, ApiState, path::PathParam},
    app::AuthenticatedKey,
    domain::MessageId,
};
use axum::{Json, extract::State};

/// Returns a message, including recalled and expired ones while they are retained.
#[utoipa::path(get, path = "/messages/{id}", operation_id = "getMessage", tag = "Messages", params(("id" = crate::api::schema::Id, Path, description = "The message.")), responses((status = 200, description = "The message.", body = View)))]
pub(in crate::api) async fn get(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<MessageId>,
) -> Result<Json<View>, ApiError> {
    let message = api.inbox.message(holder.site, id).await?;
    Ok(Json(View::of(message, api.inbox.now())))
}
