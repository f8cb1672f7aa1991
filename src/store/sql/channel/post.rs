//! Writes new messages, and applies their effects on the conversation.

use super::{
    CommandResult, attachment, attempt, conversation,
    event::{Emitter, EventDraft},
    inbox, message, search_index, update, view,
    view::ConversationRow,
};
use crate::{
    Conflict, Result, StoreError,
    db::{query, query_as, query_scalar, to_json},
    sql::write_tx::WriteTx,
};
use belfry_domain::{
    SiteId, Timestamp,
    channel::{
        ContentType, ConversationAccess, ConversationEventKind, ConversationMessage,
        ConversationMessageId, ConversationNumber, ConversationStatus, ConversationView,
        MAX_MESSAGES_PER_MINUTE, MessageKind, MessageStatus, NewMessage, Performer, PostedMessage,
        Rejection,
    },
};
use belfry_locales::{LocalizedText, StoredText, phrases::activity as activity_texts};

/// The stored sender id when the contact sent the message.
pub(super) const SENDER_CONTACT: i64 = -1;
const SENDER_NONE: i64 = 0;

const MINUTE_MILLIS: i64 = 60_000;

/// Allocates the next message id and the next revision of its conversation.
async fn next_id(
    tx: &mut WriteTx,
    site: SiteId,
    row: &mut ConversationRow,
) -> Result<ConversationMessageId> {
    let numbers: Option<(i64, i64)> = query_as(
        "UPDATE site_counter SET last_message = last_message + 1, last_revision = last_revision + 1 WHERE site_id = ?1
         RETURNING last_message, last_revision",
    )
    .bind(site.as_bytes())
    .fetch_optional(&mut tx.connection)
    .await?;
    let (id, revision) = numbers.ok_or(Conflict::UnknownSite)?;
    row.conversation.revision = revision;
    Ok(ConversationMessageId(id))
}

fn sender(kind: MessageKind, performer: &Performer) -> i64 {
    match (kind, performer) {
        (MessageKind::Incoming, _) => SENDER_CONTACT,
        (MessageKind::Outgoing | MessageKind::Template, Performer::Agent(agent)) => agent.id.0,
        _ => SENDER_NONE,
    }
}

async fn insert(
    tx: &mut WriteTx,
    site: SiteId,
    conversation: &mut ConversationRow,
    (draft, activity): (&NewMessage, Option<&StoredText>),
    sender: i64,
    now: Timestamp,
) -> Result<ConversationMessageId> {
    let id = next_id(tx, site, conversation).await?;
    let row: i64 = query_scalar(
        "INSERT INTO conversation_message (site_id, conversation, id, kind, content, content_type, content_attributes, additional_attributes,
            private, status, source_id, sender, attachments, created_at, updated_at, activity)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) RETURNING row",
    )
    .bind(site.as_bytes())
    .bind(conversation.conversation.number.0)
    .bind(id.0)
    .bind(draft.kind.as_int())
    .bind(&draft.content)
    .bind(draft.content_type.as_int())
    .bind(to_json(&draft.content_attributes)?)
    .bind(to_json(&draft.additional_attributes)?)
    .bind(draft.private)
    .bind(MessageStatus::Sent.as_int())
    .bind(&draft.source_id)
    .bind(sender)
    .bind(u32::try_from(draft.attachments.len()).unwrap_or(u32::MAX))
    .bind(draft.external_created_at.unwrap_or(now).millis())
    .bind(now.millis())
    .bind(activity.map(to_json).transpose()?)
    .fetch_one(&mut tx.connection)
    .await?;
    if draft.kind != MessageKind::Activity
        && let Some(content) = &draft.content
    {
        search_index::index_message(tx, site, row, content).await?;
    }
    for attachment in &draft.attachments {
        attachment::add(tx, site, id, attachment).await?;
    }
    Ok(id)
}

/// Writes an activity message. The caller saves the conversation and emits the event.
pub(super) async fn activity(
    tx: &mut WriteTx,
    site: SiteId,
    row: &mut ConversationRow,
    line: LocalizedText,
    now: Timestamp,
) -> Result<ConversationMessageId> {
    let draft = NewMessage {
        content_type: ContentType::Text,
        ..NewMessage::text(MessageKind::Activity, line.to_string())
    };
    let line = StoredText::from(&line);
    let id = insert(tx, site, row, (&draft, Some(&line)), SENDER_NONE, now).await?;
    row.conversation.last_message = Some(id);
    row.conversation.last_activity_at = now;
    Ok(id)
}

/// The messages that one call wrote.
pub(super) struct WrittenMessages {
    /// The activity message before the message.
    activity: Option<ConversationMessageId>,
    message: ConversationMessageId,
    /// The automatic reply of the inbox.
    reply: Option<ConversationMessageId>,
}

impl WrittenMessages {
    /// Drops the activity message, so that no event is emitted for it.
    pub(super) fn without_activity(self) -> Self {
        Self { activity: None, ..self }
    }
}

/// Writes a message and applies its effects to the conversation, which the caller saves.
pub(super) async fn write(
    tx: &mut WriteTx,
    site: SiteId,
    row: &mut ConversationRow,
    draft: &NewMessage,
    performer: &Performer,
    now: Timestamp,
) -> CommandResult<WrittenMessages> {
    attempt!(draft.check());
    let minute = now.millis().div_euclid(MINUTE_MILLIS);
    if row.reply_minute != minute {
        (row.reply_minute, row.replies_in_minute) = (minute, 0);
    }
    if row.replies_in_minute >= MAX_MESSAGES_PER_MINUTE {
        return Ok(Err(Rejection::TooManyMessages));
    }
    row.replies_in_minute += 1;
    let mut reopened = None;
    if draft.kind == MessageKind::Incoming
        && matches!(
            row.conversation.status,
            ConversationStatus::Resolved | ConversationStatus::Snoozed
        )
    {
        (row.conversation.status, row.conversation.snoozed_until) =
            (ConversationStatus::Open, None);
        reopened = Some(activity(tx, site, row, activity_texts::REOPENED_BY_MESSAGE, now).await?);
    }
    let id = insert(tx, site, row, (draft, None), sender(draft.kind, performer), now).await?;
    apply_to_conversation(row, draft, id, performer, now);
    let mut reply = None;
    if draft.kind == MessageKind::Incoming {
        query(
            "INSERT INTO channel_contact (site_id, contact_id, last_activity_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (site_id, contact_id) DO UPDATE SET last_activity_at = excluded.last_activity_at",
        )
        .bind(site.as_bytes())
        .bind(row.conversation.contact.0)
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
        reply = auto_reply(tx, site, row, now).await?;
    }
    Ok(Ok(WrittenMessages { activity: reopened, message: id, reply }))
}

/// Applies a written message to the fields of its conversation.
fn apply_to_conversation(
    row: &mut ConversationRow,
    draft: &NewMessage,
    id: ConversationMessageId,
    performer: &Performer,
    now: Timestamp,
) {
    let conversation = &mut row.conversation;
    conversation.last_message = Some(id);
    conversation.last_activity_at = now;
    if draft.kind != MessageKind::Activity {
        row.last_message_id = Some(id.0);
    }
    let said_at = Some(draft.external_created_at.unwrap_or(now));
    match draft.kind {
        MessageKind::Incoming => {
            conversation.last_incoming_at = Some(now);
            conversation.waiting_since.get_or_insert(now);
        }
        MessageKind::Outgoing if !draft.private => {
            row.last_replies.by_agents = row.last_replies.by_agents.max(said_at);
            if matches!(performer, Performer::Agent(_)) {
                conversation.first_reply_at.get_or_insert(now);
                conversation.waiting_since = None;
            }
        }
        MessageKind::Template => {
            row.last_replies.by_system = row.last_replies.by_system.max(said_at);
        }
        MessageKind::Outgoing | MessageKind::Activity => {}
    }
}

/// Writes the automatic reply of the inbox to an incoming message.
async fn auto_reply(
    tx: &mut WriteTx,
    site: SiteId,
    row: &mut ConversationRow,
    now: Timestamp,
) -> Result<Option<ConversationMessageId>> {
    let settings = inbox::one(&mut tx.connection, site, row.conversation.inbox)
        .await?
        .map(|inbox| inbox.settings);
    let Some(text) =
        settings.as_ref().and_then(|settings| settings.automatic_reply(row.last_replies, now))
    else {
        return Ok(None);
    };
    let draft = NewMessage::text(MessageKind::Template, text);
    let id = insert(tx, site, row, (&draft, None), SENDER_NONE, now).await?;
    apply_to_conversation(row, &draft, id, &Performer::System, now);
    Ok(Some(id))
}

/// Emits the written messages and returns the one that the caller posted, with the echo id of its
/// request.
pub(super) async fn emit(
    tx: &mut WriteTx,
    emitter: &Emitter,
    view: &ConversationView,
    written: &WrittenMessages,
    echo_id: Option<&str>,
    performer: &Performer,
    now: Timestamp,
) -> Result<ConversationMessage> {
    let ids = written.activity.into_iter().chain([written.message]).chain(written.reply);
    let wanted: Vec<(i64, i64)> = ids.map(|id| (view.conversation.number.0, id.0)).collect();
    let mut posted_message = None;
    for message in message::by_ids(&mut tx.connection, emitter.site, &wanted).await? {
        let echo_id = echo_id.filter(|_| message.id == written.message).map(str::to_owned);
        let performer =
            if Some(message.id) == written.reply { &Performer::System } else { performer };
        let event_draft = EventDraft {
            echo_id,
            ..EventDraft::new(ConversationEventKind::MessageCreated).with_message(message.clone())
        };
        emitter.emit(tx, view, event_draft, performer, now).await?;
        let mentioned = message.mentions();
        if !mentioned.is_empty() {
            let event_draft = EventDraft {
                mentioned,
                ..EventDraft::new(ConversationEventKind::ConversationMentioned)
            };
            emitter.emit(tx, view, event_draft, performer, now).await?;
        }
        if message.id == written.message {
            posted_message = Some(message);
        }
    }
    posted_message.ok_or_else(|| {
        StoreError::Inconsistent("a message is missing after it was written".to_owned())
    })
}

pub(super) async fn post(
    tx: &mut WriteTx,
    site: SiteId,
    access: ConversationAccess,
    number: ConversationNumber,
    draft: NewMessage,
    performer: Performer,
    now: Timestamp,
) -> CommandResult<PostedMessage> {
    let mut row = attempt!(conversation::load(&mut tx.connection, site, access, number).await?);
    let before = row.clone();
    let written = attempt!(write(tx, site, &mut row, &draft, &performer, now).await?);
    conversation::save(tx, site, &before, &mut row, now).await?;
    let view = view::view(&mut tx.connection, site, number).await?;
    let emitter = Emitter::load(tx, site, Some(row.conversation.inbox)).await?;
    let message =
        emit(tx, &emitter, &view, &written, draft.echo_id.as_deref(), &performer, now).await?;
    if before.conversation.first_reply_at.is_none() && row.conversation.first_reply_at.is_some() {
        emitter
            .emit(
                tx,
                &view,
                EventDraft::new(ConversationEventKind::FirstReplyCreated)
                    .with_message(message.clone()),
                &performer,
                now,
            )
            .await?;
    }
    update::emit_changes(tx, &emitter, &view, &before.conversation, &performer, now).await?;
    tx.set_subject(message.id);
    Ok(Ok(PostedMessage { view, message }))
}
