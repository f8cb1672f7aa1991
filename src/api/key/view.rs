//! JSON view of an API key. It must not contain the secret.

use belfry_app::body::ScopeName;
use belfry_domain::{ApiKey, KeyId, Scopes, Timestamp};
use serde::Serialize;

/// An API key.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Key)]
pub(crate) struct View {
    /// The public part of the key; it may be shown and logged.
    #[schema(value_type = String)]
    id: KeyId,
    /// The name given by its owner.
    name: String,
    /// The scopes of the key.
    #[schema(value_type = Vec<ScopeName>)]
    scopes: Scopes,
    #[schema(format = DateTime)]
    created_at: Option<String>,
    /// When the key was last used, with a resolution of one minute.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// When the key was revoked; a revoked key is not accepted.
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
}

impl From<ApiKey> for View {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            scopes: key.scopes,
            created_at: key.created_at.rfc3339(),
            last_used_at: key.last_used_at.and_then(Timestamp::rfc3339),
            revoked_at: key.revoked_at.and_then(Timestamp::rfc3339),
        }
    }
}
