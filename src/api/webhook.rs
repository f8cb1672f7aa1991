//! Webhooks: registration, deliveries and replay.

mod create;
mod delete;
mod deliveries;
mod get;
mod list;
mod replay;
mod secret;
mod test;
mod update;
mod view;

pub use view::{DeliveryView, View};

use super::ApiState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(get::get, update::update, delete::delete))
        .routes(routes!(secret::rotate))
        .routes(routes!(test::test))
        .routes(routes!(replay::replay_all))
        .routes(routes!(deliveries::deliveries))
        .routes(routes!(deliveries::delivery))
        .routes(routes!(replay::replay))
}
