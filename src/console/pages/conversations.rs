//! Conversations: the page on which agents answer. It shows the list, the thread and the contact.
//!
//! Everything works with links and forms. A script (`conversations.js`) submits the same forms in
//! the background and replaces parts of the page when the event stream reports a change. Actions of
//! agents are visible in the thread, so they are not in the audit log, except for canned responses
//! (`canned`). Must not depend on how events reach the hub.

mod act;
mod agent;
mod canned;
mod filter;
mod list;
mod message;
mod phrases;
mod post;
mod show;
mod side_panel;
mod stream;
mod thread;

use crate::Console;
use axum::extract::DefaultBodyLimit;
use belfry_web::router::{Routes, get, post};

pub(super) fn routes() -> Routes<Console> {
    Routes::new()
        .route("/sites/{site}/conversations", get(show::list))
        .route("/sites/{site}/conversations/events", get(stream::events))
        .route("/sites/{site}/conversations/{conversation}", get(show::thread))
        .route(
            "/sites/{site}/conversations/{conversation}/messages",
            post(post::send)
                .map(|methods| methods.layer(DefaultBodyLimit::max(post::MAX_POST_BYTES))),
        )
        .route("/sites/{site}/conversations/{conversation}/messages/{message}", get(message::whole))
        .route(
            "/sites/{site}/conversations/{conversation}/messages/{message}/retry",
            post(act::retry),
        )
        .route("/sites/{site}/conversations/{conversation}/status", post(act::status))
        .route("/sites/{site}/conversations/{conversation}/details", post(act::details))
        .route("/sites/{site}/conversations/{conversation}/seen", post(act::mark_seen))
        .route("/sites/{site}/conversations/{conversation}/typing", post(act::typing))
        .merge(canned::routes())
}
