//! The newest messages that each reader keeps; older ones are deleted in the background. Called by [`super::retention`] alone.
//!
//! Each feed has a bound of its own, so that neither a list nor a publish has to count anything. A contact that a message names gets one more
//! `placed` in a row that is written anyway, and an index holds only the contacts that may have too many; the feeds of everyone and of
//! segments are few. Pinned messages go last.
//!
//! Must not read a feed from its newest end in each step: a step costs what it deletes, however long the feed is.

use super::{
    columns::{Columns, to_json},
    retention,
    work::Work,
};
use crate::{
    domain::{Change, ContactId, MessageId, Reach, SiteId},
    store::{KEPT, Result},
};
use sqlx::{Row as _, SqliteConnection};

/// Contacts that one sweep finds at a time.
const MAX_CONTACTS: i64 = 1_000;
/// Messages of a contact's own feed that one step deletes.
const STEP: i64 = 8;
/// Messages besides those that are kept that are left to be found by the writer.
const SLACK: u32 = 64;
/// Surplus messages of a shared feed up to which each removal is announced. Of more, readers are told once, at the end, to look again.
const MAX_ANNOUNCED: u64 = 20;

/// Contacts who may have too many. The number is the one of the index.
pub(super) const FULL: &str = "SELECT site_id, id FROM contact INDEXED BY contact_full WHERE placed > 1000 LIMIT ?1 + 0";

/// Feeds that belong to no single contact.
pub(super) const SHARED: &str = "SELECT id, 0 FROM site UNION ALL SELECT site_id, -number FROM segment INDEXED BY segment_in_use WHERE in_use = 1";

/// The position of the newest message that is one too many: of those that are not pinned, and of the pinned ones. ?3 is how many are kept.
pub(super) const NEWEST_SURPLUS: [&str; 2] = [
    "SELECT position FROM placement WHERE site_id = ?1 AND contact_id = ?2 AND position > 0 AND pinned = 0 ORDER BY position DESC
     LIMIT 1 OFFSET max(0, ?3 - (SELECT count(*) FROM (SELECT 1 FROM placement INDEXED BY placement_pinned
        WHERE site_id = ?1 AND contact_id = ?2 AND position > 0 AND pinned = 1 LIMIT ?3 + 0)))",
    "SELECT position FROM placement INDEXED BY placement_pinned WHERE site_id = ?1 AND contact_id = ?2 AND position > 0 AND pinned = 1
     ORDER BY position DESC LIMIT 1 OFFSET ?3 + 0",
];

/// The oldest surplus above ?3 up to ?4: of those that are not pinned, and of the pinned ones.
pub(super) const SURPLUS: [&str; 2] = [
    "SELECT message_id, position FROM placement WHERE site_id = ?1 AND contact_id = ?2 AND position > ?3 AND position <= ?4 AND pinned = 0
     ORDER BY position LIMIT ?5 + 0",
    "SELECT message_id, position FROM placement INDEXED BY placement_pinned WHERE site_id = ?1 AND contact_id = ?2 AND position > ?3
     AND position <= ?4 AND pinned = 1 ORDER BY position LIMIT ?5 + 0",
];

/// Takes messages ?3 from a contact's own feed, and deletes those that are in no other.
pub(super) const DELETE_OWN: [&str; 3] = [
    "DELETE FROM placement INDEXED BY placement_message WHERE site_id = ?1 AND contact_id = ?2 AND message_id IN (SELECT unhex(value, '-') FROM json_each(?3))",
    "DELETE FROM receipt WHERE site_id = ?1 AND contact_id = ?2 AND message_id IN (SELECT unhex(value, '-') FROM json_each(?3))",
    "DELETE FROM message WHERE site_id = ?1 AND id IN (SELECT unhex(value, '-') FROM json_each(?3)) AND ?2 > 0 AND NOT EXISTS (
        SELECT 1 FROM placement INDEXED BY placement_message WHERE placement.site_id = ?1 AND placement.message_id = message.id)
        AND NOT EXISTS (SELECT 1 FROM fan_out AS f WHERE f.site_id = ?1 AND f.message_id = message.id)",
];

/// What is left counts from now on. It is no more than is kept.
pub(super) const RECOUNT: &str = "UPDATE contact SET placed = (SELECT count(*) FROM placement AS p
     WHERE p.site_id = ?1 AND p.contact_id = ?2 AND p.position > 0) WHERE site_id = ?1 AND id = ?2";

const NOTE: &str = "UPDATE contact SET version = ?3 WHERE site_id = ?1 AND id = ?2";

/// The feeds that may hold too many messages, and whether there are more.
pub(super) async fn feeds(connection: &mut SqliteConnection) -> Result<(Vec<Feed>, bool)> {
    let mut rows = sqlx::query(FULL).bind(MAX_CONTACTS).fetch_all(&mut *connection).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|found| found == MAX_CONTACTS);
    rows.extend(sqlx::query(SHARED).fetch_all(connection).await?);
    let feed = |row| {
        let mut columns = Columns::of(row);
        Ok(Feed { site: columns.site()?, contact: columns.contact()?, surplus: None, exact: false, leaving: None, removed: 0 })
    };
    Ok((rows.iter().map(feed).collect::<Result<_>>()?, more))
}

/// One feed while its surplus is deleted: a contact's own, that of everyone (contact 0), or that of a segment (below 0).
#[derive(Debug, Clone)]
pub(super) struct Feed {
    pub(super) site: SiteId,
    contact: ContactId,
    surplus: Option<Surplus>,
    /// Whether little is left, which is found by the writer itself.
    exact: bool,
    /// A hidden message of which something is left.
    leaving: Option<MessageId>,
    removed: u64,
}

/// Where the surplus of a feed ends, as of a turn's beginning.
#[derive(Debug, Clone, Copy)]
struct Surplus {
    newest: [i64; 2],
    pinned: usize,
    after: i64,
}

impl Feed {
    /// One bounded step; 0 when the feed has no more than are kept.
    pub(super) async fn step(&mut self, work: &mut Work) -> Result<u64> {
        if let Some(message) = self.leaving {
            let rows = retention::delete_piece(work, self.site, message).await?;
            if rows > 0 {
                return Ok(rows);
            }
            self.leaving = None;
        }
        let mut surplus = match self.surplus {
            Some(surplus) => surplus,
            None => self.find_surplus(&mut work.connection, KEPT).await?,
        };
        let limit = if self.is_shared() { 1 } else { STEP };
        let rows = loop {
            let (Some(statement), Some(newest)) = (SURPLUS.get(surplus.pinned).copied(), surplus.newest.get(surplus.pinned)) else {
                break Vec::new();
            };
            let query = sqlx::query(statement).bind(self.site.as_bytes()).bind(self.contact.0).bind(surplus.after).bind(newest).bind(limit);
            let rows = query.fetch_all(&mut work.connection).await?;
            if !rows.is_empty() {
                break rows;
            }
            surplus = Surplus { pinned: surplus.pinned + 1, after: 0, ..surplus };
        };
        if let Some(last) = rows.last() {
            surplus.after = last.try_get(1)?;
        }
        self.surplus = Some(surplus);
        let messages = rows.iter().map(|row| Columns::of(row).message()).collect::<Result<Vec<_>>>()?;
        if self.is_shared() { self.delete_shared(work, messages.first()).await } else { self.delete_own(work, &messages).await }
    }

    /// Finds where the surplus ends, beside the writer: that reads as many rows as are kept. Other transactions may come before the turn, so the
    /// last few are left to be found by the writer.
    ///
    /// Says whether there is anything to do.
    pub(super) async fn prepare(&mut self, connection: &mut SqliteConnection) -> Result<bool> {
        if !self.exact {
            let surplus = self.find_surplus(connection, KEPT + SLACK).await?;
            self.exact = surplus.newest == [0; 2];
            self.surplus = Some(surplus).filter(|_| !self.exact);
        }
        let untouched = self.exact && self.is_shared() && self.removed == 0 && self.leaving.is_none();
        Ok(!untouched || self.find_surplus(connection, KEPT).await?.newest != [0; 2])
    }

    /// Notes what a turn came to. Says whether the feed is done.
    pub(super) fn end_turn(&mut self, finished: bool) -> bool {
        self.surplus = None;
        let done = finished && self.exact;
        self.exact |= finished;
        done
    }

    fn is_shared(&self) -> bool {
        self.contact.0 <= 0
    }

    async fn find_surplus(&self, connection: &mut SqliteConnection, kept: u32) -> Result<Surplus> {
        let mut newest = [0; 2];
        for (position, statement) in newest.iter_mut().zip(NEWEST_SURPLUS) {
            let query = sqlx::query_scalar(statement).bind(self.site.as_bytes()).bind(self.contact.0).bind(kept);
            *position = query.fetch_optional(&mut *connection).await?.unwrap_or(0);
        }
        Ok(Surplus { newest, pinned: 0, after: 0 })
    }

    async fn delete_own(&self, work: &mut Work, messages: &[MessageId]) -> Result<u64> {
        if messages.is_empty() {
            sqlx::query(RECOUNT).bind(self.site.as_bytes()).bind(self.contact.0).execute(&mut work.connection).await?;
            return Ok(0);
        }
        let ids = to_json(messages)?;
        for statement in DELETE_OWN {
            sqlx::query(statement).bind(self.site.as_bytes()).bind(self.contact.0).bind(&ids).execute(&mut work.connection).await?;
        }
        let version = work.next_version(self.site, false).await?;
        sqlx::query(NOTE).bind(self.site.as_bytes()).bind(self.contact.0).bind(version).execute(&mut work.connection).await?;
        for message in messages {
            work.announce(Change::Removed { site: self.site, message: *message, reach: Reach::Contacts(vec![self.contact]), version });
        }
        Ok(messages.len() as u64)
    }

    /// The first ones are announced one by one, as a sender's own removals are. An upgrade or an import may leave tens of thousands, too old to be
    /// on anybody's screen: of these, readers are told once.
    async fn delete_shared(&mut self, work: &mut Work, message: Option<&MessageId>) -> Result<u64> {
        let Some(message) = message else {
            if self.removed > MAX_ANNOUNCED {
                let version = work.next_version(self.site, true).await?;
                work.announce(Change::Reconsidered { site: self.site, contact: None, version });
                self.removed = 0;
            }
            return Ok(0);
        };
        self.removed += 1;
        if self.removed <= MAX_ANNOUNCED {
            retention::hide(work, self.site, *message).await?;
            self.leaving = Some(*message);
            return retention::delete_piece(work, self.site, *message).await;
        }
        let (rows, hidden) = retention::delete_visible(work, self.site, *message).await?;
        self.leaving = hidden.then_some(*message);
        Ok(rows)
    }
}
