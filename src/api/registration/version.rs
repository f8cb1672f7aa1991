//! `GET /v1/version`: version of the server and of the protocol.

use axum::Json;
use belfry_app::AuthenticatedKey;
use serde::Serialize;
use utoipa::ToSchema;

/// Version of the server.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Version {
    version: &'static str,
    protocol_version: &'static str,
}

/// Returns the version of the server.
#[utoipa::path(get, operation_id = "getVersion", path = "/version", tag = "Site", responses((status = 200, description = "The version", body = Version)))]
pub(crate) async fn version(_holder: AuthenticatedKey) -> Json<Version> {
    Json(Version { version: env!("CARGO_PKG_VERSION"), protocol_version: "1" })
}
