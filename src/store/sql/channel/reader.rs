//! Conversations of an App Inbox reader: their verified session in an inbox, and the number of
//! unread agent messages.

use super::{
    CommandResult, contact,
    session::{self, session_columns, session_in},
    undo_if_rejected,
};
use crate::{
    ChannelResult, MAX_UNREAD_AGENT_MESSAGES, ReaderConversationStore, Result,
    db::{Columns, Connection, query, query_scalar},
    sql::{SqlStore, write_tx::WriteTx},
    vault::Vault,
};
use async_trait::async_trait;
use belfry_domain::{
    ContactId, SiteId, Timestamp,
    channel::{ContactSession, InboxId, NewContactSession, Rejection},
};
use futures_util::FutureExt as _;

/// The number of unread conversations that one count looks at.
const MAX_COUNTED_CONVERSATIONS: u32 = 20;

pub(in crate::sql) const VERIFIED_SESSION: &str = concat!(
    "SELECT ",
    session_columns!(),
    " FROM contact_inbox AS s INDEXED BY contact_inbox_contact CROSS JOIN inbox AS i ON i.id = s.inbox_id AND i.deleted = 0
     WHERE s.site_id = ?1 AND s.contact_id = ?2 AND s.inbox_id = ?3 AND s.hmac_verified = 1 ORDER BY s.id DESC LIMIT 1"
);
/// The index contains only conversations with an agent message since the contact's last visit. Only
/// the newest messages of each are counted: those of an open conversation are marked as read in
/// steps.
pub(in crate::sql) const UNREAD: &str =
    "SELECT CAST(coalesce(sum((SELECT count(*) FROM (SELECT m.created_at AS at FROM conversation_message AS m INDEXED BY conversation_message_unseen
            WHERE m.site_id = ?1 AND m.conversation = unread.number AND m.kind = 1 AND m.private = 0 AND m.status < 2 ORDER BY m.id DESC LIMIT ?5 + 0)
        WHERE at >= unread.seen)), 0) AS BIGINT)
     FROM (SELECT v.number, coalesce(v.contact_last_seen_at, 0) AS seen FROM contact_inbox AS s INDEXED BY contact_inbox_contact
        CROSS JOIN conversation AS v INDEXED BY conversation_unread ON v.site_id = ?1 AND v.contact_inbox_id = s.id AND v.deleted = 0
            AND v.last_agent_message_at >= coalesce(v.contact_last_seen_at, 0)
        WHERE s.site_id = ?1 AND s.contact_id = ?2 AND s.inbox_id = ?3 AND s.hmac_verified = 1 LIMIT ?4 + 0) AS unread";

async fn verified_session(
    connection: &mut Connection,
    site: SiteId,
    inbox: InboxId,
    contact: ContactId,
) -> Result<Option<ContactSession>> {
    let row = query(VERIFIED_SESSION)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(inbox.0)
        .fetch_optional(connection)
        .await?;
    row.map(|row| session_in(&mut Columns::new(&row), site, None)).transpose()
}

async fn verified_session_or_new(
    tx: &mut WriteTx,
    vault: &Vault,
    (site, inbox, contact): (SiteId, InboxId, ContactId),
    new: &NewContactSession,
    now: Timestamp,
) -> CommandResult<ContactSession> {
    if let Some(found) = verified_session(&mut tx.connection, site, inbox, contact).await? {
        return Ok(Ok(found));
    }
    if contact::one(&mut tx.connection, site, contact).await?.is_none() {
        return Ok(Err(Rejection::NotFound("contact")));
    }
    session::add(tx, vault, (site, inbox, contact), new, (true, None), now).await
}

#[async_trait]
impl ReaderConversationStore for SqlStore {
    async fn verified_session(
        &self,
        site: SiteId,
        inbox: InboxId,
        contact: ContactId,
    ) -> Result<Option<ContactSession>> {
        verified_session(&mut *self.read_connection_for(site).await?, site, inbox, contact).await
    }

    async fn verified_session_or_new(
        &self,
        site: SiteId,
        inbox: InboxId,
        contact: ContactId,
        new: &NewContactSession,
        now: Timestamp,
    ) -> ChannelResult<ContactSession> {
        let (new, vault) = (new.clone(), self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                undo_if_rejected(tx, move |tx| {
                    async move {
                        verified_session_or_new(tx, &vault, (site, inbox, contact), &new, now).await
                    }
                    .boxed()
                })
                .boxed()
            })
            .await
    }

    async fn unread_replies(
        &self,
        site: SiteId,
        inbox: InboxId,
        contact: ContactId,
    ) -> Result<u32> {
        let connection = &mut *self.read_connection_for(site).await?;
        let count: u32 = query_scalar(UNREAD)
            .bind(site.as_bytes())
            .bind(contact.0)
            .bind(inbox.0)
            .bind(MAX_COUNTED_CONVERSATIONS)
            .bind(MAX_UNREAD_AGENT_MESSAGES)
            .fetch_one(connection)
            .await?;
        Ok(count.min(MAX_UNREAD_AGENT_MESSAGES))
    }
}
