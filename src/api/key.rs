//! API keys, managed with a key that has the scope `admin`. A secret must appear only in the
//! response that creates the key.

mod create;
mod list;
mod revoke;
mod view;

use super::ApiState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(revoke::revoke))
}
