//! Conversations: created, read, and saved as a whole after each change.

mod create;

use super::{
    CommandResult, attempt, check_access, list, message, undo_if_rejected, update, view,
    view::{ConversationRow, conversation_columns, conversation_in},
    wake,
};
use crate::{
    ChannelResult, Conflict, ConversationStore, MAX_CONVERSATIONS_OF_CONTACT, MAX_SHOWN_MESSAGES,
    Result,
    db::{Columns, Connection, query, query_scalar, to_json},
    sql::{SqlStore, write_tx::WriteTx},
};
use async_trait::async_trait;
use belfry_domain::{
    ContactId, SiteId, Timestamp,
    channel::{
        AgentId, ContactInboxId, Conversation, ConversationAccess, ConversationChange,
        ConversationCounts, ConversationList, ConversationNumber, ConversationQuery,
        ConversationView, CreatedConversation, InboxId, MessageWindow, NewConversation, Performer,
        Rejection, SessionConversation,
    },
};
use futures_util::FutureExt as _;

pub(in crate::sql::channel) use create::create;

pub(in crate::sql) const ONE: &str = concat!(
    "SELECT ",
    conversation_columns!(),
    " FROM conversation AS v CROSS JOIN inbox AS i ON i.id = v.inbox_id AND i.deleted = 0
     CROSS JOIN contact AS c ON c.site_id = ?1 AND c.id = v.contact_id WHERE v.site_id = ?1 AND v.number = ?2 AND v.deleted = 0"
);
/// Whether session ?3 may see a conversation of session ?2: same contact, same inbox, and both
/// verified.
pub(in crate::sql) const SHARED: &str =
    "SELECT 1 FROM contact_inbox AS own CROSS JOIN contact_inbox AS other ON other.id = ?2 AND other.site_id = ?1
     WHERE own.id = ?3 AND own.site_id = ?1 AND own.contact_id = other.contact_id AND own.inbox_id = other.inbox_id
        AND own.hmac_verified = 1 AND other.hmac_verified = 1";
pub(in crate::sql) const OF_CONTACT: &str = "SELECT v.number FROM conversation AS v INDEXED BY conversation_contact
     WHERE v.site_id = ?1 AND v.contact_id = ?2 AND v.deleted = 0 ORDER BY v.number DESC LIMIT ?3 + 0";
pub(in crate::sql) const OF_CONTACT_FOR_AGENT: &str = "SELECT v.number FROM conversation AS v INDEXED BY conversation_contact
     WHERE v.site_id = ?1 AND v.contact_id = ?2 AND v.deleted = 0
        AND EXISTS (SELECT 1 FROM inbox_member AS i WHERE i.site_id = ?1 AND i.inbox_id = v.inbox_id AND i.agent_id = ?4)
     ORDER BY v.number DESC LIMIT ?3 + 0";
pub(in crate::sql) const OF_CONTACT_IN_INBOX: &str = "SELECT v.number FROM conversation AS v INDEXED BY conversation_contact
     WHERE v.site_id = ?1 AND v.contact_id = ?2 AND v.deleted = 0 AND v.inbox_id = ?4 ORDER BY v.number DESC LIMIT ?3 + 0";
/// Conversations of a session. For a verified session, those of all verified sessions of its
/// contact in its inbox. Sorted by `+`: `PostgreSQL` would read the site's conversations in order.
pub(in crate::sql) const OF_SESSION: &str = "SELECT v.number FROM contact_inbox AS own
     CROSS JOIN contact_inbox AS s INDEXED BY contact_inbox_contact ON s.site_id = ?1 AND s.contact_id = own.contact_id AND s.inbox_id = own.inbox_id
        AND (s.id = own.id OR (s.hmac_verified = 1 AND own.hmac_verified = 1))
     CROSS JOIN conversation AS v INDEXED BY conversation_session ON v.site_id = ?1 AND v.contact_inbox_id = s.id AND v.deleted = 0
     WHERE own.id = ?2 AND own.site_id = ?1 ORDER BY +v.number DESC LIMIT ?3 + 0";
const NEWEST_OF_SESSION: &str = "SELECT v.number FROM conversation AS v INDEXED BY conversation_session
     WHERE v.site_id = ?1 AND v.contact_inbox_id = ?2 AND v.deleted = 0 ORDER BY v.number DESC LIMIT 1";

/// A conversation that the caller has access to.
pub(super) async fn load(
    connection: &mut Connection,
    site: SiteId,
    access: ConversationAccess,
    number: ConversationNumber,
) -> CommandResult<ConversationRow> {
    let row =
        query(ONE).bind(site.as_bytes()).bind(number.0).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(Err(Rejection::NotFound("conversation"))) };
    let row = conversation_in(&mut Columns::new(&row))?;
    let Conversation { session, contact, inbox, .. } = row.conversation;
    let visible = match access {
        ConversationAccess::Site | ConversationAccess::Agent(_) => {
            attempt!(check_access(connection, site, access, inbox).await?);
            true
        }
        ConversationAccess::Inbox(own) => inbox == own,
        ConversationAccess::Contact(own) => contact == own,
        ConversationAccess::Session(own) if own == session => true,
        ConversationAccess::Session(own) => {
            let shared: Option<i64> = query_scalar(SHARED)
                .bind(site.as_bytes())
                .bind(session.0)
                .bind(own.0)
                .fetch_optional(connection)
                .await?;
            shared.is_some()
        }
    };
    Ok(if visible { Ok(row) } else { Err(Rejection::NotFound("conversation")) })
}

/// The next revision of a conversation. Revisions are numbered per site.
async fn next_revision(tx: &mut WriteTx, site: SiteId) -> Result<i64> {
    let revision: Option<i64> =
        query_scalar("UPDATE site_counter SET last_revision = last_revision + 1 WHERE site_id = ?1 RETURNING last_revision")
            .bind(site.as_bytes())
            .fetch_optional(&mut tx.connection)
            .await?;
    Ok(revision.ok_or(Conflict::UnknownSite)?)
}

/// Gives a conversation a new revision when only something shown with it has changed.
pub(super) async fn touch_revision(
    tx: &mut WriteTx,
    site: SiteId,
    number: ConversationNumber,
) -> Result<()> {
    let revision = next_revision(tx, site).await?;
    query("UPDATE conversation SET revision = ?3 WHERE site_id = ?1 AND number = ?2")
        .bind(site.as_bytes())
        .bind(number.0)
        .bind(revision)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

/// Writes a conversation and moves it to the lists that match its new state.
pub(super) async fn save(
    tx: &mut WriteTx,
    site: SiteId,
    before: &ConversationRow,
    row: &mut ConversationRow,
    now: Timestamp,
) -> Result<()> {
    row.conversation.updated_at = now;
    // Each message written for it has already taken a revision.
    if row.conversation.revision == before.conversation.revision {
        row.conversation.revision = next_revision(tx, site).await?;
    }
    let ConversationRow {
        conversation,
        last_message_id,
        agent_seen_at,
        reply_minute,
        replies_in_minute,
        last_replies,
    } = &*row;
    let millis = |at: Option<Timestamp>| at.map(Timestamp::millis);
    query(
        "UPDATE conversation SET status = ?3, snoozed_until = ?4, priority = ?5, assignee_id = ?6, labels = ?7, custom_attributes = ?8,
            additional_attributes = ?9, updated_at = ?10, last_activity_at = ?11, last_incoming_at = ?12, waiting_since = ?13, first_reply_at = ?14,
            contact_last_seen_at = ?15, agent_last_seen_at = ?16, assignee_last_seen_at = ?17, last_message = ?18, last_spoken_message = ?19,
            agent_seen_message = ?20, rate_minute = ?21, rate_messages = ?22, last_agent_message_at = ?23, last_automatic_message_at = ?24,
            revision = ?25, watchers = ?26
         WHERE site_id = ?1 AND number = ?2",
    )
    .bind(site.as_bytes())
    .bind(conversation.number.0)
    .bind(conversation.status.as_int())
    .bind(millis(conversation.snoozed_until))
    .bind(conversation.priority.map(belfry_domain::channel::Priority::as_int))
    .bind(conversation.assignee.map(|assignee| assignee.0))
    .bind(to_json(&conversation.labels)?)
    .bind(to_json(&conversation.custom_attributes)?)
    .bind(to_json(&conversation.additional_attributes)?)
    .bind(now.millis())
    .bind(conversation.last_activity_at.millis())
    .bind(millis(conversation.last_incoming_at))
    .bind(millis(conversation.waiting_since))
    .bind(millis(conversation.first_reply_at))
    .bind(millis(conversation.contact_last_seen_at))
    .bind(millis(conversation.agent_last_seen_at))
    .bind(millis(conversation.assignee_last_seen_at))
    .bind(conversation.last_message.map(|message| message.0))
    .bind(last_message_id)
    .bind(agent_seen_at)
    .bind(reply_minute)
    .bind(replies_in_minute)
    .bind(millis(last_replies.by_agents))
    .bind(millis(last_replies.by_system))
    .bind(conversation.revision)
    .bind(to_json(&conversation.watchers)?)
    .execute(&mut tx.connection)
    .await?;
    list::move_between_lists(tx, site, Some(&before.conversation), Some(conversation)).await
}

/// The conversation as its contact sees it, without private messages.
async fn contact_view(
    connection: &mut Connection,
    site: SiteId,
    view: ConversationView,
) -> Result<SessionConversation> {
    let window = MessageWindow { public: true, ..MessageWindow::default() };
    let messages =
        message::list(connection, site, view.conversation.number, window, MAX_SHOWN_MESSAGES)
            .await?;
    Ok(SessionConversation { view, messages })
}

#[async_trait]
impl ConversationStore for SqlStore {
    async fn create_conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        draft: &NewConversation,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<CreatedConversation> {
        let (draft, performer, vault) = (draft.clone(), performer.clone(), self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                undo_if_rejected(tx, move |tx| {
                    async move { create(tx, &vault, site, access, draft, performer, now).await }
                        .boxed()
                })
                .boxed()
            })
            .await
    }

    async fn conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
    ) -> ChannelResult<ConversationView> {
        let connection = &mut *self.read_connection_for(site).await?;
        attempt!(load(connection, site, access, number).await?);
        let view = view::views(connection, site, &[number.0], Some(&self.vault)).await?.pop();
        Ok(view.ok_or(Rejection::NotFound("conversation")))
    }

    async fn conversations(
        &self,
        site: SiteId,
        query: &ConversationQuery,
    ) -> Result<ConversationList> {
        let connection = &mut *self.read_connection_for(site).await?;
        let (numbers, counts) = list::find(connection, site, query).await?;
        Ok(ConversationList {
            counts,
            conversations: view::views(connection, site, &numbers, None).await?,
        })
    }

    async fn conversation_counts(
        &self,
        site: SiteId,
        query: &ConversationQuery,
    ) -> Result<ConversationCounts> {
        list::counts(&mut *self.read_connection_for(site).await?, site, query).await
    }

    async fn conversations_of_contact(
        &self,
        site: SiteId,
        access: ConversationAccess,
        contact: ContactId,
    ) -> Result<Vec<ConversationView>> {
        let connection = &mut *self.read_connection_for(site).await?;
        let query = match access {
            ConversationAccess::Agent(_) => query_scalar(OF_CONTACT_FOR_AGENT),
            ConversationAccess::Inbox(_) => query_scalar(OF_CONTACT_IN_INBOX),
            ConversationAccess::Contact(own) if own != contact => return Ok(Vec::new()),
            ConversationAccess::Session(_) => return Ok(Vec::new()),
            ConversationAccess::Site | ConversationAccess::Contact(_) => query_scalar(OF_CONTACT),
        };
        let query =
            query.bind(site.as_bytes().to_vec()).bind(contact.0).bind(MAX_CONVERSATIONS_OF_CONTACT);
        let query = match access {
            ConversationAccess::Agent(AgentId(number))
            | ConversationAccess::Inbox(InboxId(number)) => query.bind(number),
            _ => query,
        };
        let numbers: Vec<i64> = query.fetch_all(&mut *connection).await?;
        view::views(connection, site, &numbers, None).await
    }

    async fn conversations_of_session(
        &self,
        site: SiteId,
        session: ContactInboxId,
    ) -> Result<Vec<SessionConversation>> {
        let connection = &mut *self.read_connection_for(site).await?;
        let numbers: Vec<i64> = query_scalar(OF_SESSION)
            .bind(site.as_bytes())
            .bind(session.0)
            .bind(MAX_CONVERSATIONS_OF_CONTACT)
            .fetch_all(&mut *connection)
            .await?;
        let mut conversations = Vec::with_capacity(numbers.len());
        for view in view::views(connection, site, &numbers, None).await? {
            conversations.push(contact_view(connection, site, view).await?);
        }
        Ok(conversations)
    }

    async fn conversation_of_session(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
    ) -> ChannelResult<SessionConversation> {
        let connection = &mut *self.read_connection_for(site).await?;
        attempt!(load(connection, site, access, number).await?);
        let view = attempt!(
            view::views(connection, site, &[number.0], None)
                .await?
                .pop()
                .ok_or(Rejection::NotFound("conversation"))
        );
        Ok(Ok(contact_view(connection, site, view).await?))
    }

    async fn update_conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        change: &ConversationChange,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<ConversationView> {
        let (change, performer) = (change.clone(), performer.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                undo_if_rejected(tx, move |tx| {
                    update::update(tx, site, access, number, change, performer, now).boxed()
                })
                .boxed()
            })
            .await
    }

    async fn mark_seen_by_agent(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        agent: AgentId,
        now: Timestamp,
    ) -> ChannelResult<ConversationView> {
        self.writer
            .for_site(site)
            .run(move |tx| update::seen_by_agent(tx, site, access, number, agent, now).boxed())
            .await
    }

    async fn mark_seen_by_contact(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        now: Timestamp,
    ) -> ChannelResult<ConversationView> {
        self.writer
            .for_site(site)
            .run(move |tx| update::seen_by_contact(tx, site, access, number, now).boxed())
            .await
    }

    async fn publish_typing(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        typing: (bool, bool),
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<()> {
        let performer = performer.clone();
        self.writer
            .for_site(site)
            .run(move |tx| update::typing(tx, site, access, number, typing, performer, now).boxed())
            .await
    }

    async fn wake_snoozed(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        wake::wake(self, now).await
    }
}
