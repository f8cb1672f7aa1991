//! Conversations: the page on which agents answer, all day. A list beside a thread beside the
//! contact.
//!
//! Everything works by links and forms. A script (`conversations.js`) sends the same forms without
//! a new page, and puts parts of the same pages in place when the stream says that something
//! changed. What agents do here is shown in the thread itself, so it is not in the audit log; but
//! for canned responses (`canned`). Must not know how events reach the hub.

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

use crate::console::Console;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/sites/{site}/conversations", get(show::list))
        .route("/sites/{site}/conversations/events", get(stream::events))
        .route("/sites/{site}/conversations/{conversation}", get(show::thread))
        .route(
            "/sites/{site}/conversations/{conversation}/messages",
            post(post::send).layer(DefaultBodyLimit::max(post::MAX_POST_BYTES)),
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
