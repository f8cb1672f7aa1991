//! `POST /v1/contacts`, and the same as `POST /v1/imports`: accepts 1 to 3,000 contacts, which are
//! imported in the background.
//!
//! The contacts are durable when the response is sent. A contact that can't be parsed is a failed
//! row, listed by `GET /v1/imports/{id}/failures`; `failedContacts` exists for clients of the
//! existing API and is empty.

use crate::{
    ApiError, ApiState,
    audited::Audited,
    body::{JsonBody, MAX_BULK_BYTES},
};
use axum::{Json, extract::State, http::StatusCode};
use belfry_app::{AppError, AuthenticatedKey, import_rows, parse_contacts};
use belfry_domain::ImportId;
use belfry_runtime::blocking::LARGE_INPUTS;
use bytes::Bytes;
use serde::Serialize;
use utoipa::ToSchema;

/// Response in the format of the existing API.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BulkAccepted)]
pub(crate) struct BulkAccepted {
    /// Always 0.
    id: u32,
    /// Id for `GET importstatus/{asyncSessionId}`.
    #[schema(value_type = String)]
    async_session_id: ImportId,
    /// Always empty.
    #[schema(value_type = Vec<i64>)]
    failed_contacts: [u32; 0],
}

/// Id of the accepted import.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportAccepted)]
pub(crate) struct ImportAccepted {
    #[schema(value_type = String)]
    id: ImportId,
}

/// Imports contacts, in the format of the existing API.
#[utoipa::path(
    post, operation_id = "importContacts",
    path = "/contacts",
    tag = "Contacts",
    request_body(content_type = "application/json", content = Object, description = "`{\"contacts\":[…],\"dedupeOn\":\"email\",\"restoreDeleted\":false,\"groupNames\":[…],\"groupNamesExclude\":[…]}`, at most 8 MiB"),
    responses(
        (status = 200, description = "Accepted", body = BulkAccepted),
        (status = 400, description = "The request is invalid"),
        (status = 413, description = "The body is too large"),
        (status = 429, description = "20 imports of the site are in progress"),
    )
)]
pub(crate) async fn start_bulk(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody<MAX_BULK_BYTES>,
) -> Result<Audited<Json<BulkAccepted>>, ApiError> {
    let id = accept(&api, &holder, body).await?;
    Ok(Audited::new(id, Json(BulkAccepted { id: 0, async_session_id: id, failed_contacts: [] })))
}

/// Imports contacts.
#[utoipa::path(
    post, operation_id = "startImport",
    path = "/imports",
    tag = "Contacts",
    request_body(content_type = "application/json", content = Object, description = "The body of `POST /v1/contacts`"),
    responses(
        (status = 201, description = "Accepted", body = ImportAccepted),
        (status = 400, description = "The request is invalid"),
        (status = 413, description = "The body is too large"),
        (status = 429, description = "20 imports of the site are in progress"),
    )
)]
pub(crate) async fn start(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody<MAX_BULK_BYTES>,
) -> Result<Audited<(StatusCode, Json<ImportAccepted>)>, ApiError> {
    let id = accept(&api, &holder, body).await?;
    Ok(Audited::new(id, (StatusCode::CREATED, Json(ImportAccepted { id }))))
}

async fn accept(
    api: &ApiState,
    holder: &AuthenticatedKey,
    body: Bytes,
) -> Result<ImportId, ApiError> {
    let read = LARGE_INPUTS.run_for(holder.site, move || {
        let (rows, options) = parse_contacts(&body)?;
        Ok::<_, AppError>((import_rows(rows)?, options))
    });
    let (rows, options) = read.await.map_err(AppError::from)??;
    Ok(api.app.start_import(holder.site, rows, &options).await?)
}
