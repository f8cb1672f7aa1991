//! `GET /v1/keys`: the keys of the site, oldest first, including revoked ones. There are few, so
//! the list is not paginated.

use super::view::View;
use crate::{ApiError, ApiState};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;
use serde::Serialize;

/// The keys of a site.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Keys)]
pub(crate) struct KeyList {
    items: Vec<View>,
}

/// Lists the keys of the site, oldest first, including revoked ones.
#[utoipa::path(
    get,
    path = "/keys",
    operation_id = "listKeys",
    tag = "Keys",
    responses((status = 200, description = "The keys, without their secrets.", body = KeyList))
)]
pub(crate) async fn list(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
) -> Result<Json<KeyList>, ApiError> {
    Ok(Json(KeyList {
        items: api.app.keys(holder.site).await?.into_iter().map(View::from).collect(),
    }))
}
