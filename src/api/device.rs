//! Devices of a contact: where an app of the site reads for them. The id is a secret, so it comes in a body and is never shown again;
//! the fingerprint stands for it.

mod bind;
mod list;
mod unbind;

use super::{Api, time::rfc3339};
use crate::domain::Device;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route of this noun.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(bind::bind, list::list)).routes(routes!(unbind::unbind))
}

/// A device that is bound to a contact.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Device)]
pub struct View {
    /// A name for it that opens nothing.
    fingerprint: String,
    /// When it was bound last.
    bound_at: Option<String>,
}

impl From<&Device> for View {
    fn from(device: &Device) -> Self {
        Self { fingerprint: device.fingerprint(), bound_at: rfc3339(device.bound_at) }
    }
}
