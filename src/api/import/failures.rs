//! `GET /v1/imports/{id}/failures`: errors of an import, row by row. The first thousand are stored.

use crate::{ApiError, ApiState, path::PathParam, query::Query};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use belfry_app::AuthenticatedKey;
use belfry_domain::{ImportId, ImportProblem};
use serde::Serialize;
use utoipa::ToSchema;

/// An error of an import.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportFailure)]
struct Failure {
    /// Position of the contact in the request, counted from 1; for a table the row number, where
    /// row 1 has the headings.
    row: u32,
    /// The field; empty if the whole row is meant.
    field: String,
    reason: String,
    /// Whether the row was imported nevertheless.
    imported: bool,
}

impl From<ImportProblem> for Failure {
    fn from(ImportProblem { row, error, imported }: ImportProblem) -> Self {
        Self { row, field: error.field, reason: error.reason.to_string(), imported }
    }
}

/// A page of errors.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportFailures)]
pub(crate) struct Failures {
    items: Vec<Failure>,
    /// Cursor of the next page; `null` on the last page.
    next: Option<String>,
}

/// Lists the errors of an import.
#[utoipa::path(
    get, operation_id = "listImportFailures",
    path = "/imports/{id}/failures",
    tag = "Contacts",
    params(
        ("id" = String, Path, description = "The import"),
        ("limit" = Option<u32>, Query, description = "Page size: 1 to 100, by default 20"),
        ("cursor" = Option<String>, Query, description = "The `next` value of the previous page"),
    ),
    responses(
        (status = 200, description = "The errors", body = Failures),
        (status = 400, description = "A parameter is invalid"),
        (status = 404, description = "The import does not exist"),
    )
)]
pub(crate) async fn failures(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<ImportId>,
    RawQuery(query): RawQuery,
) -> Result<Json<Failures>, ApiError> {
    let query = Query::parse_known(query.as_deref(), &["limit", "cursor"])?;
    let (problems, next) = api
        .app
        .import_failures(
            holder.site,
            id,
            query.cursor::<u32>()?.unwrap_or_default(),
            query.limit()?,
        )
        .await?;
    Ok(Json(Failures {
        items: problems.into_iter().map(Failure::from).collect(),
        next: next.map(|number| number.to_string()),
    }))
}
