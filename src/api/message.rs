//! Messages, from the sender's side.

mod cancel;
mod edit;
mod get;
mod list;
mod preview;
mod publish;
mod recall;
mod resend;
mod stats;
mod view;

pub use view::View;

use super::ApiState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, publish::publish))
        .routes(routes!(preview::preview))
        .routes(routes!(get::get, edit::edit, recall::recall))
        .routes(routes!(stats::stats))
        .routes(routes!(cancel::cancel))
        .routes(routes!(resend::resend))
}
