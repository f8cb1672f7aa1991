//! Stub.
use crate::console::Console;
use axum::Router;
pub(super) fn routes() -> Router<Console> {
    Router::new()
}
