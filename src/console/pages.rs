//! The pages. Each brings its routes.

mod account;
mod contacts;
mod named;
mod set_up;
mod sign_in;
mod site;
mod sites;
mod themes;
mod webhooks;

pub(super) use contacts::Sheets;

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
        .merge(contacts::routes())
        .merge(themes::routes())
        .merge(webhooks::routes())
}
