//! Contacts in the API channel's form, with their sessions.
//!
//! The contact row is shared with the rest of the site and written by
//! [`crate::sql::contact_changes`]. A `channel_contact` row is added once a channel-only field is
//! set.

mod identify;
mod write;

use super::{attempt, cleanup, event, search_index, session, undo_if_rejected};
use crate::{
    ChannelContactStore, ChannelResult, Result,
    db::{self, Columns, Connection, query, query_scalar, to_json},
    sql::{SqlStore, contact::contact_in, contact_changes, write_tx::WriteTx},
};
use async_trait::async_trait;
use belfry_domain::{
    ContactId, InboxEvent, SiteId, Timestamp,
    channel::{
        ChannelAccess, ChannelContact, ContactFields, ContactInboxId, ContactListPage,
        ContactListQuery, ContactProfile, ContactSession, ContactSort, ConversationEventKind,
        CreatedContact, Identification, InboxId, InboxIdentifier, MAX_EXACT_COUNT,
        NewContactSession, Performer, Rejection, SessionInbox, SessionView, SourceId,
    },
};
use futures_util::FutureExt as _;

pub(super) use identify::find_or_create;
use identify::{identify, update_of_session};
use write::{change, create};

macro_rules! channel_contact_columns {
    () => {
        concat!(
            crate::sql::contact::contact_columns!("c."),
            ", coalesce(x.additional_attributes, '{}'), coalesce(x.blocked, 0), x.avatar_url, x.last_activity_at"
        )
    };
}
pub(super) use channel_contact_columns;

macro_rules! select {
    ($from:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            channel_contact_columns!(),
            " FROM ",
            $from,
            " LEFT JOIN channel_contact AS x ON x.site_id = c.site_id AND x.contact_id = c.id ",
            $rest
        )
    };
}

pub(in crate::sql) const ONE: &str =
    select!("contact AS c", "WHERE c.site_id = ?1 AND c.id = ?2 AND c.deleted_at IS NULL");
pub(in crate::sql) const NEWEST: &str = select!(
    "contact AS c",
    "WHERE c.site_id = ?1 AND c.deleted_at IS NULL ORDER BY c.id DESC LIMIT ?2 + 0 OFFSET ?3 + 0"
);
pub(in crate::sql) const OLDEST: &str = select!(
    "contact AS c",
    "WHERE c.site_id = ?1 AND c.deleted_at IS NULL ORDER BY c.id LIMIT ?2 + 0 OFFSET ?3 + 0"
);
pub(in crate::sql) const NEWEST_WITH_TEXT: &str = select!(
    "contact AS c",
    "WHERE c.site_id = ?1 AND c.id IN (SELECT id FROM contact INDEXED BY contact_search WHERE site_id = ?1 AND deleted_at IS NULL
        AND instr(search_key, ?4) > 0 ORDER BY id DESC LIMIT ?2 + 0 OFFSET ?3 + 0) ORDER BY c.id DESC"
);
pub(in crate::sql) const OLDEST_WITH_TEXT: &str = select!(
    "contact AS c",
    "WHERE c.site_id = ?1 AND c.id IN (SELECT id FROM contact INDEXED BY contact_search WHERE site_id = ?1 AND deleted_at IS NULL
        AND instr(search_key, ?4) > 0 ORDER BY id LIMIT ?2 + 0 OFFSET ?3 + 0) ORDER BY c.id"
);
pub(in crate::sql) const COUNT: &str = "SELECT count(*) FROM (SELECT 1 FROM contact WHERE site_id = ?1 AND deleted_at IS NULL LIMIT ?2 + 0)";
pub(in crate::sql) const COUNT_WITH_TEXT: &str =
    "SELECT count(*) FROM (SELECT 1 FROM contact INDEXED BY contact_search
    WHERE site_id = ?1 AND deleted_at IS NULL AND instr(search_key, ?3) > 0 LIMIT ?2 + 0)";
/// Sessions of these contacts, at most 100 of each. `SQLite` looks them up by id; the two conditions
/// before are for `PostgreSQL`, which would read all sessions without them.
pub(in crate::sql) const SESSIONS: &str = "SELECT s.contact_id, s.source_id, i.id, i.name, i.identifier
     FROM json_each(?2) AS input CROSS JOIN contact_inbox AS s ON +s.site_id = ?1 AND +s.contact_id = CAST(input.value AS BIGINT) AND s.id IN (
        SELECT id FROM contact_inbox INDEXED BY contact_inbox_contact WHERE site_id = ?1 AND contact_id = CAST(input.value AS BIGINT)
        ORDER BY inbox_id DESC, id DESC LIMIT 100)
     CROSS JOIN inbox AS i ON i.id = s.inbox_id AND i.deleted = 0 ORDER BY input.key, s.id DESC";

pub(super) fn channel_contact_in(columns: &mut Columns<'_>) -> Result<ChannelContact> {
    Ok(ChannelContact {
        contact: contact_in(columns)?,
        additional_attributes: columns.json()?,
        blocked: columns.value()?,
        avatar_url: columns.value()?,
        last_activity_at: columns.maybe_time()?,
    })
}

/// A contact that is not deleted.
pub(super) async fn one(
    connection: &mut Connection,
    site: SiteId,
    contact: ContactId,
) -> Result<Option<ChannelContact>> {
    let row = query(ONE).bind(site.as_bytes()).bind(contact.0).fetch_optional(connection).await?;
    row.map(|row| channel_contact_in(&mut Columns::new(&row))).transpose()
}

async fn profiles(
    connection: &mut Connection,
    site: SiteId,
    contacts: Vec<ChannelContact>,
) -> Result<Vec<ContactProfile>> {
    let ids: Vec<i64> = contacts.iter().map(|contact| contact.id().0).collect();
    let rows =
        query(SESSIONS).bind(site.as_bytes()).bind(to_json(&ids)?).fetch_all(connection).await?;
    let mut profiles: Vec<ContactProfile> = contacts
        .into_iter()
        .map(|contact| ContactProfile { contact, sessions: Vec::new() })
        .collect();
    for row in &rows {
        let mut columns = Columns::new(row);
        let contact = columns.contact()?;
        let session = SessionInbox {
            source_id: SourceId::from_stored(columns.value()?),
            inbox: InboxId(columns.value()?),
            inbox_name: columns.value()?,
            inbox_identifier: InboxIdentifier::from_stored(columns.value()?),
        };
        if let Some(profile) = profiles.iter_mut().find(|profile| profile.contact.id() == contact) {
            profile.sessions.push(session);
        }
    }
    Ok(profiles)
}

async fn profile(
    connection: &mut Connection,
    site: SiteId,
    contact: ContactId,
) -> Result<Option<ContactProfile>> {
    let Some(found) = one(connection, site, contact).await? else { return Ok(None) };
    Ok(profiles(connection, site, vec![found]).await?.pop())
}

async fn list(
    connection: &mut Connection,
    site: SiteId,
    query: &ContactListQuery,
) -> Result<ContactListPage> {
    let offset = i64::from(query.page.saturating_sub(1)) * i64::from(ContactListPage::SIZE);
    let text =
        query.text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_lowercase);
    let statement = match (query.sort, text.is_some()) {
        (ContactSort::NewestFirst, false) => NEWEST,
        (ContactSort::OldestFirst, false) => OLDEST,
        (ContactSort::NewestFirst, true) => NEWEST_WITH_TEXT,
        (ContactSort::OldestFirst, true) => OLDEST_WITH_TEXT,
    };
    let page = db::query(statement).bind(site.as_bytes()).bind(ContactListPage::SIZE).bind(offset);
    let count = query_scalar(if text.is_some() { COUNT_WITH_TEXT } else { COUNT })
        .bind(site.as_bytes())
        .bind(MAX_EXACT_COUNT);
    let (page, count) = match &text {
        Some(text) => (page.bind(text), count.bind(text)),
        None => (page, count),
    };
    let rows = page.fetch_all(&mut *connection).await?;
    let count: u32 = count.fetch_one(&mut *connection).await?;
    let contacts = rows
        .iter()
        .map(|row| channel_contact_in(&mut Columns::new(row)))
        .collect::<Result<Vec<_>>>()?;
    Ok(ContactListPage { count, contacts: profiles(connection, site, contacts).await? })
}

/// Called before a contact is erased: removes its conversations from all lists. Their rows are
/// deleted in the background.
async fn remove_from_conversations(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
) -> Result<()> {
    // Words may be left of conversations whose inbox was deleted.
    search_index::delete_contact_words(tx, site, contact).await?;
    let known: Option<i64> =
        query_scalar("SELECT 1 FROM contact_inbox WHERE site_id = ?1 AND contact_id = ?2 LIMIT 1")
            .bind(site.as_bytes())
            .bind(contact.0)
            .fetch_optional(&mut tx.connection)
            .await?;
    if known.is_none() {
        return Ok(());
    }
    cleanup::hide_conversations(tx, site, contact).await?;
    tx.publish(InboxEvent::ChannelAccessChanged { site, access: ChannelAccess::Contact(contact) });
    Ok(())
}

/// Deletes a contact with their conversations.
pub(in crate::sql) async fn delete(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
    now: Timestamp,
) -> Result<bool> {
    remove_from_conversations(tx, site, contact).await?;
    contact_changes::delete(tx, site, contact, now).await
}

async fn erase(tx: &mut WriteTx, site: SiteId, contact: ContactId, now: Timestamp) -> Result<bool> {
    let Some(found) = one(&mut tx.connection, site, contact).await? else { return Ok(false) };
    let erased = delete(tx, site, contact, now).await?;
    event::of_contact(
        tx,
        site,
        found,
        ConversationEventKind::ContactDeleted,
        Vec::new(),
        Performer::System,
        now,
    )
    .await?;
    Ok(erased)
}

#[async_trait]
impl ChannelContactStore for SqlStore {
    async fn create_channel_contact(
        &self,
        site: SiteId,
        fields: &ContactFields,
        session: Option<(InboxId, NewContactSession)>,
        now: Timestamp,
    ) -> ChannelResult<CreatedContact> {
        let (fields, vault) = (fields.clone(), self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                undo_if_rejected(tx, move |tx| {
                    async move { create(tx, &vault, site, fields, session, now).await }.boxed()
                })
                .boxed()
            })
            .await
    }

    async fn channel_contact(
        &self,
        site: SiteId,
        contact: ContactId,
    ) -> Result<Option<ContactProfile>> {
        profile(&mut *self.read_connection_for(site).await?, site, contact).await
    }

    async fn channel_contacts(
        &self,
        site: SiteId,
        query: &ContactListQuery,
    ) -> Result<ContactListPage> {
        // A search or a distant page may scan many contacts, so it runs on a report connection.
        if query.text.is_none() && query.page <= MAX_READER_PAGES {
            list(&mut *self.read_connection_for(site).await?, site, query).await
        } else {
            list(&mut *self.report_pool.acquire(site).await?, site, query).await
        }
    }

    async fn update_channel_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        fields: &ContactFields,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<ContactProfile> {
        let (fields, performer) = (fields.clone(), performer.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                undo_if_rejected(tx, move |tx| {
                    async move {
                        attempt!(change(tx, site, contact, fields, performer, now).await?);
                        Ok(profile(&mut tx.connection, site, contact)
                            .await?
                            .ok_or(Rejection::NotFound("contact")))
                    }
                    .boxed()
                })
                .boxed()
            })
            .await
    }

    async fn erase_channel_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<bool> {
        self.writer.for_site(site).run(move |tx| erase(tx, site, contact, now).boxed()).await
    }

    async fn identify_contact(
        &self,
        site: SiteId,
        inbox: InboxId,
        request: &Identification,
        now: Timestamp,
    ) -> ChannelResult<SessionView> {
        let (request, vault) = (request.clone(), self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                undo_if_rejected(tx, move |tx| {
                    async move { identify(tx, &vault, site, inbox, request, now).await }.boxed()
                })
                .boxed()
            })
            .await
    }

    async fn contact_session(
        &self,
        site: SiteId,
        inbox: InboxId,
        source_id: &SourceId,
    ) -> Result<Option<SessionView>> {
        session::by_source(
            &mut *self.read_connection_for(site).await?,
            Some(&self.vault),
            site,
            inbox,
            source_id,
        )
        .await
    }

    async fn add_contact_session(
        &self,
        site: SiteId,
        contact: ContactId,
        inbox: InboxId,
        new: &NewContactSession,
        now: Timestamp,
    ) -> ChannelResult<ContactSession> {
        let (new, vault) = (new.clone(), self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                async move {
                    if one(&mut tx.connection, site, contact).await?.is_none() {
                        return Ok(Err(Rejection::NotFound("contact")));
                    }
                    session::add(tx, &vault, (site, inbox, contact), &new, (false, None), now).await
                }
                .boxed()
            })
            .await
    }

    async fn verify_session(
        &self,
        site: SiteId,
        session: ContactInboxId,
        now: Timestamp,
    ) -> Result<bool> {
        self.writer
            .for_site(site)
            .run(move |tx| session::verify(tx, site, session, now).boxed())
            .await
    }

    async fn update_session_contact(
        &self,
        site: SiteId,
        session: ContactInboxId,
        fields: &ContactFields,
        verified: bool,
        now: Timestamp,
    ) -> ChannelResult<SessionView> {
        let (fields, vault) = (fields.clone(), self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                undo_if_rejected(tx, move |tx| {
                    async move {
                        update_of_session(tx, &vault, site, session, fields, verified, now).await
                    }
                    .boxed()
                })
                .boxed()
            })
            .await
    }
}

/// Pages up to this one are read from the read pool.
const MAX_READER_PAGES: u32 = 60;
