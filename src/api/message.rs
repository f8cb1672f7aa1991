//! Messages, as their sender sees them.

mod edit;
mod get;
mod publish;
mod recall;
mod view;

pub use view::View;

use super::Api;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route of this noun.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(publish::publish)).routes(routes!(get::get, edit::edit, recall::recall))
}
