//! Deliveries to callback URLs that failed or were dropped: the message that one carried is marked
//! as failed. Called by the delivery of webhooks and by their full queue. Must not depend on how
//! deliveries are attempted.

use super::{
    super::{message, view},
    Emitter, EventDraft, changed_attribute,
};
use crate::{
    Result,
    db::{Columns, query, to_json},
    sql::write_tx::WriteTx,
};
use belfry_domain::{
    InboxEvent, SiteId, Timestamp,
    channel::{
        ConversationEvent, ConversationEventKind, ConversationMessageId, ConversationNumber,
        MessageStatus, Performer,
    },
    webhook_event,
};
use futures_util::{FutureExt as _, future::BoxFuture};
use serde_json::json;
use std::sync::Arc;

pub(in crate::sql) const MESSAGE_OF_DELIVERY: &str =
    "SELECT d.site_id, d.subject, d.error, d.status FROM webhook_delivery AS d CROSS JOIN webhook_endpoint AS e ON e.number = d.endpoint
     WHERE d.number = ?1 AND e.kind = 2 AND d.type IN ('message_created', 'message_updated') AND d.subject IS NOT NULL";
const FAIL_MESSAGE: &str =
    "UPDATE conversation_message SET status = 3, content_attributes = ?4, updated_at = ?5
     WHERE site_id = ?1 AND conversation = ?2 AND id = ?3 AND status <> 3";

/// Handles a delivery whose last attempt failed: a message that it carried to a callback URL is
/// marked as failed.
pub(in crate::sql) async fn handle_failed_delivery(
    tx: &mut WriteTx,
    delivery: i64,
    at: Timestamp,
) -> Result<()> {
    match fail_message_of(tx, delivery, at).await? {
        Some((emitter, event)) => emitter.send(tx, event).await,
        None => Ok(()),
    }
}

/// Handles a delivery that was dropped without another attempt, because the queue was full or it
/// waited too long. Only live subscribers are notified: another delivery in a full queue would push
/// out the next one.
pub(in crate::sql) fn on_dropped_delivery(
    tx: &mut WriteTx,
    delivery: i64,
    at: Timestamp,
) -> BoxFuture<'_, Result<()>> {
    async move {
        if let Some((_, event)) = fail_message_of(tx, delivery, at).await? {
            tx.publish(InboxEvent::Conversation(Arc::new(event)));
        }
        Ok(())
    }
    .boxed()
}

/// A message that has already failed stays unchanged, so that a failed delivery about the failure
/// can't loop.
async fn fail_message_of(
    tx: &mut WriteTx,
    delivery: i64,
    at: Timestamp,
) -> Result<Option<(Emitter, ConversationEvent)>> {
    let Some(row) =
        query(MESSAGE_OF_DELIVERY).bind(delivery).fetch_optional(&mut tx.connection).await?
    else {
        return Ok(None);
    };
    let mut columns = Columns::new(&row);
    let (site, subject): (SiteId, String) = (columns.site()?, columns.value()?);
    let reason = webhook_event::callback_failure(columns.value()?, columns.value()?);
    let ids = subject.split_once('/').and_then(|(conversation, message)| {
        Some((conversation.parse().ok()?, message.parse().ok()?))
    });
    let Some((conversation, message)) = ids else { return Ok(None) };
    fail_message(
        tx,
        site,
        ConversationNumber(conversation),
        ConversationMessageId(message),
        &reason,
        at,
    )
    .await
}

async fn fail_message(
    tx: &mut WriteTx,
    site: SiteId,
    conversation: ConversationNumber,
    message: ConversationMessageId,
    reason: &str,
    at: Timestamp,
) -> Result<Option<(Emitter, ConversationEvent)>> {
    let before = message::one(&mut tx.connection, site, conversation, message).await?;
    let Some(before) = before.filter(|message| message.status != MessageStatus::Failed) else {
        return Ok(None);
    };
    let mut attributes = before.content_attributes.clone();
    attributes.insert("external_error".to_owned(), reason.into());
    query(FAIL_MESSAGE)
        .bind(site.as_bytes())
        .bind(conversation.0)
        .bind(message.0)
        .bind(to_json(&attributes)?)
        .bind(at.millis())
        .execute(&mut tx.connection)
        .await?;
    let Some(view) = view::views(&mut tx.connection, site, &[conversation.0], None).await?.pop()
    else {
        return Ok(None);
    };
    let Some(after) = message::one(&mut tx.connection, site, conversation, message).await? else {
        return Ok(None);
    };
    let changed = vec![
        changed_attribute("status", before.status.as_str().into(), after.status.as_str().into()),
        changed_attribute(
            "content_attributes",
            json!(before.content_attributes),
            json!(after.content_attributes),
        ),
    ];
    let emitter = Emitter::load(tx, site, Some(view.conversation.inbox)).await?;
    let event_draft = EventDraft::new(ConversationEventKind::MessageUpdated)
        .with_message(after)
        .with_changes(changed);
    let event = emitter.event(Some(&view), event_draft, &Performer::System, at);
    Ok(Some((emitter, event)))
}
