//! `GET /v1/contact/{id}/receipts`: the messages that went to a contact by name, or that it did something with, and what it did.
//!
//! Messages for everyone that the contact left alone are not among them: nothing is kept of those.

use crate::{
    api::{Api, ApiError, MessageView, path::Named, query::Query, time::rfc3339},
    domain::{ContactId, ContactReceipt, MessageId, Timestamp},
    inbox::KeyHolder,
};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A message with what the contact did.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ContactReceipt)]
pub(in crate::api) struct Entry {
    #[schema(value_type = Object)]
    message: MessageView,
    /// When a list with it was first answered to the contact, at the latest when it was seen. `null` when that was not yet, or
    /// before such times were kept.
    delivered_at: Option<String>,
    /// When it was first on the screen, at the latest when it was read.
    seen_at: Option<String>,
    /// Also by "all read".
    read: bool,
    /// When it was opened or marked as read, or when "all read" reached it.
    read_at: Option<String>,
    /// Whether it was "all read" that read it.
    read_with_all: bool,
    clicked_at: Option<String>,
    archived_at: Option<String>,
    deleted_at: Option<String>,
}

impl Entry {
    pub(super) fn of(receipt: ContactReceipt, now: Timestamp) -> Self {
        let time = |at: Option<Timestamp>| at.and_then(rfc3339);
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

/// A part of a contact's messages.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactReceipts)]
pub(in crate::api) struct Receipts {
    items: Vec<Entry>,
    /// The `cursor` of the next part.
    next: Option<String>,
}

/// A contact's messages with what became of them, newest first.
#[utoipa::path(
    get, operation_id = "listReceipts",
    path = "/contact/{id}/receipts",
    tag = "Contacts",
    params(
        ("id" = i64, Path, description = "Number of the contact"),
        ("limit" = Option<u32>, Query, description = "1 to 100; 20 when absent"),
        ("cursor" = Option<String>, Query, description = "The `next` of the part before"),
    ),
    responses(
        (status = 200, description = "The messages", body = Receipts),
        (status = 400, description = "A parameter can't be read"),
        (status = 404, description = "There is no such contact"),
    )
)]
pub(in crate::api) async fn receipts(
    State(api): State<Api>,
    holder: KeyHolder,
    Named(id): Named<i64>,
    RawQuery(query): RawQuery,
) -> Result<Json<Receipts>, ApiError> {
    let query = Query::among(query.as_deref(), &["limit", "cursor"])?;
    let now = api.inbox.now();
    let (receipts, next) = api.inbox.contact_receipts(holder.site, ContactId(id), query.cursor::<MessageId>()?, query.limit()?).await?;
    let items = receipts.into_iter().map(|receipt| Entry::of(receipt, now)).collect();
    Ok(Json(Receipts { items, next: next.map(|message| message.to_string()) }))
}
