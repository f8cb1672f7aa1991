//! A key on the wire: everything but what opens a door.

use crate::{
    api::{schema::ScopeName, time::rfc3339},
    domain::{ApiKey, KeyId, Scopes},
};
use serde::Serialize;

/// A key.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Key)]
pub(in crate::api) struct View {
    /// The part that may be shown and logged.
    #[schema(value_type = String)]
    id: KeyId,
    /// What its owner calls it.
    name: String,
    /// What it may be used for.
    #[schema(value_type = Vec<ScopeName>)]
    scopes: Scopes,
    #[schema(format = DateTime)]
    created_at: Option<String>,
    /// When it was last used, to the minute.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// When it was revoked; from then on it opens nothing.
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
}

impl From<ApiKey> for View {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            scopes: key.scopes,
            created_at: rfc3339(key.created_at),
            last_used_at: key.last_used_at.and_then(rfc3339),
            revoked_at: key.revoked_at.and_then(rfc3339),
        }
    }
}
