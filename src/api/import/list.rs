//! `GET /v1/imports`: a site's imports, newest first. They are listed until thirty days after their
//! end.

use super::get::View;
use crate::{ApiError, ApiState, query::Query};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use belfry_app::AuthenticatedKey;
use belfry_domain::ImportId;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of a site's imports.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportList)]
pub(crate) struct Imports {
    items: Vec<View>,
    /// Cursor of the next page; `null` on the last page.
    next: Option<String>,
}

/// Lists a site's imports, newest first.
#[utoipa::path(
    get, operation_id = "listImports",
    path = "/imports",
    tag = "Contacts",
    params(
        ("limit" = Option<u32>, Query, description = "Page size: 1 to 100, by default 20"),
        ("cursor" = Option<String>, Query, description = "The `next` value of the previous page"),
    ),
    responses((status = 200, description = "The imports", body = Imports), (status = 400, description = "A parameter is invalid"))
)]
pub(crate) async fn list(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    RawQuery(query): RawQuery,
) -> Result<Json<Imports>, ApiError> {
    let query = Query::parse_known(query.as_deref(), &["limit", "cursor"])?;
    let (imports, next) =
        api.app.imports(holder.site, query.cursor::<ImportId>()?, query.limit()?).await?;
    Ok(Json(Imports {
        items: imports.into_iter().map(View::from).collect(),
        next: next.map(|import| import.to_string()),
    }))
}
