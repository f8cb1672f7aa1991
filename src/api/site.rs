//! Settings of a site. Must not depend on how the settings are used.

mod settings;

use super::Api;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(settings::get, settings::put))
}
