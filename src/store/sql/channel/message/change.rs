//! Changes a message: its delivery status, its deletion, its retry and its content attributes. Each
//! change is emitted as an event. Called by the parent module. Must not depend on how messages are
//! listed.

use super::{
    super::{
        CommandResult, attachment, attempt, conversation,
        event::{Emitter, EventDraft, changed_attribute},
        merge_attributes, search_index, view,
    },
    MessageKey, one,
};
use crate::{
    Result,
    db::{Connection, query, query_as, to_json},
    sql::write_tx::WriteTx,
};
use belfry_domain::{
    SiteId, Timestamp, ValidationError,
    channel::{
        ConversationAccess, ConversationEventKind, ConversationMessage, MessageStatus, NewMessage,
        Performer, PostedMessage, Rejection,
    },
};
use belfry_locales::phrases::errors;
use serde_json::{Map, Value, json};

/// The content that replaces that of a deleted message.
const DELETED_CONTENT: &str = "This message was deleted";

/// A message that the caller has access to.
async fn accessible(
    tx: &mut WriteTx,
    site: SiteId,
    access: ConversationAccess,
    place: MessageKey,
) -> CommandResult<ConversationMessage> {
    attempt!(conversation::load(&mut tx.connection, site, access, place.0).await?);
    Ok(visible_message(&mut tx.connection, site, access, place)
        .await?
        .ok_or(Rejection::NotFound("message")))
}

pub(super) async fn visible_message(
    connection: &mut Connection,
    site: SiteId,
    access: ConversationAccess,
    place: MessageKey,
) -> Result<Option<ConversationMessage>> {
    let public_alone =
        matches!(access, ConversationAccess::Session(_) | ConversationAccess::Contact(_));
    Ok(one(connection, site, place.0, place.1)
        .await?
        .filter(|message| !public_alone || message.is_public()))
}

/// Writes the changed fields of a message and emits the update. `None` when nothing has changed.
async fn save(
    tx: &mut WriteTx,
    site: SiteId,
    before: &ConversationMessage,
    mut after: ConversationMessage,
    performer: &Performer,
    now: Timestamp,
) -> Result<PostedMessage> {
    let view = |connection| view::view(connection, site, before.conversation);
    if *before == after {
        return Ok(PostedMessage { view: view(&mut tx.connection).await?, message: after });
    }
    after.updated_at = now;
    if after.content != before.content {
        after.activity = None;
    }
    query(
        "UPDATE conversation_message SET content = ?4, content_type = ?5, content_attributes = ?6, status = ?7, attachments = ?8, updated_at = ?9, activity = ?10
         WHERE site_id = ?1 AND conversation = ?2 AND id = ?3",
    )
    .bind(site.as_bytes())
    .bind(after.conversation.0)
    .bind(after.id.0)
    .bind(&after.content)
    .bind(after.content_type.as_int())
    .bind(to_json(&after.content_attributes)?)
    .bind(after.status.as_int())
    .bind(u32::try_from(after.attachments.len()).unwrap_or(u32::MAX))
    .bind(now.millis())
    .bind(after.activity.as_ref().map(to_json).transpose()?)
    .execute(&mut tx.connection)
    .await?;
    let pairs = [
        ("content", json!(before.content), json!(after.content)),
        ("status", before.status.as_str().into(), after.status.as_str().into()),
        ("content_attributes", json!(before.content_attributes), json!(after.content_attributes)),
    ];
    let changes = pairs.into_iter().filter(|(_, previous, current)| previous != current);
    let changes = changes
        .map(|(name, previous, current)| changed_attribute(name, previous, current))
        .collect();
    if after.content != before.content {
        conversation::touch_revision(tx, site, before.conversation).await?;
    }
    let view = view(&mut tx.connection).await?;
    let emitter = Emitter::load(tx, site, Some(after.inbox)).await?;
    let event_draft = EventDraft::new(ConversationEventKind::MessageUpdated)
        .with_message(after.clone())
        .with_changes(changes);
    emitter.emit(tx, &view, event_draft, performer, now).await?;
    Ok(PostedMessage { view, message: after })
}

pub(super) async fn set_status(
    tx: &mut WriteTx,
    site: SiteId,
    access: ConversationAccess,
    place: MessageKey,
    (status, external_error): (MessageStatus, Option<String>),
    now: Timestamp,
) -> CommandResult<PostedMessage> {
    let before = attempt!(accessible(tx, site, access, place).await?);
    let mut after = before.clone();
    // A message that was read stays read: a late "delivered" does not reset it.
    if !(before.status == MessageStatus::Read && status == MessageStatus::Delivered) {
        after.status = status;
        if let (MessageStatus::Failed, Some(error)) = (status, &external_error) {
            after.content_attributes.insert(
                "external_error".to_owned(),
                error.chars().take(1_000).collect::<String>().into(),
            );
        } else if status != MessageStatus::Failed {
            after.content_attributes.remove("external_error");
        }
    }
    Ok(Ok(save(tx, site, &before, after, &Performer::System, now).await?))
}

pub(super) async fn delete(
    tx: &mut WriteTx,
    site: SiteId,
    access: ConversationAccess,
    place: MessageKey,
    performer: Performer,
    now: Timestamp,
) -> CommandResult<PostedMessage> {
    let before = attempt!(accessible(tx, site, access, place).await?);
    let mut after = before.clone();
    after.content = Some(DELETED_CONTENT.to_owned());
    after.content_attributes = Map::from_iter([("deleted".to_owned(), true.into())]);
    after.attachments = Vec::new();
    attachment::delete_of_message(tx, site, place.1.0).await?;
    let row: Option<(i64, Option<String>)> =
        query_as("SELECT row, content FROM conversation_message WHERE site_id = ?1 AND conversation = ?2 AND id = ?3")
            .bind(site.as_bytes())
            .bind(place.0.0)
            .bind(place.1.0)
            .fetch_optional(&mut tx.connection)
            .await?;
    if let Some((row, Some(content))) = row {
        search_index::delete_message_words(tx, site, row, &content).await?;
    }
    Ok(Ok(save(tx, site, &before, after, &performer, now).await?))
}

pub(super) async fn retry(
    tx: &mut WriteTx,
    site: SiteId,
    access: ConversationAccess,
    place: MessageKey,
    now: Timestamp,
) -> CommandResult<PostedMessage> {
    let before = attempt!(accessible(tx, site, access, place).await?);
    if before.status != MessageStatus::Failed {
        return Ok(Ok(PostedMessage {
            view: view::view(&mut tx.connection, site, place.0).await?,
            message: before,
        }));
    }
    let after = ConversationMessage {
        status: MessageStatus::Sent,
        content_attributes: Map::new(),
        ..before.clone()
    };
    let posted = save(tx, site, &before, after, &Performer::System, now).await?;
    let emitter = Emitter::load(tx, site, Some(before.inbox)).await?;
    emitter.redeliver(tx, &posted.view, posted.message.clone(), now).await?;
    Ok(Ok(posted))
}

pub(super) async fn merge(
    tx: &mut WriteTx,
    site: SiteId,
    access: ConversationAccess,
    place: MessageKey,
    attributes: Map<String, Value>,
    performer: Performer,
    now: Timestamp,
) -> CommandResult<PostedMessage> {
    let before = attempt!(accessible(tx, site, access, place).await?);
    let mut after = before.clone();
    merge_attributes(&mut after.content_attributes, &attributes);
    if to_json(&after.content_attributes)?.len() > NewMessage::MAX_ATTRIBUTES_BYTES {
        return Ok(Err(ValidationError::new(
            "content_attributes",
            errors::at_most_kilobytes_json(64),
        )
        .into()));
    }
    Ok(Ok(save(tx, site, &before, after, &performer, now).await?))
}
