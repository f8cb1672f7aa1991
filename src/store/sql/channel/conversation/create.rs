//! Creates conversations: their session, their numbers and the first message.

use super::super::{
    CommandResult, agent, attempt, check_access, contact,
    event::{Emitter, EventDraft},
    inbox, list, post, search_index, session, view,
    view::ConversationRow,
};
use super::{NEWEST_OF_SESSION, save};
use crate::{
    Result,
    db::{query, query_as, query_scalar},
    sql::write_tx::WriteTx,
    vault::Vault,
};
use belfry_domain::{
    Contact, ContactId, SiteId, Timestamp, ValidationError,
    channel::{
        ContactInboxId, Conversation, ConversationAccess, ConversationEventKind,
        ConversationNumber, ConversationStatus, CreatedConversation, InboxId, LastReplies,
        NewContactSession, NewConversation, Performer, Rejection,
    },
};
use belfry_locales::phrases::errors;

/// The session of a new conversation.
async fn session_for(
    tx: &mut WriteTx,
    vault: &Vault,
    site: SiteId,
    access: ConversationAccess,
    draft: &NewConversation,
    now: Timestamp,
) -> CommandResult<ContactInboxId> {
    if let ConversationAccess::Session(own) = access {
        return Ok(Ok(own));
    }
    if let (Some(inbox), Some(contact)) = (draft.inbox, draft.contact) {
        if inbox::one(&mut tx.connection, site, inbox).await?.is_none() {
            return Ok(Err(Rejection::NotFound("inbox")));
        }
        attempt!(check_access(&mut tx.connection, site, access, inbox).await?);
        if contact::one(&mut tx.connection, site, contact).await?.is_none() {
            return Ok(Err(Rejection::NotFound("contact")));
        }
        if draft.source_id.is_none()
            && let Some(found) = session::newest(&mut tx.connection, site, inbox, contact).await?
        {
            return Ok(Ok(found));
        }
        let source_id = draft.source_id.clone().unwrap_or_else(|| draft.session.source_id.clone());
        let new = NewContactSession { source_id, pubsub_token: draft.session.pubsub_token.clone() };
        return Ok(session::add(tx, vault, (site, inbox, contact), &new, (false, None), now)
            .await?
            .map(|session| session.id));
    }
    let Some(source_id) = &draft.source_id else { return Ok(Err(Rejection::NotFound("session"))) };
    let mut rejection = Rejection::NotFound("session");
    for (found, inbox) in session::with_source(&mut tx.connection, site, source_id).await? {
        if draft.inbox.is_some_and(|wanted| wanted != inbox) {
            continue;
        }
        match check_access(&mut tx.connection, site, access, inbox).await? {
            Ok(()) => return Ok(Ok(found)),
            Err(Rejection::Forbidden) => rejection = Rejection::Forbidden,
            Err(_) => {}
        }
    }
    Ok(Err(rejection))
}

async fn insert(
    tx: &mut WriteTx,
    site: SiteId,
    draft: &NewConversation,
    of: (InboxId, ContactId, ContactInboxId),
    blocked: bool,
    now: Timestamp,
) -> Result<ConversationRow> {
    let (inbox, contact, session) = of;
    let (number, revision): (i64, i64) = query_as(
        "UPDATE site_counter SET last_conversation = last_conversation + 1, last_revision = last_revision + 1 WHERE site_id = ?1
         RETURNING last_conversation, last_revision",
    )
    .bind(site.as_bytes())
    .fetch_one(&mut tx.connection)
    .await?;
    let status = draft.status.unwrap_or(if blocked {
        ConversationStatus::Resolved
    } else {
        ConversationStatus::Open
    });
    let conversation = Conversation {
        number: ConversationNumber(number),
        uuid: draft.uuid,
        inbox,
        contact,
        session,
        status,
        snoozed_until: draft.snoozed_until.filter(|_| status == ConversationStatus::Snoozed),
        priority: draft.priority,
        assignee: draft.assignee,
        labels: Vec::new(),
        custom_attributes: draft.custom_attributes.clone(),
        additional_attributes: draft.additional_attributes.clone(),
        created_at: now,
        updated_at: now,
        last_activity_at: now,
        last_incoming_at: None,
        waiting_since: Some(now),
        first_reply_at: None,
        contact_last_seen_at: None,
        agent_last_seen_at: None,
        assignee_last_seen_at: None,
        last_message: None,
        revision,
        watchers: Vec::new(),
    };
    query(
        "INSERT INTO conversation (site_id, number, uuid, inbox_id, contact_id, contact_inbox_id, status, created_at, updated_at, last_activity_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?8)",
    )
    .bind(site.as_bytes())
    .bind(number)
    .bind(draft.uuid.as_bytes())
    .bind(inbox.0)
    .bind(contact.0)
    .bind(session.0)
    .bind(status.as_int())
    .bind(now.millis())
    .execute(&mut tx.connection)
    .await?;
    if let Some(person) = contact::one(&mut tx.connection, site, contact).await? {
        search_index::index_contact(tx, site, &person).await?;
    }
    Ok(ConversationRow {
        conversation,
        last_message_id: None,
        agent_seen_at: 0,
        reply_minute: 0,
        replies_in_minute: 0,
        last_replies: LastReplies::default(),
    })
}

/// Validates a new conversation.
fn check(draft: &NewConversation) -> std::result::Result<(), ValidationError> {
    for (field, attributes) in [
        ("custom_attributes", &draft.custom_attributes),
        ("additional_attributes", &draft.additional_attributes),
    ] {
        if serde_json::to_string(attributes).map_or(usize::MAX, |text| text.len())
            > Contact::MAX_ATTRIBUTES_BYTES
        {
            return Err(ValidationError::new(field, errors::at_most_kilobytes_json(16)));
        }
    }
    Ok(())
}

pub(in crate::sql::channel) async fn create(
    tx: &mut WriteTx,
    vault: &Vault,
    site: SiteId,
    access: ConversationAccess,
    draft: NewConversation,
    performer: Performer,
    now: Timestamp,
) -> CommandResult<CreatedConversation> {
    attempt!(check(&draft));
    let session = attempt!(session_for(tx, vault, site, access, &draft, now).await?);
    let Some(session) = session::by_id(&mut tx.connection, None, site, session).await? else {
        return Ok(Err(Rejection::NotFound("session")));
    };
    let (inbox, contact) = (session.session.inbox, session.contact.id());
    let Some(settings) =
        inbox::one(&mut tx.connection, site, inbox).await?.map(|inbox| inbox.settings)
    else {
        return Ok(Err(Rejection::NotFound("inbox")));
    };
    if settings.lock_to_single_conversation {
        let newest: Option<i64> = query_scalar(NEWEST_OF_SESSION)
            .bind(site.as_bytes())
            .bind(session.session.id.0)
            .fetch_optional(&mut tx.connection)
            .await?;
        if let Some(newest) = newest {
            let number = ConversationNumber(newest);
            let Some(message) = &draft.message else {
                let view = view::view(&mut tx.connection, site, number).await?;
                return Ok(Ok(CreatedConversation { view, message: None, created: false }));
            };
            let posted = attempt!(
                post::post(
                    tx,
                    site,
                    ConversationAccess::Site,
                    number,
                    message.clone(),
                    performer,
                    now
                )
                .await?
            );
            return Ok(Ok(CreatedConversation {
                view: posted.view,
                message: Some(posted.message),
                created: false,
            }));
        }
    }
    if let Some(assignee) = draft.assignee
        && agent::one(&mut tx.connection, site, assignee).await?.is_none()
    {
        return Ok(Err(Rejection::NotFound("agent")));
    }
    let mut row = insert(
        tx,
        site,
        &draft,
        (inbox, contact, session.session.id),
        session.contact.blocked,
        now,
    )
    .await?;
    list::move_between_lists(tx, site, None, Some(&row.conversation)).await?;
    let mut before = row.clone();
    before.conversation.revision = 0;
    let written = match &draft.message {
        // The conversation starts with this message, so no activity is emitted for changes caused
        // by it.
        Some(message) => Some(
            attempt!(post::write(tx, site, &mut row, message, &performer, now).await?)
                .without_activity(),
        ),
        None => None,
    };
    if session.contact.blocked && draft.status.is_none() {
        row.conversation.status = ConversationStatus::Resolved;
    }
    save(tx, site, &before, &mut row, now).await?;
    let number = row.conversation.number;
    let view = view::view(&mut tx.connection, site, number).await?;
    let emitter = Emitter::load(tx, site, Some(inbox)).await?;
    emitter
        .emit(
            tx,
            &view,
            EventDraft::new(ConversationEventKind::ConversationCreated),
            &performer,
            now,
        )
        .await?;
    let message = match (&written, &draft.message) {
        (Some(written), Some(draft)) => Some(
            post::emit(tx, &emitter, &view, written, draft.echo_id.as_deref(), &performer, now)
                .await?,
        ),
        _ => None,
    };
    tx.set_subject(number);
    Ok(Ok(CreatedConversation { view, message, created: true }))
}
