//! Messages of a site: list, editor, review, results. Contains the routes of its submodules.

mod act;
mod audience;
mod compose;
mod draft;
mod edit_conflict;
mod editor;
mod fields;
mod format;
mod list;
mod phrases;
mod preview;
mod review;
mod show;

// Shared with other pages.
pub(super) use crate::view::{grouped, grouped_count};
pub(super) use audience::{contact, rule_draft};
use belfry_web::router::{Routes, get, post};
pub(super) use fields::{text_area, text_input};
pub(super) use format::brief;
pub(super) use list::title as message_title;

use crate::Console;
use axum::extract::DefaultBodyLimit;

/// Maximum form in bytes: texts in many languages, and pictures.
const MAX_FORM_BYTES: usize = 12 * 1_024 * 1_024;

pub(super) fn routes() -> Routes<Console> {
    let writing = Routes::new()
        .route("/sites/{site}/messages/new", get(compose::new).post(compose::write))
        .route(
            "/sites/{site}/messages/{id}/edit",
            get(compose::stored::edit).post(compose::stored::rewrite),
        )
        .route(
            "/sites/{site}/messages/{id}/duplicate",
            get(compose::duplicate).post(compose::write),
        )
        .route("/sites/{site}/messages/check", post(compose::check))
        .map(|routes| routes.layer(DefaultBodyLimit::max(MAX_FORM_BYTES)));
    Routes::new()
        .route("/sites/{site}/messages", get(list::list))
        .route("/sites/{site}/messages/{id}", get(show::show))
        .route("/sites/{site}/messages/{id}/cancel", post(act::cancel))
        .route("/sites/{site}/messages/{id}/recall", get(act::ask_recall).post(act::recall))
        .route("/sites/{site}/messages/{id}/resend", get(act::ask_resend).post(act::resend))
        .merge(writing)
}
