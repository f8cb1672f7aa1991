//! Contact administration: search, replace, soft delete, import matching and message history.
//! Implements [`ContactStore`].

mod search;

#[cfg(test)]
pub(super) use search::{
    ALL, BY_EMAIL, BY_FIRST_NAME, BY_LANGUAGE, BY_LAST_NAME, BY_PHONE, BY_TEXT,
};

use super::{
    SqlStore, contact, contact_changes, contact_matching,
    message_rows::{message_columns, message_of},
    stats::earliest,
    watermark::{passed, read_with_all},
    write_tx::WriteTx,
};
use crate::{
    ContactStore, ReplaceContactOutcome, Result, StoreError,
    db::{Columns, Connection, query},
};
use async_trait::async_trait;
use belfry_domain::{
    Contact, ContactCredential, ContactDraft, ContactFilter, ContactId, ContactLookup,
    ContactReceipt, ContactWindow, ImportOptions, InboxEvent, MessageId, RevokedSessions,
    RowResult, SiteId, Timestamp,
};
use futures_util::FutureExt as _;
use search::{count, is_short_lookup, search};
use serde_json::Map;
use std::time::Duration;

/// A contact's last-seen time is updated at most once in this interval.
pub(super) const LAST_SEEN_INTERVAL: Duration = Duration::from_hours(1);

/// Rows of an import preview that are looked up before others get the read connection.
const FORECAST_BATCH_ROWS: usize = 500;
// The end of a message `m`, if it has one.
macro_rules! end {
    () => {
        "min(coalesce(m.expires_at, m.recalled_at), coalesce(m.recalled_at, m.expires_at))"
    };
}

/// Messages addressed to the contact, and those with a receipt of the contact, with their position.
/// Visibility is decided before any time is looked up. The `+` keeps `SQLite` from the index by
/// message, in which it would scan all `recipient` rows of the site. `coalesce` keeps `PostgreSQL` from reading all
/// messages of the site in the order of the list.
pub(super) const RECEIPTS: &str = concat!(
    "WITH own AS (
        SELECT message_id FROM receipt WHERE site_id = ?1 AND contact_id = ?2 AND message_id < ?3
        UNION SELECT message_id FROM recipient WHERE site_id = ?1 AND contact_id = ?2 AND +message_id < ?3),
     list AS MATERIALIZED (
        SELECT own.message_id FROM own CROSS JOIN message ON message.site_id = ?1 AND message.id = coalesce(own.message_id, x'')
        ORDER BY own.message_id DESC LIMIT ?4 + 0),
     stood AS MATERIALIZED (
        SELECT list.message_id, CASE WHEN message.position = 0 THEN 0 ELSE coalesce(
            (SELECT abs(p.position) FROM recipient AS p INDEXED BY recipient_message
                WHERE p.site_id = ?1 AND p.message_id = list.message_id AND p.contact_id = ?2),
            message.position) END AS position
        FROM list CROSS JOIN message ON message.site_id = ?1 AND message.id = list.message_id)
     SELECT ",
    message_columns!(),
    ", stood.position > 0 AND NOT (coalesce(r.unread_epoch = contact.read_epoch, false) OR (r.read_at IS NULL AND stood.position > contact.read_position)), ",
    passed!("0", "stood.position"),
    ", ",
    passed!("1", "stood.position"),
    ", r.read_at, CASE WHEN r.read_at IS NULL THEN ",
    read_with_all!("stood.position", end!()),
    " END, r.clicked_at, r.archived_at, r.deleted_at
     FROM stood CROSS JOIN message AS m ON m.site_id = ?1 AND m.id = coalesce(stood.message_id, x'')
     CROSS JOIN contact ON contact.site_id = ?1 AND contact.id = ?2
     LEFT JOIN receipt AS r ON r.site_id = ?1 AND r.contact_id = ?2 AND r.message_id = m.id
     ORDER BY stood.message_id DESC"
);

pub(super) const CREDENTIALS: &str = "SELECT 0, expires_at FROM contact_token WHERE site_id = ?1 AND contact_id = ?2 AND expires_at > ?3
     UNION ALL SELECT 1, expires_at FROM widget_session WHERE site_id = ?1 AND contact_id = ?2 AND expires_at > ?3";

async fn replace(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
    draft: ContactDraft,
    expected_revision: Option<String>,
    at: Timestamp,
) -> Result<ReplaceContactOutcome> {
    let Some(found) =
        contact::find(&mut tx.connection, site, &ContactLookup::Id(contact), false).await?
    else {
        return Ok(ReplaceContactOutcome::Unknown);
    };
    if expected_revision.is_some_and(|former| former != found.revision()) {
        return Ok(ReplaceContactOutcome::Changed);
    }
    // A draft merged into an empty contact replaces all fields.
    let blank = Contact {
        external_id: None,
        email: None,
        phone: None,
        first_name: None,
        last_name: None,
        language: None,
        attributes: Map::new(),
        ..found
    };
    contact_changes::update(tx, site, blank, draft, at).await?;
    Ok(ReplaceContactOutcome::Done)
}

async fn soft_delete(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
    at: Timestamp,
) -> Result<bool> {
    let deleted = query(
        "UPDATE contact SET deleted_at = ?3, updated_at = ?3, profile_version = profile_version + 1 WHERE site_id = ?1 AND id = ?2 AND deleted_at IS NULL",
    )
    .bind(site.as_bytes())
    .bind(contact.0)
    .bind(at.millis())
    .execute(&mut tx.connection)
    .await?;
    if deleted == 0 {
        return Ok(false);
    }
    for statement in [
        "DELETE FROM widget_session WHERE site_id = ?1 AND contact_id = ?2",
        "DELETE FROM contact_token WHERE site_id = ?1 AND contact_id = ?2",
        "DELETE FROM token_family WHERE site_id = ?1 AND contact_id = ?2",
        "DELETE FROM device WHERE site_id = ?1 AND contact_id = ?2",
    ] {
        query(statement).bind(site.as_bytes()).bind(contact.0).execute(&mut tx.connection).await?;
    }
    tx.next_version(site, false).await?;
    tx.publish(InboxEvent::SessionsRevoked { site, revoked: RevokedSessions::Contact(contact) });
    Ok(true)
}

async fn receipts(
    connection: &mut Connection,
    site: SiteId,
    contact: ContactId,
    before: Option<MessageId>,
    limit: u32,
) -> Result<Vec<ContactReceipt>> {
    let before = before.unwrap_or_else(|| MessageId::from_bytes([0xff; 16]));
    let rows = query(RECEIPTS)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(before.as_bytes())
        .bind(limit)
        .fetch_all(connection)
        .await?;
    let mut receipts = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut columns = Columns::new(row);
        let message = message_of(&mut columns, site, &[contact])?;
        let end = earliest(message.expires_at, message.recalled_at);
        let read = columns.value()?;
        // A watermark that passed the message after its end does not count.
        let mut passed = || {
            Ok::<_, StoreError>(columns.maybe_time()?.filter(|at| end.is_none_or(|end| *at < end)))
        };
        let (delivered, seen) = (passed()?, passed()?);
        let (read_alone, read_with_all) =
            (columns.maybe_time()?, columns.maybe_time()?.filter(|_| read));
        let (clicked_at, archived_at, deleted_at) =
            (columns.maybe_time()?, columns.maybe_time()?, columns.maybe_time()?);
        let read_at = read_alone.or(read_with_all);
        let seen = earliest(seen, read_at);
        let kept = |at: Option<Timestamp>| at.filter(|at| at.millis() > 0);
        receipts.push(ContactReceipt {
            message,
            delivered_at: kept(earliest(earliest(delivered, seen), archived_at)),
            seen_at: kept(seen),
            read,
            read_at: kept(read_at),
            read_with_all: read_alone.is_none() && read_with_all.is_some(),
            clicked_at,
            archived_at,
            deleted_at,
        });
    }
    Ok(receipts)
}

#[async_trait]
impl ContactStore for SqlStore {
    async fn search_contacts(
        &self,
        site: SiteId,
        filter: &ContactFilter,
        window: ContactWindow,
        limit: u32,
    ) -> Result<Vec<Contact>> {
        if is_short_lookup(filter, window) {
            search(&mut *self.read_connection_for(site).await?, site, filter, window, limit).await
        } else {
            search(&mut *self.report_pool.acquire(site).await?, site, filter, window, limit).await
        }
    }

    async fn count_contacts(&self, site: SiteId, filter: &ContactFilter, cap: u32) -> Result<u32> {
        count(&mut *self.report_pool.acquire(site).await?, site, filter, cap).await
    }

    async fn replace_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        draft: &ContactDraft,
        expected_revision: Option<&str>,
        at: Timestamp,
    ) -> Result<ReplaceContactOutcome> {
        let (draft, former) = (draft.clone(), expected_revision.map(str::to_owned));
        self.writer
            .for_site(site)
            .run(move |tx| replace(tx, site, contact, draft, former, at).boxed())
            .await
    }

    async fn archive_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        at: Timestamp,
    ) -> Result<bool> {
        self.writer.for_site(site).run(move |tx| soft_delete(tx, site, contact, at).boxed()).await
    }

    async fn deleted_contact(
        &self,
        site: SiteId,
        lookup: &ContactLookup,
    ) -> Result<Option<Contact>> {
        contact::find(&mut *self.read_connection_for(site).await?, site, lookup, true).await
    }

    async fn merge_contact(
        &self,
        site: SiteId,
        draft: &ContactDraft,
        options: &ImportOptions,
        at: Timestamp,
    ) -> Result<RowResult> {
        let (draft, options) = (draft.clone(), options.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                async move {
                    let merged = contact_matching::merge(tx, site, draft, &options, at).await?;
                    merged.contact.into_iter().for_each(|contact| tx.set_subject(contact));
                    Ok(merged)
                }
                .boxed()
            })
            .await
    }

    async fn dry_run_import(
        &self,
        site: SiteId,
        drafts: &[ContactDraft],
        options: &ImportOptions,
    ) -> Result<Vec<RowResult>> {
        let mut dry_run = Vec::with_capacity(drafts.len());
        for drafts in drafts.chunks(FORECAST_BATCH_ROWS) {
            let mut connection = self.report_pool.acquire(site).await?;
            for draft in drafts {
                dry_run
                    .push(contact_matching::forecast(&mut connection, site, draft, options).await?);
            }
        }
        Ok(dry_run)
    }

    async fn contact_receipts(
        &self,
        site: SiteId,
        contact: ContactId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<ContactReceipt>> {
        receipts(&mut *self.report_pool.acquire(site).await?, site, contact, before, limit).await
    }

    async fn contact_credentials(
        &self,
        site: SiteId,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<Vec<ContactCredential>> {
        let rows = query(CREDENTIALS)
            .bind(site.as_bytes())
            .bind(contact.0)
            .bind(now.millis())
            .fetch_all(&mut *self.read_connection_for(site).await?)
            .await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::new(row);
                Ok(ContactCredential { is_session: columns.value()?, expires_at: columns.time()? })
            })
            .collect()
    }
}
