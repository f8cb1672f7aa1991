//! The retention cap of each feed: messages above it are deleted in the background. Called by
//! [`super::retention`] only.
//!
//! Each feed has its own cap, so neither a list nor a publish has to count. For a named contact,
//! `recipient_rows` is incremented in a row that is written anyway, and an index contains only contacts
//! that may be above the cap; the feeds of everyone and of segments are few. Pinned messages are
//! deleted last.
//!
//! A step must not read a feed from its newest end: its cost is that of the rows it deletes,
//! however long the feed is.

use super::{
    message_deletion::{delete_message_step, delete_visible, hide},
    write_tx::WriteTx,
};
use crate::{
    RETENTION_CAP_MESSAGES, Result,
    db::{Columns, Connection, query, query_scalar, to_json},
};
use belfry_domain::{ContactId, InboxEvent, MessageId, Recipients, SiteId};

/// The number of contacts that one query finds.
const CONTACTS_PER_QUERY: i64 = 1_000;
/// The most messages of a contact's own feed that one step deletes.
const MESSAGES_PER_STEP: i64 = 8;
/// The number of excess messages that the writer finds itself, at the end of a turn.
const SLACK_MESSAGES: u32 = 64;
/// Up to this many excess messages of a shared feed are announced one by one. For more, readers get
/// one event at the end to reload.
const MAX_ANNOUNCED: u64 = 20;

/// Contacts that may be above the cap. The number must match that of the index.
pub(super) const CONTACTS_OVER_LIMIT: &str = "SELECT site_id, id FROM contact INDEXED BY contact_over_cap WHERE recipient_rows > 1000 LIMIT ?1 + 0";

/// The feeds of everyone and of segments in use.
pub(super) const SHARED_FEEDS: &str = "SELECT id, 0 FROM site UNION ALL SELECT site_id, -number FROM segment INDEXED BY segment_in_use WHERE in_use = 1";

/// The position of the newest excess message: not pinned, and pinned. ?3 is the cap.
pub(super) const NEWEST_EXCESS: [&str; 2] = [
    "SELECT position FROM recipient WHERE site_id = ?1 AND contact_id = ?2 AND position > 0 AND pinned = 0 ORDER BY position DESC
     LIMIT 1 OFFSET max(0, ?3 - (SELECT count(*) FROM (SELECT 1 FROM recipient INDEXED BY recipient_pinned
        WHERE site_id = ?1 AND contact_id = ?2 AND position > 0 AND pinned = 1 LIMIT ?3 + 0)))",
    "SELECT position FROM recipient INDEXED BY recipient_pinned WHERE site_id = ?1 AND contact_id = ?2 AND position > 0 AND pinned = 1
     ORDER BY position DESC LIMIT 1 OFFSET ?3 + 0",
];

/// The oldest excess messages above ?3 up to ?4: not pinned, and pinned.
pub(super) const EXCESS: [&str; 2] = [
    "SELECT message_id, position FROM recipient WHERE site_id = ?1 AND contact_id = ?2 AND position > ?3 AND position <= ?4 AND pinned = 0
     ORDER BY position LIMIT ?5 + 0",
    "SELECT message_id, position FROM recipient INDEXED BY recipient_pinned WHERE site_id = ?1 AND contact_id = ?2 AND position > ?3
     AND position <= ?4 AND pinned = 1 ORDER BY position LIMIT ?5 + 0",
];

/// Deletes messages ?3 from a contact's own feed, and those that are in no other feed.
pub(super) const DELETE_OWN: [&str; 3] = [
    "DELETE FROM recipient INDEXED BY recipient_message WHERE site_id = ?1 AND contact_id = ?2 AND message_id IN (SELECT unhex(value, '-') FROM json_each(?3))",
    "DELETE FROM receipt WHERE site_id = ?1 AND contact_id = ?2 AND message_id IN (SELECT unhex(value, '-') FROM json_each(?3))",
    "DELETE FROM message WHERE site_id = ?1 AND id IN (SELECT unhex(value, '-') FROM json_each(?3)) AND ?2 > 0 AND NOT EXISTS (
        SELECT 1 FROM recipient INDEXED BY recipient_message WHERE recipient.site_id = ?1 AND recipient.message_id = message.id)
        AND NOT EXISTS (SELECT 1 FROM fan_out AS f WHERE f.site_id = ?1 AND f.message_id = message.id)",
];

/// Recounts a contact's messages. Their number is at most the cap.
pub(super) const RECOUNT: &str =
    "UPDATE contact SET recipient_rows = (SELECT count(*) FROM recipient AS p
     WHERE p.site_id = ?1 AND p.contact_id = ?2 AND p.position > 0) WHERE site_id = ?1 AND id = ?2";

const SET_VERSION: &str = "UPDATE contact SET version = ?3 WHERE site_id = ?1 AND id = ?2";

/// The feeds that may be above the cap, and whether there are more.
pub(super) async fn feeds(connection: &mut Connection) -> Result<(Vec<FeedTrim>, bool)> {
    let mut rows =
        query(CONTACTS_OVER_LIMIT).bind(CONTACTS_PER_QUERY).fetch_all(&mut *connection).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|found| found == CONTACTS_PER_QUERY);
    rows.extend(query(SHARED_FEEDS).fetch_all(connection).await?);
    let feed = |row| {
        let mut columns = Columns::new(row);
        Ok(FeedTrim {
            site: columns.site()?,
            contact: columns.contact()?,
            excess: None,
            is_exact: false,
            partly_deleted: None,
            deleted_rows: 0,
        })
    };
    Ok((rows.iter().map(feed).collect::<Result<_>>()?, more))
}

/// A feed whose excess is being deleted: a contact's own, that of everyone (contact 0), or that of
/// a segment (negative).
#[derive(Debug, Clone)]
pub(super) struct FeedTrim {
    pub(super) site: SiteId,
    contact: ContactId,
    excess: Option<Excess>,
    /// Whether little is left, which the writer finds itself.
    is_exact: bool,
    /// A hidden message that is not completely deleted.
    partly_deleted: Option<MessageId>,
    deleted_rows: u64,
}

/// Where the excess of a feed ends, as of the start of a turn.
#[derive(Debug, Clone, Copy)]
struct Excess {
    newest: [i64; 2],
    pinned: usize,
    after: i64,
}

impl FeedTrim {
    /// One bounded step. Returns 0 when the feed is within its cap.
    pub(super) async fn step(&mut self, tx: &mut WriteTx) -> Result<u64> {
        if let Some(message) = self.partly_deleted {
            let rows = delete_message_step(tx, self.site, message).await?;
            if rows > 0 {
                return Ok(rows);
            }
            self.partly_deleted = None;
        }
        let mut surplus = match self.excess {
            Some(surplus) => surplus,
            None => self.find_excess(&mut tx.connection, RETENTION_CAP_MESSAGES).await?,
        };
        let limit = if self.is_shared() { 1 } else { MESSAGES_PER_STEP };
        let rows = loop {
            let (Some(statement), Some(newest)) =
                (EXCESS.get(surplus.pinned).copied(), surplus.newest.get(surplus.pinned))
            else {
                break Vec::new();
            };
            let query = query(statement)
                .bind(self.site.as_bytes())
                .bind(self.contact.0)
                .bind(surplus.after)
                .bind(newest)
                .bind(limit);
            let rows = query.fetch_all(&mut tx.connection).await?;
            if !rows.is_empty() {
                break rows;
            }
            surplus = Excess { pinned: surplus.pinned + 1, after: 0, ..surplus };
        };
        if let Some(last) = rows.last() {
            surplus.after = last.try_get(1)?;
        }
        self.excess = Some(surplus);
        let messages =
            rows.iter().map(|row| Columns::new(row).message()).collect::<Result<Vec<_>>>()?;
        if self.is_shared() {
            self.delete_shared(tx, messages.first()).await
        } else {
            self.delete_own(tx, &messages).await
        }
    }

    /// Finds the end of the excess on a read connection, since that reads as many rows as the cap.
    /// Other transactions may run before the turn, so the writer finds the last few itself.
    ///
    /// Returns whether there is anything to do.
    pub(super) async fn prepare(&mut self, connection: &mut Connection) -> Result<bool> {
        if !self.is_exact {
            let surplus =
                self.find_excess(connection, RETENTION_CAP_MESSAGES + SLACK_MESSAGES).await?;
            self.is_exact = surplus.newest == [0; 2];
            self.excess = Some(surplus).filter(|_| !self.is_exact);
        }
        let untouched = self.is_exact
            && self.is_shared()
            && self.deleted_rows == 0
            && self.partly_deleted.is_none();
        Ok(!untouched
            || self.find_excess(connection, RETENTION_CAP_MESSAGES).await?.newest != [0; 2])
    }

    /// Records the result of a turn. Returns whether the feed is done.
    pub(super) fn end_turn(&mut self, finished: bool) -> bool {
        self.excess = None;
        let done = finished && self.is_exact;
        self.is_exact |= finished;
        done
    }

    fn is_shared(&self) -> bool {
        self.contact.0 <= 0
    }

    async fn find_excess(&self, connection: &mut Connection, kept: u32) -> Result<Excess> {
        let mut newest = [0; 2];
        for (position, statement) in newest.iter_mut().zip(NEWEST_EXCESS) {
            let query =
                query_scalar(statement).bind(self.site.as_bytes()).bind(self.contact.0).bind(kept);
            *position = query.fetch_optional(&mut *connection).await?.unwrap_or(0);
        }
        Ok(Excess { newest, pinned: 0, after: 0 })
    }

    async fn delete_own(&self, tx: &mut WriteTx, messages: &[MessageId]) -> Result<u64> {
        if messages.is_empty() {
            query(RECOUNT)
                .bind(self.site.as_bytes())
                .bind(self.contact.0)
                .execute(&mut tx.connection)
                .await?;
            return Ok(0);
        }
        let ids = to_json(messages)?;
        for statement in DELETE_OWN {
            query(statement)
                .bind(self.site.as_bytes())
                .bind(self.contact.0)
                .bind(&ids)
                .execute(&mut tx.connection)
                .await?;
        }
        let version = tx.next_version(self.site, false).await?;
        query(SET_VERSION)
            .bind(self.site.as_bytes())
            .bind(self.contact.0)
            .bind(version.0)
            .execute(&mut tx.connection)
            .await?;
        for message in messages {
            tx.publish(InboxEvent::MessageRemoved {
                site: self.site,
                message: *message,
                recipients: Recipients::Contacts(vec![self.contact]),
                version,
            });
        }
        Ok(messages.len() as u64)
    }

    /// The first ones are announced one by one, like recalls. After an upgrade or an import there
    /// may be tens of thousands, too old to be on any screen: readers get one event to reload.
    async fn delete_shared(
        &mut self,
        tx: &mut WriteTx,
        message: Option<&MessageId>,
    ) -> Result<u64> {
        let Some(message) = message else {
            if self.deleted_rows > MAX_ANNOUNCED {
                let version = tx.next_version(self.site, true).await?;
                tx.publish(InboxEvent::Invalidated { site: self.site, contact: None, version });
                self.deleted_rows = 0;
            }
            return Ok(0);
        };
        self.deleted_rows += 1;
        if self.deleted_rows <= MAX_ANNOUNCED {
            hide(tx, self.site, *message).await?;
            self.partly_deleted = Some(*message);
            return delete_message_step(tx, self.site, *message).await;
        }
        let (rows, hidden) = delete_visible(tx, self.site, *message).await?;
        self.partly_deleted = hidden.then_some(*message);
        Ok(rows)
    }
}
