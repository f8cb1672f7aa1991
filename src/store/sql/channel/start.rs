//! Starts a conversation between an agent and an address: a contact or session is created if
//! needed.

use super::{CommandResult, attempt, check_access, contact, conversation, inbox, update, view};
use crate::{
    Result,
    db::{Connection, query_scalar},
    sql::write_tx::WriteTx,
    vault::Vault,
};
use belfry_domain::{
    ContactId, SiteId, Timestamp,
    channel::{
        Agent, AgentId, ContactFields, ConversationAccess, ConversationChange, ConversationNumber,
        ConversationStatus, CreatedConversation, InboxId, NewConversation, Performer, Rejection,
        StatusChange,
    },
    sdk::{ChannelAddress, NewInitiatedConversation},
};
use serde_json::Map;

/// The newest unresolved conversation of a contact in an inbox, among the contact's newest 100.
pub(in crate::sql) const UNRESOLVED: &str = "SELECT number FROM (
        SELECT v.number, v.inbox_id, v.status FROM conversation AS v INDEXED BY conversation_contact
        WHERE v.site_id = ?1 AND v.contact_id = ?2 AND v.deleted = 0 ORDER BY v.number DESC LIMIT 100)
     WHERE inbox_id = ?3 AND status <> 1 ORDER BY number DESC LIMIT 1";

async fn unresolved(
    connection: &mut Connection,
    site: SiteId,
    contact: ContactId,
    inbox: InboxId,
) -> Result<Option<ConversationNumber>> {
    let number: Option<i64> = query_scalar(UNRESOLVED)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(inbox.0)
        .fetch_optional(connection)
        .await?;
    Ok(number.map(ConversationNumber))
}

fn fields_of(address: &ChannelAddress) -> ContactFields {
    match address {
        ChannelAddress::Phone(phone) => {
            ContactFields { phone_number: Some(Some(phone.clone())), ..ContactFields::default() }
        }
        ChannelAddress::Email(email) => {
            ContactFields { email: Some(Some(email.clone())), ..ContactFields::default() }
        }
    }
}

/// A draft as an agent starts it: open, and assigned to that agent.
fn draft_of(new: NewInitiatedConversation, contact: ContactId, agent: AgentId) -> NewConversation {
    NewConversation {
        uuid: new.uuid,
        inbox: Some(new.inbox),
        contact: Some(contact),
        source_id: None,
        session: new.session,
        status: Some(ConversationStatus::Open),
        snoozed_until: None,
        priority: None,
        assignee: Some(agent),
        custom_attributes: Map::new(),
        additional_attributes: Map::new(),
        message: None,
    }
}

pub(super) async fn start(
    tx: &mut WriteTx,
    vault: &Vault,
    (site, access): (SiteId, ConversationAccess),
    new: NewInitiatedConversation,
    agent: Agent,
    now: Timestamp,
) -> CommandResult<CreatedConversation> {
    let (inbox, me) = (new.inbox, agent.id);
    if inbox::one(&mut tx.connection, site, inbox).await?.is_none() {
        return Ok(Err(Rejection::NotFound("inbox")));
    }
    attempt!(check_access(&mut tx.connection, site, access, inbox).await?);
    let performer = Performer::Agent(Box::new(agent));
    let contact = attempt!(
        contact::find_or_create(tx, site, fields_of(&new.address), performer.clone(), now).await?
    );
    if let Some(number) = unresolved(&mut tx.connection, site, contact, inbox).await? {
        let view = view::view(&mut tx.connection, site, number).await?;
        return Ok(Ok(CreatedConversation { view, message: None, created: false }));
    }
    let draft = draft_of(new, contact, me);
    let begun = attempt!(
        conversation::create(tx, vault, site, access, draft, performer.clone(), now).await?
    );
    if begun.created {
        return Ok(Ok(begun));
    }
    // The inbox allows one conversation per session, and that one was resolved.
    let number = begun.view.conversation.number;
    let reopen = ConversationChange {
        status: Some(StatusChange::To(ConversationStatus::Open, None)),
        assignee: Some(Some(me)),
        ..ConversationChange::default()
    };
    let view = attempt!(update::update(tx, site, access, number, reopen, performer, now).await?);
    Ok(Ok(CreatedConversation { view, ..begun }))
}
