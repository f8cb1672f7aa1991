//! `GET /v1/imports/{id}`, and `GET /v1/importstatus/{asyncSessionId}` in the format of the
//! existing API: progress of an import.

use crate::{ApiError, ApiState, path::PathParam};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;
use belfry_domain::{Import, ImportId, ImportState, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// An import.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Import)]
pub(crate) struct View {
    #[schema(value_type = String)]
    id: ImportId,
    /// `started`, `importing`, `finished` or `error`.
    state: &'static str,
    total: u32,
    /// Sum of the four counts below.
    done: u32,
    created: u32,
    updated: u32,
    /// Rows whose contact is deleted.
    skipped: u32,
    failed: u32,
    created_at: Option<String>,
    started_at: Option<String>,
    finished_at: Option<String>,
}

impl From<Import> for View {
    fn from(import: Import) -> Self {
        Self {
            id: import.id,
            state: match import.state {
                ImportState::Started => "started",
                ImportState::Importing => "importing",
                ImportState::Finished => "finished",
                ImportState::Error => "error",
            },
            total: import.total,
            done: import.processed,
            created: import.created,
            updated: import.updated,
            skipped: import.skipped,
            failed: import.failed,
            created_at: import.created_at.rfc3339(),
            started_at: import.started_at.and_then(Timestamp::rfc3339),
            finished_at: import.finished_at.and_then(Timestamp::rfc3339),
        }
    }
}

/// Progress of an import, in the format of the existing API.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportStatus)]
pub(crate) struct Status {
    #[schema(value_type = String)]
    async_session_id: ImportId,
    /// `STARTED`, `IMPORTING`, `FINISHED` or `ERROR`.
    #[serde(rename = "status")]
    word: String,
    total: u32,
    done: u32,
    failed: u32,
}

/// Returns the progress of an import.
#[utoipa::path(
    get, operation_id = "getImport",
    path = "/imports/{id}",
    tag = "Contacts",
    params(("id" = String, Path, description = "The import")),
    responses((status = 200, description = "The import", body = View), (status = 404, description = "The import does not exist"))
)]
pub(crate) async fn get(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<ImportId>,
) -> Result<Json<View>, ApiError> {
    Ok(Json(api.app.import(holder.site, id).await?.into()))
}

/// Returns the progress of an import, in the format of the existing API.
#[utoipa::path(
    get, operation_id = "getImportStatus",
    path = "/importstatus/{id}",
    tag = "Contacts",
    params(("id" = String, Path, description = "The `asyncSessionId`")),
    responses((status = 200, description = "The progress", body = Status), (status = 404, description = "The import does not exist"))
)]
pub(crate) async fn status(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<ImportId>,
) -> Result<Json<Status>, ApiError> {
    let View { id, state, total, done, failed, .. } = api.app.import(holder.site, id).await?.into();
    Ok(Json(Status { async_session_id: id, word: state.to_ascii_uppercase(), total, done, failed }))
}
