//! `PATCH /v1/messages/{id}`: changes the given members of a message. Readers who have it open see
//! the new text. Publication time and audience can be changed only while it is scheduled; after
//! that the response is 409.

use super::view::View;
use crate::{ApiError, ApiState, body::JsonBody, path::PathParam};
use axum::{Json, extract::State};
use belfry_app::{AuthenticatedKey, parse_edit};
use belfry_domain::MessageId;

/// Changes the given members of a message. Readers who have it open see the new text.
#[utoipa::path(patch, path = "/messages/{id}", operation_id = "editMessage", tag = "Messages", params(("id" = crate::schema::Id, Path, description = "The message.")), request_body = belfry_app::body::MessageEditBody, responses((status = 200, description = "The changed message.", body = View)))]
pub(crate) async fn edit(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<MessageId>,
    JsonBody(body): JsonBody,
) -> Result<Json<View>, ApiError> {
    let message = api.app.edit(holder.site, id, &parse_edit(&body, api.app.now())?, None).await?;
    Ok(Json(View::of(message, api.app.now())))
}
