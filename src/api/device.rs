//! Devices of a contact, with which an app of the site reads through the App Inbox API. A device id
//! is a secret, so it is sent in a body and never returned; the fingerprint identifies it.

mod bind;
mod list;
mod unbind;

use super::ApiState;
use belfry_domain::Device;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(bind::bind, list::list)).routes(routes!(unbind::unbind))
}

/// A device that is bound to a contact.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Device)]
pub struct View {
    /// Identifies the device; it grants no access.
    fingerprint: String,
    /// When the device was last bound.
    bound_at: Option<String>,
}

impl From<&Device> for View {
    fn from(device: &Device) -> Self {
        Self { fingerprint: device.fingerprint(), bound_at: device.bound_at.rfc3339() }
    }
}
