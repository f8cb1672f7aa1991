//! `GET /v1/contact/{id}/receipts`: the messages that named a contact or that the contact acted on,
//! with the receipts.
//!
//! Messages to everyone without an action of the contact are not included: no receipt is stored for
//! them.

use crate::{ApiError, ApiState, MessageView, path::PathParam, query::Query};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use belfry_app::AuthenticatedKey;
use belfry_domain::{ContactId, ContactReceipt, MessageId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A message with the contact's receipt.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ContactReceipt)]
pub(crate) struct ReceiptView {
    #[schema(value_type = Object)]
    message: MessageView,
    /// When a list with the message was first returned to the contact, at the latest when it was
    /// seen. `null` if not yet, or if the message predates delivery times.
    delivered_at: Option<String>,
    /// When it was first on the screen, at the latest when it was read.
    seen_at: Option<String>,
    /// Whether it is read, including by "mark all read".
    read: bool,
    /// When it was opened or marked as read, or when "mark all read" covered it.
    read_at: Option<String>,
    /// Whether it was read by "mark all read".
    read_with_all: bool,
    clicked_at: Option<String>,
    archived_at: Option<String>,
    deleted_at: Option<String>,
}

impl ReceiptView {
    pub(super) fn of(receipt: ContactReceipt, now: Timestamp) -> Self {
        let time = |at: Option<Timestamp>| at.and_then(Timestamp::rfc3339);
        Self {
            message: MessageView::of(receipt.message, now),
            delivered_at: time(receipt.delivered_at),
            seen_at: time(receipt.seen_at),
            read: receipt.read,
            read_at: time(receipt.read_at),
            read_with_all: receipt.read_with_all,
            clicked_at: time(receipt.clicked_at),
            archived_at: time(receipt.archived_at),
            deleted_at: time(receipt.deleted_at),
        }
    }
}

/// A page of a contact's messages.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactReceipts)]
pub(crate) struct Receipts {
    items: Vec<ReceiptView>,
    /// Cursor of the next page; `null` on the last page.
    next: Option<String>,
}

/// Lists a contact's messages with their receipts, newest first.
#[utoipa::path(
    get, operation_id = "listReceipts",
    path = "/contact/{id}/receipts",
    tag = "Contacts",
    params(
        ("id" = i64, Path, description = "The contact's id"),
        ("limit" = Option<u32>, Query, description = "Page size: 1 to 100, by default 20"),
        ("cursor" = Option<String>, Query, description = "The `next` value of the previous page"),
    ),
    responses(
        (status = 200, description = "The messages", body = Receipts),
        (status = 400, description = "A parameter is invalid"),
        (status = 404, description = "The contact does not exist"),
    )
)]
pub(crate) async fn receipts(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<i64>,
    RawQuery(query): RawQuery,
) -> Result<Json<Receipts>, ApiError> {
    let query = Query::parse_known(query.as_deref(), &["limit", "cursor"])?;
    let now = api.app.now();
    let (receipts, next) = api
        .app
        .contact_receipts(holder.site, ContactId(id), query.cursor::<MessageId>()?, query.limit()?)
        .await?;
    let items = receipts.into_iter().map(|receipt| ReceiptView::of(receipt, now)).collect();
    Ok(Json(Receipts { items, next: next.map(|message| message.to_string()) }))
}
