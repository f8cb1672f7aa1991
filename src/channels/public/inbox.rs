//! `GET` of the inbox itself.

use super::{PublicState, json, request::InboxRequest, view::InboxView};
use axum::response::Response;
use utoipa_axum::{router::UtoipaMethodRouter, routes};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<PublicState>> {
    vec![routes!(show)]
}

/// The inbox: what it is called, and when it is attended.
#[utoipa::path(
    get,
    path = "/public/api/v1/inboxes/{inbox_identifier}",
    operation_id = "publicInbox",
    tag = "Public client API",
    params(("inbox_identifier" = String, Path, description = "The public name of the inbox.")),
    responses((status = 200, description = "The inbox.", body = inline(InboxView<'static>)))
)]
async fn show(context: InboxRequest) -> Response {
    json(&InboxView::new(&context.inbox.inbox))
}
