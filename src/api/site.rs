//! What an owner sets of a site. Must not know what the settings are used for.

mod settings;

use super::Api;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route of this noun.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(settings::get, settings::put))
}
