//! Updates of conversations: applies a change, writes activity messages, and emits events for what
//! really changed.

use super::{
    CommandResult, agent, attempt, conversation,
    event::{Emitter, EventDraft, changed_attribute},
    merge_attributes, message, post, view,
};
use crate::{
    MAX_READ_AT_ONCE, Result,
    db::{query, query_as},
    sql::write_tx::WriteTx,
};
use belfry_domain::{
    Contact, SiteId, Timestamp, ValidationError,
    channel::{
        AgentId, ChangedAttribute, Conversation, ConversationAccess, ConversationChange,
        ConversationEventKind, ConversationNumber, ConversationStatus, ConversationView,
        MessageStatus, Performer, Priority, Rejection, StatusChange, normalize_labels,
    },
};
use belfry_locales::{
    LocalizedText,
    phrases::{activity, errors},
};
use serde_json::{Value, json};

fn timestamp_value(at: Option<Timestamp>) -> Value {
    at.and_then(Timestamp::rfc3339).map_or(Value::Null, Value::String)
}

/// The attributes that differ, under the names that API clients use.
fn changes(before: &Conversation, after: &Conversation) -> Vec<ChangedAttribute> {
    let values = |conversation: &Conversation| -> [(&'static str, Value); 8] {
        [
            ("status", conversation.status.as_str().into()),
            ("snoozed_until", timestamp_value(conversation.snoozed_until)),
            ("assignee_id", json!(conversation.assignee)),
            ("priority", json!(conversation.priority)),
            ("label_list", json!(conversation.labels)),
            ("custom_attributes", json!(conversation.custom_attributes)),
            ("waiting_since", timestamp_value(conversation.waiting_since)),
            ("first_reply_created_at", timestamp_value(conversation.first_reply_at)),
        ]
    };
    let pairs = values(before).into_iter().zip(values(after));
    pairs
        .filter(|((_, before), (_, after))| before != after)
        .map(|((name, before), (_, after))| changed_attribute(name, before, after))
        .collect()
}

/// Emits the events for what differs: the status, the assignee, and the conversation as a whole.
pub(super) async fn emit_changes(
    tx: &mut WriteTx,
    emitter: &Emitter,
    view: &ConversationView,
    before: &Conversation,
    performer: &Performer,
    now: Timestamp,
) -> Result<()> {
    let changes = changes(before, &view.conversation);
    if changes.is_empty() {
        return Ok(());
    }
    for (name, kind) in [
        ("status", ConversationEventKind::ConversationStatusChanged),
        ("assignee_id", ConversationEventKind::AssigneeChanged),
    ] {
        if changes.iter().any(|change| change.name == name) {
            emitter
                .emit(tx, view, EventDraft::new(kind).with_changes(changes.clone()), performer, now)
                .await?;
        }
    }
    emitter
        .emit(
            tx,
            view,
            EventDraft::new(ConversationEventKind::ConversationUpdated).with_changes(changes),
            performer,
            now,
        )
        .await
}

fn performer_name(performer: &Performer, contact: &str) -> String {
    match performer {
        Performer::Agent(agent) => agent.name.clone(),
        Performer::Contact if contact.is_empty() => "the contact".to_owned(),
        Performer::Contact => contact.to_owned(),
        Performer::System => "System".to_owned(),
    }
}

/// Activity texts for what differs.
fn activity_texts(
    before: &Conversation,
    after: &Conversation,
    assignee: Option<&str>,
    performer: &Performer,
    name: &str,
) -> Vec<LocalizedText> {
    let name = || name.to_owned();
    let mut lines = Vec::new();
    if before.status != after.status {
        lines.push(match (after.status, performer) {
            (ConversationStatus::Resolved, Performer::Contact) => activity::resolved(name()),
            (ConversationStatus::Resolved, _) => activity::marked_resolved(name()),
            (ConversationStatus::Open, _) => activity::reopened(name()),
            (ConversationStatus::Pending, _) => activity::pending(name()),
            (ConversationStatus::Snoozed, _) => activity::snoozed(name()),
        });
    }
    if before.priority != after.priority {
        lines.push(match (before.priority, after.priority) {
            (Some(former), Some(now)) => {
                activity::priority_changed(name(), priority(former), priority(now))
            }
            (None, Some(now)) => activity::priority_set(name(), priority(now)),
            (_, None) => activity::priority_removed(name()),
        });
    }
    if before.assignee != after.assignee {
        lines.push(match (assignee, performer) {
            (Some(_), Performer::Agent(agent)) if after.assignee == Some(agent.id) => {
                activity::self_assigned(name())
            }
            (Some(assignee), _) => activity::assigned(assignee.to_owned(), name()),
            (None, _) => activity::unassigned(name()),
        });
    }
    let missing = |from: &[String], other: &[String]| {
        from.iter().filter(|label| !other.contains(label)).cloned().collect::<Vec<_>>().join(", ")
    };
    let (added, removed) =
        (missing(&after.labels, &before.labels), missing(&before.labels, &after.labels));
    lines.extend((!added.is_empty()).then(|| activity::labels_added(name(), added)));
    lines.extend((!removed.is_empty()).then(|| activity::labels_removed(name(), removed)));
    lines
}

fn priority(priority: Priority) -> LocalizedText {
    match priority {
        Priority::Urgent => activity::URGENT,
        Priority::High => activity::HIGH,
        Priority::Medium => activity::MEDIUM,
        Priority::Low => activity::LOW,
    }
}

/// Applies a change to a conversation, or returns why it is invalid.
fn apply(
    conversation: &mut Conversation,
    change: &ConversationChange,
) -> std::result::Result<(), ValidationError> {
    if let Some(status) = change.status {
        let (status, until) = match status {
            StatusChange::To(status, until) => (status, until),
            StatusChange::Toggle if conversation.status == ConversationStatus::Open => {
                (ConversationStatus::Resolved, None)
            }
            StatusChange::Toggle => (ConversationStatus::Open, None),
        };
        conversation.status = status;
        conversation.snoozed_until = until.filter(|_| status == ConversationStatus::Snoozed);
        if status == ConversationStatus::Resolved {
            conversation.waiting_since = None;
        }
    }
    if let Some(priority) = change.priority {
        conversation.priority = priority;
    }
    if let Some(assignee) = change.assignee {
        conversation.assignee = assignee;
    }
    if let Some(labels) = &change.labels {
        conversation.labels = normalize_labels(labels)?;
    }
    if let Some(attributes) = &change.custom_attributes {
        conversation.custom_attributes.clone_from(attributes);
    }
    if let Some(attributes) = &change.additional_attributes {
        merge_attributes(&mut conversation.additional_attributes, attributes);
    }
    for (field, attributes) in [
        ("custom_attributes", &conversation.custom_attributes),
        ("additional_attributes", &conversation.additional_attributes),
    ] {
        if serde_json::to_string(attributes).map_or(usize::MAX, |text| text.len())
            > Contact::MAX_ATTRIBUTES_BYTES
        {
            return Err(ValidationError::new(field, errors::at_most_kilobytes_json(16)));
        }
    }
    Ok(())
}

pub(super) async fn update(
    tx: &mut WriteTx,
    site: SiteId,
    access: ConversationAccess,
    number: ConversationNumber,
    change: ConversationChange,
    performer: Performer,
    now: Timestamp,
) -> CommandResult<ConversationView> {
    let mut row = attempt!(conversation::load(&mut tx.connection, site, access, number).await?);
    let before = row.clone();
    attempt!(apply(&mut row.conversation, &change));
    if row.conversation == before.conversation {
        return Ok(Ok(view::view(&mut tx.connection, site, number).await?));
    }
    let assignee = match row
        .conversation
        .assignee
        .filter(|assignee| before.conversation.assignee != Some(*assignee))
    {
        Some(assignee) => match agent::one(&mut tx.connection, site, assignee).await? {
            Some(agent) => Some(agent.name),
            None => return Ok(Err(Rejection::NotFound("agent"))),
        },
        None => None,
    };
    let contact = super::contact::one(&mut tx.connection, site, row.conversation.contact).await?;
    let name =
        performer_name(&performer, &contact.map(|contact| contact.name()).unwrap_or_default());
    let mut written = Vec::new();
    for line in activity_texts(
        &before.conversation,
        &row.conversation,
        assignee.as_deref(),
        &performer,
        &name,
    ) {
        written.push((number.0, post::activity(tx, site, &mut row, line, now).await?.0));
    }
    finish(tx, site, &before, row, &written, &performer, now).await.map(Ok)
}

/// Saves a changed conversation, and emits the change and its activity messages.
async fn finish(
    tx: &mut WriteTx,
    site: SiteId,
    before: &view::ConversationRow,
    mut row: view::ConversationRow,
    written: &[(i64, i64)],
    performer: &Performer,
    now: Timestamp,
) -> Result<ConversationView> {
    conversation::save(tx, site, before, &mut row, now).await?;
    let view = view::view(&mut tx.connection, site, row.conversation.number).await?;
    let emitter = Emitter::load(tx, site, Some(row.conversation.inbox)).await?;
    emit_changes(tx, &emitter, &view, &before.conversation, performer, now).await?;
    for message in message::by_ids(&mut tx.connection, site, written).await? {
        emitter
            .emit(
                tx,
                &view,
                EventDraft::new(ConversationEventKind::MessageCreated).with_message(message),
                performer,
                now,
            )
            .await?;
    }
    Ok(view)
}

/// Reopens a snoozed conversation that is due.
pub(super) async fn wake(
    tx: &mut WriteTx,
    site: SiteId,
    number: ConversationNumber,
    now: Timestamp,
) -> Result<()> {
    let Ok(mut row) =
        conversation::load(&mut tx.connection, site, ConversationAccess::Site, number).await?
    else {
        // Its inbox is being deleted: no event is emitted, and the conversation is not looked at
        // again.
        query("UPDATE conversation SET snoozed_until = NULL WHERE site_id = ?1 AND number = ?2")
            .bind(site.as_bytes())
            .bind(number.0)
            .execute(&mut tx.connection)
            .await?;
        return Ok(());
    };
    let before = row.clone();
    (row.conversation.status, row.conversation.snoozed_until) = (ConversationStatus::Open, None);
    let line = post::activity(tx, site, &mut row, activity::REOPENED_BY_SNOOZE, now).await?;
    finish(tx, site, &before, row, &[(number.0, line.0)], &Performer::System, now).await?;
    Ok(())
}

pub(super) async fn seen_by_agent(
    tx: &mut WriteTx,
    site: SiteId,
    access: ConversationAccess,
    number: ConversationNumber,
    agent: AgentId,
    now: Timestamp,
) -> CommandResult<ConversationView> {
    let mut row = attempt!(conversation::load(&mut tx.connection, site, access, number).await?);
    let before = row.clone();
    row.agent_seen_at = row
        .conversation
        .last_message
        .map_or(row.agent_seen_at, |message| message.0.max(row.agent_seen_at));
    row.conversation.agent_last_seen_at = Some(now);
    if row.conversation.assignee == Some(agent) {
        row.conversation.assignee_last_seen_at = Some(now);
    }
    conversation::save(tx, site, &before, &mut row, now).await?;
    let view = view::view(&mut tx.connection, site, number).await?;
    let emitter = Emitter::load(tx, site, Some(row.conversation.inbox)).await?;
    let performer = agent::one(&mut tx.connection, site, agent)
        .await?
        .map_or(Performer::System, |agent| Performer::Agent(Box::new(agent)));
    emitter
        .emit(tx, &view, EventDraft::new(ConversationEventKind::ConversationRead), &performer, now)
        .await?;
    Ok(Ok(view))
}

pub(in crate::sql) const UNSEEN: &str = "SELECT id, status FROM conversation_message INDEXED BY conversation_message_unseen
     WHERE site_id = ?1 AND conversation = ?2 AND kind = 1 AND private = 0 AND status < 2 ORDER BY id DESC LIMIT ?3 + 0";
pub(in crate::sql) const READ: &str = "UPDATE conversation_message SET status = 2, updated_at = ?4
     WHERE site_id = ?1 AND conversation = ?2 AND id IN (SELECT CAST(value AS BIGINT) FROM json_each(?3))";

pub(super) async fn seen_by_contact(
    tx: &mut WriteTx,
    site: SiteId,
    access: ConversationAccess,
    number: ConversationNumber,
    now: Timestamp,
) -> CommandResult<ConversationView> {
    let mut row = attempt!(conversation::load(&mut tx.connection, site, access, number).await?);
    let before = row.clone();
    row.conversation.contact_last_seen_at = Some(now);
    let mut unseen: Vec<(i64, i64)> = query_as(UNSEEN)
        .bind(site.as_bytes())
        .bind(number.0)
        .bind(MAX_READ_AT_ONCE)
        .fetch_all(&mut tx.connection)
        .await?;
    unseen.reverse();
    let ids: Vec<i64> = unseen.iter().map(|(id, _)| *id).collect();
    if !ids.is_empty() {
        query(READ)
            .bind(site.as_bytes())
            .bind(number.0)
            .bind(json!(ids).to_string())
            .bind(now.millis())
            .execute(&mut tx.connection)
            .await?;
    }
    conversation::save(tx, site, &before, &mut row, now).await?;
    let view = view::view(&mut tx.connection, site, number).await?;
    if !ids.is_empty() {
        let wanted: Vec<(i64, i64)> = ids.iter().map(|id| (number.0, *id)).collect();
        let messages = message::by_ids(&mut tx.connection, site, &wanted).await?;
        let emitter = Emitter::load(tx, site, Some(row.conversation.inbox)).await?;
        for (message, (_, status)) in messages.into_iter().zip(unseen) {
            let former = MessageStatus::from_int(status).unwrap_or(MessageStatus::Sent);
            let changes = vec![changed_attribute(
                "status",
                former.as_str().into(),
                message.status.as_str().into(),
            )];
            let event_draft = EventDraft::new(ConversationEventKind::MessageUpdated)
                .with_message(message)
                .with_changes(changes);
            emitter.emit(tx, &view, event_draft, &Performer::Contact, now).await?;
        }
    }
    Ok(Ok(view))
}

pub(super) async fn typing(
    tx: &mut WriteTx,
    site: SiteId,
    access: ConversationAccess,
    number: ConversationNumber,
    (on, private): (bool, bool),
    performer: Performer,
    now: Timestamp,
) -> CommandResult<()> {
    let row = attempt!(conversation::load(&mut tx.connection, site, access, number).await?);
    let view = view::view(&mut tx.connection, site, number).await?;
    let emitter = Emitter::load(tx, site, Some(row.conversation.inbox)).await?;
    let kind = if on { ConversationEventKind::TypingOn } else { ConversationEventKind::TypingOff };
    emitter
        .emit(tx, &view, EventDraft { private, ..EventDraft::new(kind) }, &performer, now)
        .await?;
    Ok(Ok(()))
}
