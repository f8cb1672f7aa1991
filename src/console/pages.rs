//! The pages. Each brings its routes.

mod account;
mod messages;
mod segments;
mod set_up;
mod sign_in;
mod site;
mod sites;

use super::Console;
use axum::Router;

/// All pages; a new one is a line here.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .merge(account::routes())
        .merge(set_up::routes())
        .merge(sign_in::routes())
        .merge(sites::routes())
        .merge(site::routes())
        .merge(messages::routes())
        .merge(segments::routes())
}
