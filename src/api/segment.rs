//! `segments`: who is meant by a description, under a name or on the spot.

mod count;
mod create;
mod delete;
mod get;
mod list;
mod update;
mod view;

pub use view::View;

use super::Api;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route of this noun.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(count::count)).routes(routes!(
        get::get,
        update::update,
        delete::delete
    ))
}
