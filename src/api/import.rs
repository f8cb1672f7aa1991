//! Imports: many contacts accepted in one request and processed in the background.

mod failures;
mod get;
mod list;
pub(super) mod start;

use super::ApiState;
use utoipa_axum::{router::OpenApiRouter, routes};

/// All routes of imports, except the bulk route of the existing API, which is among the contacts.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, start::start))
        .routes(routes!(get::get))
        .routes(routes!(failures::failures))
        .routes(routes!(get::status))
}
