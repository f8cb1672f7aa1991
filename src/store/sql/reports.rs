//! The message list of senders. Counting is in [`super::stats`].
//!
//! A list is read from its newest end by the best index, in chunks. Filters without an index are
//! applied here, and a page looks at a bounded number of messages.

use super::{
    SqlStore,
    fan_out::{placed_are_meant, waiting_contacts},
    feeds::FeedId,
    message,
    message_rows::{Lifecycle, message_columns, message_of},
    retention, stats,
};
use crate::{
    CancelOutcome, ReportStore, Result, SegmentStore as _,
    db::{Columns, Connection, Row, query},
};
use async_trait::async_trait;
use belfry_domain::{
    Language, MessageAudience, MessageContent, MessageCursor, MessageId, MessagePage, MessageQuery,
    MessageState, MessageStats, MessageSummary, SiteId, SiteStats, Timestamp,
};
use futures_util::FutureExt as _;
use std::collections::BTreeMap;

/// The most messages that are read at a time.
const CHUNK_MESSAGES: usize = 500;

// ?2 and ?3 are the upper bound of the position, ?4 the lower bound of the time; ?6 says whether
// texts are needed.
macro_rules! list {
    ($index:literal, $matching:literal) => {
        concat!(
            "SELECT m.created_at, m.id, m.state, m.expires_at, m.category, m.name, CASE WHEN ?6 <> 0 THEN m.content END FROM message AS m INDEXED BY ",
            $index,
            " WHERE m.site_id = ?1 AND m.test = 0",
            $matching,
            " AND (m.created_at, m.id) < (?2, ?3) AND m.created_at >= ?4 ORDER BY m.created_at DESC, m.id DESC LIMIT ?5 + 0"
        )
    };
}

pub(super) const LIST: &str = list!("message_created", "");
pub(super) const LIST_STATE: &str = list!("message_state", " AND m.state = ?7");
pub(super) const LIST_CATEGORY: &str = list!("message_category", " AND m.category = ?7");

pub(super) const SUMMARY: &str = concat!(
    "SELECT (SELECT count(*) FROM recipient INDEXED BY recipient_message WHERE recipient.site_id = ?1 AND recipient.message_id = ?2
        AND recipient.contact_id > 0 AND ",
    placed_are_meant!(),
    ") + (",
    waiting_contacts!("count(*)"),
    "),
     (SELECT min(contact_id) FROM recipient INDEXED BY recipient_message WHERE recipient.site_id = ?1 AND recipient.message_id = ?2), ",
    message_columns!(),
    " FROM message AS m WHERE m.site_id = ?1 AND m.id = ?2"
);

#[async_trait]
impl ReportStore for SqlStore {
    async fn messages(
        &self,
        site: SiteId,
        query: &MessageQuery,
        now: Timestamp,
    ) -> Result<MessagePage> {
        // Filters without an index are applied to each message.
        if query.text.is_some() || (query.category.is_some() && query.state.is_some()) {
            return list(&mut *self.report_pool.acquire(site).await?, site, query, now).await;
        }
        list(&mut *self.read_connection_for(site).await?, site, query, now).await
    }

    async fn message_stats(
        &self,
        site: SiteId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<Option<MessageStats>> {
        stats::message_stats(
            &mut *self.report_pool.acquire(site).await?,
            (site, message),
            None,
            now,
        )
        .await
    }

    async fn message_stats_by_segment(
        &self,
        site: SiteId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<Option<MessageStats>> {
        let segments = self.segments(site, None, MessageStats::SEGMENTS).await?;
        stats::message_stats(
            &mut *self.report_pool.acquire(site).await?,
            (site, message),
            Some(segments),
            now,
        )
        .await
    }

    async fn site_stats(
        &self,
        site: SiteId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<SiteStats> {
        stats::site_stats(&mut *self.report_pool.acquire(site).await?, site, since, now).await
    }

    async fn cancel_message(
        &self,
        site: SiteId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<CancelOutcome> {
        self.writer
            .for_site(site)
            .run(move |tx| message::cancel(tx, site, message, now).boxed())
            .await
    }

    async fn forget_messages(&self, now: Timestamp) -> Result<u64> {
        retention::delete_due(self, now).await
    }
}

/// The number of a state as stored.
fn state_number(state: MessageState) -> i64 {
    (match state {
        MessageState::Scheduled => Lifecycle::Scheduled,
        MessageState::Live => Lifecycle::Live,
        MessageState::Expired => Lifecycle::Expired,
        MessageState::Recalled => Lifecycle::Recalled,
    }) as i64
}

/// A query with its search text normalised for comparison.
struct MessageFilter<'q> {
    query: &'q MessageQuery,
    text: Option<String>,
    now: Timestamp,
}

impl MessageFilter<'_> {
    /// The position of a message, and whether it matches.
    fn evaluate(&self, row: &Row) -> Result<(MessageCursor, bool)> {
        let mut columns = Columns::new(row);
        let cursor = MessageCursor { created_at: columns.time()?, id: columns.message()? };
        let (state, expires_at) = (columns.value::<i64>()?, columns.maybe_time()?);
        let (category, name): (Option<&str>, Option<&str>) = (columns.value()?, columns.value()?);
        // For a moment after its end a message is still stored as live.
        let in_state = |wanted| {
            state == state_number(wanted)
                && (wanted != MessageState::Live || expires_at.is_none_or(|end| end > self.now))
        };
        if !self.query.state.is_none_or(in_state)
            || self.query.category.as_deref().is_some_and(|wanted| category != Some(wanted))
        {
            return Ok((cursor, false));
        }
        let Some(text) = &self.text else { return Ok((cursor, true)) };
        let holds = |part: &str| part.to_lowercase().contains(text);
        let content: Option<BTreeMap<Language, MessageContent>> = columns.maybe_json()?;
        let said = content.is_some_and(|content| {
            content.values().any(|content| holds(&content.title) || holds(&content.body))
        });
        Ok((cursor, said || name.is_some_and(holds)))
    }
}

async fn list(
    connection: &mut Connection,
    site: SiteId,
    query: &MessageQuery,
    now: Timestamp,
) -> Result<MessagePage> {
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let sought =
        MessageFilter { query, text: query.text.as_ref().map(|text| text.to_lowercase()), now };
    let end =
        query.to.map(|to| MessageCursor { created_at: to, id: MessageId::from_bytes([0; 16]) });
    let newest = MessageCursor {
        created_at: Timestamp::from_millis(i64::MAX),
        id: MessageId::from_bytes([0; 16]),
    };
    let place = |cursor: &MessageCursor| (cursor.created_at, cursor.id);
    let mut before = query.before.into_iter().chain(end).min_by_key(place).unwrap_or(newest);
    let (mut found, mut looked_at) = (Vec::new(), 0);
    let next = loop {
        // One row more than the page has tells whether there are more.
        let chunk = CHUNK_MESSAGES.min(if sought.text.is_none() {
            limit.saturating_add(1).max(50)
        } else {
            CHUNK_MESSAGES
        });
        let rows = chunk_of(connection, site, &sought, before, chunk).await?;
        let last = rows.len() < chunk;
        let mut full = false;
        for row in &rows {
            let (cursor, wanted) = sought.evaluate(row)?;
            if wanted && found.len() == limit {
                full = true;
                break;
            }
            before = cursor;
            looked_at += 1;
            if wanted {
                found.push(cursor.id);
            }
        }
        if full || (!last && looked_at >= MessageQuery::LOOKED_AT) {
            break Some(before);
        }
        if last {
            break None;
        }
    };
    let mut items = Vec::with_capacity(found.len());
    for id in found {
        items.extend(summary(connection, site, id, now).await?);
    }
    Ok(MessagePage { items, next })
}

async fn chunk_of(
    connection: &mut Connection,
    site: SiteId,
    sought: &MessageFilter<'_>,
    before: MessageCursor,
    limit: usize,
) -> Result<Vec<Row>> {
    let wanted = sought.query;
    let statement = match (&wanted.category, wanted.state) {
        (Some(_), _) => LIST_CATEGORY,
        (None, Some(_)) => LIST_STATE,
        (None, None) => LIST,
    };
    let bound = query(statement)
        .bind(site.as_bytes())
        .bind(before.created_at.millis())
        .bind(before.id.as_bytes().to_vec())
        .bind(wanted.from.map_or(i64::MIN, Timestamp::millis))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(sought.text.is_some());
    let bound = match (&wanted.category, wanted.state) {
        (Some(category), _) => bound.bind(category),
        (None, Some(state)) => bound.bind(state_number(state)),
        (None, None) => bound,
    };
    bound.fetch_all(connection).await
}

/// A message as shown in a list; `None` when it was just deleted.
async fn summary(
    connection: &mut Connection,
    site: SiteId,
    id: MessageId,
    now: Timestamp,
) -> Result<Option<MessageSummary>> {
    let Some(row) =
        query(SUMMARY).bind(site.as_bytes()).bind(id.as_bytes()).fetch_optional(connection).await?
    else {
        return Ok(None);
    };
    let mut columns = Columns::new(&row);
    let recipients = columns.value::<i64>()?.unsigned_abs();
    let feed: Option<i64> = columns.value()?;
    let mut message = message_of(&mut columns, site, &[])?;
    if let Some(segment) = feed.and_then(|feed| FeedId(feed).segment()) {
        message.audience = MessageAudience::Segment(segment);
    }
    Ok(Some(MessageSummary {
        recipients: (!message.audience.is_everyone()).then_some(recipients),
        state: MessageState::of(&message, now),
        message,
    }))
}
