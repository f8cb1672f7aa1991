//! `segments`: stored audiences, and counting the contacts that match a condition.

mod count;
mod create;
mod delete;
mod get;
mod list;
mod update;
mod view;

pub use view::View;

use super::ApiState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(count::count))
        .routes(routes!(get::get, update::update, delete::delete))
}
