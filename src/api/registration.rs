//! What plugins of the existing products ask when a shop is connected: whether the key is good, and what goes into the pages.

mod account;
mod domains;
mod script;
mod version;

use super::Api;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route of this noun.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(account::info))
        .routes(routes!(version::version))
        .routes(routes!(domains::add))
        .routes(routes!(script::script))
}
