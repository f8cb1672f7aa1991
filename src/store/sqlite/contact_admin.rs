//! Contact administration: search, replace, soft delete, import matching and message history.
//! Implements [`ContactStore`].

use super::{
    SqliteStore,
    columns::Columns,
    contact::{self, contact_columns, contact_of},
    contact_changes, contact_matching,
    message_rows::{message_columns, message_of},
    stats::earliest,
    watermark::{passed, read_with_all},
    write_tx::WriteTx,
};
use crate::{ContactStore, ReplaceContactOutcome, Result, StoreError};
use async_trait::async_trait;
use belfry_domain::{
    Contact, ContactCredential, ContactDraft, ContactFilter, ContactId, ContactLookup,
    ContactReceipt, ContactWindow, EmailAddress, ImportOptions, InboxEvent, MessageId, PhoneNumber,
    RevokedSessions, RowResult, SiteId, Timestamp,
};
use futures_util::FutureExt as _;
use serde_json::Map;
use sqlx::{Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};
use std::time::Duration;

/// A contact's last-seen time is updated at most once in this interval.
pub(super) const LAST_SEEN_INTERVAL: Duration = Duration::from_hours(1);

/// Rows of an import preview that are looked up before others get the read connection.
const FORECAST_BATCH_ROWS: usize = 500;
/// The most contacts that a list may skip on a connection of the read pool; more use a report
/// connection.
const MAX_READER_OFFSET: u32 = 1_000;

/// The statements for one index. The first condition uses the index; the others are checked row by
/// row.
pub(super) struct SearchStatements {
    pub(super) newest: &'static str,
    pub(super) oldest: &'static str,
    pub(super) count: &'static str,
}

macro_rules! sought {
    ($head:expr, $from:literal, $by:literal, $tail:literal) => {
        concat!(
            $head,
            " FROM contact",
            $from,
            " WHERE site_id = ?1 AND deleted_at IS NULL",
            $by,
            " AND (?2 IS NULL OR email = ?2) AND (?3 IS NULL OR phone = ?3) AND (?4 IS NULL OR first_name_key = ?4)
             AND (?5 IS NULL OR last_name_key = ?5) AND (?6 IS NULL OR language = ?6) AND (?7 IS NULL OR instr(search_key, ?7) > 0)",
            $tail
        )
    };
}

/// `SQLite` chooses indexes without knowing how many rows there are, and would scan a site's
/// contacts in order. Where it does, the index is named.
macro_rules! way {
    ($from:literal, $by:literal) => {
        SearchStatements {
            newest: concat!(
                "SELECT ",
                contact_columns!(),
                sought!("", $from, $by, " AND id < ?8 ORDER BY id DESC LIMIT ?9 + 0")
            ),
            oldest: concat!(
                "SELECT ",
                contact_columns!(),
                sought!("", $from, $by, " AND id > 0 ORDER BY id LIMIT ?9 + 0 OFFSET ?8 + 0")
            ),
            count: sought!("SELECT count(*) FROM (SELECT 1", $from, $by, " LIMIT ?8 + 0)"),
        }
    };
}

/// Free text alone: the narrow search index is scanned, and only matching contacts are fetched.
macro_rules! by_text {
    ($tail:literal) => {
        concat!("SELECT id FROM contact INDEXED BY contact_search WHERE site_id = ?1 AND deleted_at IS NULL AND instr(search_key, ?2) > 0", $tail)
    };
}

macro_rules! fetched {
    ($tail:literal, $order:literal) => {
        concat!(
            "SELECT ",
            contact_columns!(),
            " FROM contact WHERE site_id = ?1 AND id IN (",
            by_text!($tail),
            ") ORDER BY id",
            $order
        )
    };
}

pub(super) const ALL: SearchStatements = way!("", "");
pub(super) const BY_EMAIL: SearchStatements = way!(" INDEXED BY contact_email", " AND email = ?2");
pub(super) const BY_PHONE: SearchStatements = way!(" INDEXED BY contact_phone", " AND phone = ?3");
pub(super) const BY_FIRST_NAME: SearchStatements =
    way!(" INDEXED BY contact_first_name", " AND first_name_key = ?4");
pub(super) const BY_LAST_NAME: SearchStatements =
    way!(" INDEXED BY contact_last_name", " AND last_name_key = ?5");
pub(super) const BY_LANGUAGE: SearchStatements =
    way!(" INDEXED BY contact_language", " AND language = ?6");
pub(super) const BY_TEXT: SearchStatements = SearchStatements {
    newest: fetched!(" AND id < ?3 ORDER BY id DESC LIMIT ?4 + 0", " DESC"),
    oldest: fetched!(" AND id > 0 ORDER BY id LIMIT ?4 + 0 OFFSET ?3 + 0", ""),
    count: concat!("SELECT count(*) FROM (", by_text!(" LIMIT ?3 + 0"), ")"),
};

// The end of a message `m`, if it has one.
macro_rules! end {
    () => {
        "min(coalesce(m.expires_at, m.recalled_at), coalesce(m.recalled_at, m.expires_at))"
    };
}

/// Messages addressed to the contact, and those with a receipt of the contact, with their position.
/// Visibility is decided before any time is looked up. The `+` keeps `SQLite` from the index by
/// message, in which it would scan all `recipient` rows of the site.
pub(super) const RECEIPTS: &str = concat!(
    "WITH own AS (
        SELECT message_id FROM receipt WHERE site_id = ?1 AND contact_id = ?2 AND message_id < ?3
        UNION SELECT message_id FROM recipient WHERE site_id = ?1 AND contact_id = ?2 AND +message_id < ?3),
     list AS MATERIALIZED (
        SELECT own.message_id FROM own CROSS JOIN message ON message.site_id = ?1 AND message.id = own.message_id
        ORDER BY own.message_id DESC LIMIT ?4 + 0),
     stood AS MATERIALIZED (
        SELECT list.message_id, CASE WHEN message.position = 0 THEN 0 ELSE coalesce(
            (SELECT abs(p.position) FROM recipient AS p INDEXED BY recipient_message
                WHERE p.site_id = ?1 AND p.message_id = list.message_id AND p.contact_id = ?2),
            message.position) END AS position
        FROM list CROSS JOIN message ON message.site_id = ?1 AND message.id = list.message_id)
     SELECT ",
    message_columns!(),
    ", stood.position > 0 AND NOT (coalesce(r.unread_epoch = contact.read_epoch, 0) OR (r.read_at IS NULL AND stood.position > contact.read_position)), ",
    passed!("0", "stood.position"),
    ", ",
    passed!("1", "stood.position"),
    ", r.read_at, CASE WHEN r.read_at IS NULL THEN ",
    read_with_all!("stood.position", end!()),
    " END, r.clicked_at, r.archived_at, r.deleted_at
     FROM stood CROSS JOIN message AS m ON m.site_id = ?1 AND m.id = stood.message_id
     CROSS JOIN contact ON contact.site_id = ?1 AND contact.id = ?2
     LEFT JOIN receipt AS r ON r.site_id = ?1 AND r.contact_id = ?2 AND r.message_id = m.id
     ORDER BY m.id DESC"
);

pub(super) const CREDENTIALS: &str = "SELECT 0, expires_at FROM contact_token WHERE site_id = ?1 AND contact_id = ?2 AND expires_at > ?3
     UNION ALL SELECT 1, expires_at FROM widget_session WHERE site_id = ?1 AND contact_id = ?2 AND expires_at > ?3";

/// The statements of the most selective index, and whether only text is searched.
fn choose_index(filter: &ContactFilter) -> (SearchStatements, bool) {
    if filter.email.is_some() {
        (BY_EMAIL, false)
    } else if filter.phone.is_some() {
        (BY_PHONE, false)
    } else if filter.last_name.is_some() {
        (BY_LAST_NAME, false)
    } else if filter.first_name.is_some() {
        (BY_FIRST_NAME, false)
    } else if filter.language.is_some() {
        (BY_LANGUAGE, false)
    } else if filter.text.is_some() {
        (BY_TEXT, true)
    } else {
        (ALL, false)
    }
}

fn bind_filter(
    statement: &'static str,
    site: SiteId,
    filter: &ContactFilter,
    text_alone: bool,
) -> Query<'static, Sqlite, SqliteArguments> {
    let query = sqlx::query(statement).bind(site.as_bytes().to_vec());
    let text = filter.text.as_deref().map(str::to_lowercase);
    if text_alone {
        return query.bind(text);
    }
    query
        .bind(filter.email.as_ref().map(|email| EmailAddress::as_str(email).to_owned()))
        .bind(filter.phone.as_ref().map(|phone| PhoneNumber::as_str(phone).to_owned()))
        .bind(filter.first_name.as_deref().map(str::to_lowercase))
        .bind(filter.last_name.as_deref().map(str::to_lowercase))
        .bind(filter.language.clone().map(String::from))
        .bind(text)
}

/// Whether the query needs only a few steps in an index.
fn is_short_lookup(filter: &ContactFilter, window: ContactWindow) -> bool {
    let by_name =
        filter.email.is_some() || filter.phone.is_some() || *filter == ContactFilter::default();
    by_name && !matches!(window, ContactWindow::Offset(offset) if offset > MAX_READER_OFFSET)
}

async fn search(
    connection: &mut SqliteConnection,
    site: SiteId,
    filter: &ContactFilter,
    window: ContactWindow,
    limit: u32,
) -> Result<Vec<Contact>> {
    let (way, text_alone) = choose_index(filter);
    let (statement, from) = match window {
        ContactWindow::Before(before) => (way.newest, before.map_or(i64::MAX, |contact| contact.0)),
        ContactWindow::Offset(offset) => (way.oldest, i64::from(offset)),
    };
    bind_filter(statement, site, filter, text_alone)
        .bind(from)
        .bind(limit)
        .fetch_all(connection)
        .await?
        .iter()
        .map(contact_of)
        .collect()
}

async fn count(
    connection: &mut SqliteConnection,
    site: SiteId,
    filter: &ContactFilter,
    cap: u32,
) -> Result<u32> {
    let (way, text_alone) = choose_index(filter);
    let row =
        bind_filter(way.count, site, filter, text_alone).bind(cap).fetch_one(connection).await?;
    Columns::new(&row).value()
}

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
    let deleted = sqlx::query(
        "UPDATE contact SET deleted_at = ?3, updated_at = ?3, profile_version = profile_version + 1 WHERE site_id = ?1 AND id = ?2 AND deleted_at IS NULL",
    )
    .bind(site.as_bytes())
    .bind(contact.0)
    .bind(at.millis())
    .execute(&mut tx.connection)
    .await?
    .rows_affected();
    if deleted == 0 {
        return Ok(false);
    }
    for statement in [
        "DELETE FROM widget_session WHERE site_id = ?1 AND contact_id = ?2",
        "DELETE FROM contact_token WHERE site_id = ?1 AND contact_id = ?2",
        "DELETE FROM token_family WHERE site_id = ?1 AND contact_id = ?2",
        "DELETE FROM device WHERE site_id = ?1 AND contact_id = ?2",
    ] {
        sqlx::query(statement)
            .bind(site.as_bytes())
            .bind(contact.0)
            .execute(&mut tx.connection)
            .await?;
    }
    tx.next_version(site, false).await?;
    tx.publish(InboxEvent::SessionsRevoked { site, revoked: RevokedSessions::Contact(contact) });
    Ok(true)
}

async fn receipts(
    connection: &mut SqliteConnection,
    site: SiteId,
    contact: ContactId,
    before: Option<MessageId>,
    limit: u32,
) -> Result<Vec<ContactReceipt>> {
    let before = before.unwrap_or_else(|| MessageId::from_bytes([0xff; 16]));
    let rows = sqlx::query(RECEIPTS)
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
impl ContactStore for SqliteStore {
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
        let rows = sqlx::query(CREDENTIALS)
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
