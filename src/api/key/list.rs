//! `GET /v1/keys`: the keys of the site, oldest first, revoked ones included. There are few, so they come at once.

use super::view::View;
use crate::{
    api::{Api, ApiError},
    inbox::KeyHolder,
};
use axum::{Json, extract::State};
use serde::Serialize;

/// The answer.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Keys)]
pub(in crate::api) struct Listed {
    items: Vec<View>,
}

/// The keys of the site, oldest first, revoked ones included.
#[utoipa::path(
    get,
    path = "/keys",
    operation_id = "listKeys",
    tag = "Keys",
    responses((status = 200, description = "The keys, without their secrets.", body = Listed))
)]
pub(in crate::api) async fn list(State(api): State<Api>, holder: KeyHolder) -> Result<Json<Listed>, ApiError> {
    Ok(Json(Listed { items: api.inbox.keys(holder.site).await?.into_iter().map(View::from).collect() }))
}
