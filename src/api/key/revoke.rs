//! `DELETE /v1/keys/{id}`: revokes a key with the tokens and sessions issued by it. A key may
//! revoke itself, so a decommissioned backend can clean up.

use crate::{
    api::{ApiError, ApiState},
    app::AuthenticatedKey,
    domain::KeyId,
};
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};

/// Revokes a key with the tokens and sessions issued by it. A key may revoke itself.
#[utoipa::path(
    delete,
    path = "/keys/{id}",
    operation_id = "revokeKey",
    tag = "Keys",
    params(("id" = String, Path, description = "The key's id, its public part.")),
    responses((status = 204, description = "Revoked."))
)]
pub(in crate::api) async fn revoke(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Ok(Path(id)) = id else { return Err(ApiError::not_found()) };
    api.inbox.revoke_key(holder.site, &KeyId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
