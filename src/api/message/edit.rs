//! `PATCH /v1/messages/{id}`: changes the given members of a message. Readers who have it open see
//! the new text. Publication time and audience can be changed only while it is scheduled; after
//! that the response is 409.

use super::view::View;
use crate::{
    api::{ApiError, ApiState, body::JsonBody, path::PathParam},
    app::{AuthenticatedKey, parse_edit},
    domain::MessageId,
};
use axum::{Json, extract::State};

/// Changes the given members of a message. Readers who have it open see the new text.
#[utoipa::path(patch, path = "/messages/{id}", operation_id = "editMessage", tag = "Messages", params(("id" = crate::api::schema::Id, Path, description = "The message.")), request_body = crate::api::schema::MessageEditBody, responses((status = 200, description = "The changed message.", body = View)))]
pub(in crate::api) async fn edit(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<MessageId>,
    JsonBody(body): JsonBody,
) -> Result<Json<View>, ApiError> {
    let message =
        api.inbox.edit(holder.site, id, &parse_edit(&body, api.inbox.now())?, None).await?;
    Ok(Json(View::of(message, api.inbox.now())))
}
