//! Settings of a site. Must not depend on how the settings are used.

mod settings;

use super::ApiState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(settings::get, settings::put))
}
