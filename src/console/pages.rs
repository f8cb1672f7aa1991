//! The console's pages; each module has its own routes. To add a page, see the header of
//! `console.rs`.

mod account;
mod audit;
mod contacts;
mod conversations;
mod inboxes;
mod installation;
mod invitation;
mod members;
mod messages;
mod overview;
mod path_params;
mod sdk_keys;
mod segments;
mod set_up;
mod settings;
mod sign_in;
mod sites;
mod themes;
mod webhooks;

pub(super) use contacts::PendingImports;

use super::Console;
use belfry_web::router::Routes;

/// The routes of all pages.
pub(super) fn routes() -> Routes<Console> {
    Routes::new()
        .merge(account::routes())
        .merge(audit::routes())
        .merge(contacts::routes())
        .merge(conversations::routes())
        .merge(inboxes::routes())
        .merge(invitation::routes())
        .merge(members::routes())
        .merge(messages::routes())
        .merge(overview::routes())
        .merge(segments::routes())
        .merge(set_up::routes())
        .merge(settings::routes())
        .merge(sign_in::routes())
        .merge(sites::routes())
        .merge(installation::routes())
        .merge(themes::routes())
        .merge(webhooks::routes())
}
