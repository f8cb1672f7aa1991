//! `DELETE /v1/keys/{id}`: revokes a key with the tokens and sessions issued by it. A key may
//! revoke itself, so a decommissioned backend can clean up.

use crate::{ApiError, ApiState};
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use belfry_app::AuthenticatedKey;
use belfry_domain::KeyId;

/// Revokes a key with the tokens and sessions issued by it. A key may revoke itself.
#[utoipa::path(
    delete,
    path = "/keys/{id}",
    operation_id = "revokeKey",
    tag = "Keys",
    params(("id" = String, Path, description = "The key's id, its public part.")),
    responses((status = 204, description = "Revoked."))
)]
pub(crate) async fn revoke(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Ok(Path(id)) = id else { return Err(ApiError::not_found()) };
    api.app.revoke_key(holder.site, &KeyId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
