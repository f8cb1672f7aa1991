//! `GET /v1/messages/{id}`: a stored message, including recalled and expired ones while they are
//! retained.

use super::view::View;
use crate::{ApiError, ApiState, path::PathParam};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;
use belfry_domain::MessageId;

/// Returns a message, including recalled and expired ones while they are retained.
#[utoipa::path(get, path = "/messages/{id}", operation_id = "getMessage", tag = "Messages", params(("id" = crate::schema::Id, Path, description = "The message.")), responses((status = 200, description = "The message.", body = View)))]
pub(crate) async fn get(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<MessageId>,
) -> Result<Json<View>, ApiError> {
    let message = api.app.message(holder.site, id).await?;
    Ok(Json(View::of(message, api.app.now())))
}
