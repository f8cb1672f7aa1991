//! Many contacts at once: accepted in one request, done in the background, asked after while they are.

mod failures;
mod get;
mod list;
pub(super) mod start;

use super::Api;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route of this noun but the bulk of the contract, which stands with the contacts.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list::list, start::start))
        .routes(routes!(get::get))
        .routes(routes!(failures::failures))
        .routes(routes!(get::status))
}
