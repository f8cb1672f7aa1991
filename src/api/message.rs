//! Messages, as their sender sees them.

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

pub(super) use cancel::cancel;
pub(super) use edit::edit;
pub(super) use get::get;
pub(super) use list::list;
pub(super) use preview::preview;
pub(super) use publish::publish;
pub(super) use recall::recall;
pub(super) use resend::resend;
pub(super) use stats::stats;
pub use view::View;

use super::Api;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route of this noun.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list::list, publish::publish))
        .routes(routes!(preview::preview))
        .routes(routes!(get::get, edit::edit, recall::recall))
        .routes(routes!(stats::stats))
        .routes(routes!(cancel::cancel))
        .routes(routes!(resend::resend))
}
