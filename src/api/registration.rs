//! Routes for plugins: check an API key, get the snippet, and allow a domain.

mod account;
mod domains;
mod script;
mod version;

use super::ApiState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(account::info))
        .routes(routes!(version::version))
        .routes(routes!(domains::add))
        .routes(routes!(script::script))
}
