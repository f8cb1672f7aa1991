//! Keys, as whoever holds one with the scope `admin` sees them. Must not show a secret but to the one who asked for the key.

mod create;
mod list;
mod revoke;
mod view;

use super::Api;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route of this noun.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(revoke::revoke))
}
