//! `POST /v1/keys`: creates a key. A key can't grant scopes that it lacks; without `scopes`, the
//! new key has the scopes of the calling key.

use super::view::View;
use crate::{ApiError, ApiState, audited::Audited, body::JsonBody, idempotency::Redacted};
use axum::{Extension, Json, extract::State, http::StatusCode, response::IntoResponse};
use belfry_app::{AuthenticatedKey, parse_key};
use serde::Serialize;

/// The new key. Only this response contains the secret.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = KeyCreated)]
pub(crate) struct Created {
    #[serde(flatten)]
    key: View,
    /// The whole key; shown only once.
    secret: String,
}

/// Creates a key; its secret is shown only once. A key can't grant scopes that it lacks.
#[utoipa::path(
    post,
    path = "/keys",
    operation_id = "createKey",
    tag = "Keys",
    request_body = belfry_app::body::KeyBody,
    responses((status = 201, description = "The key with its secret.", body = Created))
)]
pub(crate) async fn create(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody,
) -> Result<impl IntoResponse, ApiError> {
    let (name, scopes) = parse_key(&body)?;
    let scopes = scopes.unwrap_or(holder.scopes);
    if let Some(missing) = holder.scopes.lacks(scopes) {
        return Err(ApiError::out_of_scope(missing));
    }
    let (key, secret) = api.app.create_scoped_key(holder.site, &name, scopes).await?;
    let id = key.id.0.clone();
    let created = Created { key: key.into(), secret: secret.reveal().to_owned() };
    let secretive = Extension(Redacted(id.clone()));
    Ok(Audited::new(id, (StatusCode::CREATED, secretive, Json(created))))
}
