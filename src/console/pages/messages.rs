//! Messages: the list of them, writing one, and what became of it.

mod act;
mod audience;
mod compose;
mod draft;
mod editor;
mod fields;
mod list;
mod overtaken;
mod preview;
mod review;
mod show;
mod when;
mod words;

// What other pages say in the same way.
pub(super) use audience::drafted;
pub(super) use fields::{area, line};
pub(super) use list::title as message_title;
pub(super) use when::brief;
pub(super) use crate::console::view::grouped;

use crate::console::Console;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

/// Largest form: texts in many languages, and a picture for some of them.
const LIMIT: usize = 12 * 1_024 * 1_024;

pub(super) fn routes() -> Router<Console> {
    let writing = Router::new()
        .route("/sites/{site}/messages/new", get(compose::new).post(compose::write))
        .route("/sites/{site}/messages/{id}/edit", get(compose::edit).post(compose::rewrite))
        .route("/sites/{site}/messages/{id}/duplicate", get(compose::duplicate).post(compose::write))
        .route("/sites/{site}/messages/check", post(compose::check))
        .layer(DefaultBodyLimit::max(LIMIT));
    Router::new()
        .route("/sites/{site}/messages", get(list::list))
        .route("/sites/{site}/messages/{id}", get(show::show))
        .route("/sites/{site}/messages/{id}/cancel", post(act::cancel))
        .route("/sites/{site}/messages/{id}/recall", get(act::ask_recall).post(act::recall))
        .route("/sites/{site}/messages/{id}/resend", get(act::ask_resend).post(act::resend))
        .merge(writing)
}
