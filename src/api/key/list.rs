//! `GET /v1/keys`: the keys of the site, oldest first, including revoked ones. There are few, so
//! the list is not paginated.

use super::view::View;
use crate::{
    api::{Api, ApiError},
    app::KeyHolder,
};
use axum::{Json, extract::State};
use serde::Serialize;

/// The keys of a site.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Keys)]
pub(in crate::api) struct Listed {
    items: Vec<View>,
}

/// Lists the keys of the site, oldest first, including revoked ones.
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
