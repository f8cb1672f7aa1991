//! Segments: groups of contacts defined by a condition.

mod act;
mod condition;
mod editor;
mod list;
mod phrases;
mod summary;

use crate::Console;
use belfry_web::router::{Routes, get, post};

pub(super) fn routes() -> Routes<Console> {
    Routes::new()
        .route("/sites/{site}/segments", get(list::list))
        .route("/sites/{site}/segments/new", get(act::new).post(act::create))
        .route("/sites/{site}/segments/count", post(act::count))
        .route("/sites/{site}/segments/{id}", get(act::show).post(act::update))
        .route("/sites/{site}/segments/{id}/delete", get(act::ask_delete).post(act::delete))
}
