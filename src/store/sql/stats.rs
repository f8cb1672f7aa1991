//! Message statistics: computed from receipts and the watermark log, by key, when they are
//! requested.
//!
//! Nothing is stored, so nothing can drift. The cost grows with the audience up to a limit. It runs
//! on a report connection, so neither readers nor senders wait for it.

use super::{
    contact::{contact_columns, contact_in},
    fan_out::{placed_are_meant, waiting_contacts},
    segment,
    watermark::{passed, read_with_all},
};
use crate::{
    Result,
    db::{Columns, Connection, Row, query, query_scalar, to_json},
};
use belfry_domain::{
    DailyStats, Funnel, MessageId, MessageStats, Rule, Segment, SegmentFunnel, SiteId, SiteStats,
    StatsBucket, Timestamp,
};
use futures_util::TryStreamExt as _;
use std::{collections::HashSet, time::Duration};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// How long the time series has hourly steps.
const HOURLY_FOR: Duration = Duration::from_hours(48);
/// How long it has daily steps after that.
const DAILY_FOR: Duration = Duration::from_hours(24 * 365);

// The progress of message ?2, at $position and with end ?5, with each `contact`, whose receipt is
// `r`; and the columns $asked of the contact.
macro_rules! progress {
    ($position:literal, $asked:expr) => {
        concat!(
            "SELECT contact.language, ",
            passed!("0", $position),
            ", ",
            passed!("1", $position),
            ", CASE WHEN r.unread_epoch IS contact.read_epoch THEN NULL WHEN r.read_at IS NOT NULL THEN r.read_at ELSE ",
            read_with_all!($position, "?5"),
            " END, r.clicked_at, CASE WHEN r.deleted_at IS NULL THEN r.archived_at END",
            $asked
        )
    };
}

macro_rules! with_receipt {
    () => {
        " LEFT JOIN receipt AS r ON r.site_id = ?1 AND r.contact_id = contact.id AND r.message_id = ?2"
    };
}

// The columns that a segment rule is evaluated on. A deleted contact is in no segment.
macro_rules! described {
    () => {
        concat!(", contact.deleted_at IS NULL, ", contact_columns!("contact."))
    };
}

macro_rules! of_everyone {
    ($asked:expr, $columns:expr) => {
        concat!(
            progress!("?3", $asked),
            " FROM (SELECT ",
            $columns,
            " FROM contact WHERE site_id = ?1 AND id > 0 AND deleted_at IS NULL LIMIT ?4 + 0) AS contact",
            with_receipt!()
        )
    };
}

// With many contacts, each has the message at its own position. Pending contacts are counted as
// well. While the message has no position (?3 = 0), no contact has one.
macro_rules! of_named {
    ($asked:expr) => {
        concat!(
            progress!("p.position", $asked),
            " FROM (SELECT contact_id, CASE WHEN ?3 = 0 THEN 0 ELSE abs(position) END AS position
                FROM recipient INDEXED BY recipient_message WHERE site_id = ?1 AND message_id = ?2 AND contact_id > 0 AND ",
            placed_are_meant!(),
            " UNION ALL ",
            waiting_contacts!("contact.id, NULL"),
            " LIMIT ?4 + 0)
             AS p CROSS JOIN contact ON contact.site_id = ?1 AND contact.id = p.contact_id",
            with_receipt!()
        )
    };
}

// Those of the contacts ?6, which are in a segment.
macro_rules! of_segment {
    ($asked:expr) => {
        concat!(
            progress!("?3", $asked),
            " FROM json_each(?6) AS p CROSS JOIN contact ON contact.site_id = ?1 AND contact.id = CAST(p.value AS BIGINT)",
            with_receipt!()
        )
    };
}

/// For each kind of audience: without and with the columns for segment rules.
pub(super) const OF_EVERYONE: [&str; 2] = [
    of_everyone!("", "id, language, read_epoch"),
    of_everyone!(described!(), concat!(contact_columns!(), ", read_epoch, deleted_at")),
];
pub(super) const OF_NAMED: [&str; 2] = [of_named!(""), of_named!(described!())];
pub(super) const OF_SEGMENT: [&str; 2] = [of_segment!(""), of_segment!(described!())];

pub(super) const CONTACTS: &str =
    "SELECT count(*) FROM contact WHERE site_id = ?1 AND id > 0 AND deleted_at IS NULL";

pub(super) const NAMED: &str = concat!(
    "SELECT (SELECT count(*) FROM recipient INDEXED BY recipient_message WHERE site_id = ?1 AND message_id = ?2 AND contact_id > 0 AND ",
    placed_are_meant!(),
    ") + (",
    waiting_contacts!("count(*)"),
    ")"
);

pub(super) const SENT: &str = "SELECT publish_at FROM message INDEXED BY message_published
     WHERE site_id = ?1 AND publish_at >= ?2 AND publish_at <= ?3 AND test = 0 AND position > 0 ORDER BY publish_at DESC LIMIT ?4 + 0";

pub(super) const WATERMARK_MOVES: &str =
    "SELECT at, contact_id, kind FROM watermark_log INDEXED BY watermark_log_at
     WHERE site_id = ?1 AND at >= ?2 AND at <= ?3 ORDER BY at DESC LIMIT ?4 + 0";

pub(super) const READ_RECEIPTS: &str =
    "SELECT read_at, contact_id, 2 FROM receipt INDEXED BY receipt_read
     WHERE site_id = ?1 AND read_at >= ?2 AND read_at <= ?3 ORDER BY read_at DESC LIMIT ?4 + 0";

/// The times at which one contact reached each step.
struct Progress {
    reached: Option<Timestamp>,
    seen: Option<Timestamp>,
    read: Option<Timestamp>,
    clicked: Option<Timestamp>,
    archived: Option<Timestamp>,
}

impl Progress {
    /// Each step includes those after it. A watermark that passed the message after its end does
    /// not count.
    fn from_columns(columns: &mut Columns<'_>, end: Option<Timestamp>) -> Result<Self> {
        let mut while_shown = || {
            Ok::<_, crate::StoreError>(
                columns.maybe_time()?.filter(|at| end.is_none_or(|end| *at < end)),
            )
        };
        let (delivered, seen, read) = (while_shown()?, while_shown()?, while_shown()?);
        let (clicked, archived) = (columns.maybe_time()?, columns.maybe_time()?);
        let read = earliest(read, clicked);
        let seen = earliest(seen, read);
        Ok(Self {
            reached: earliest(earliest(delivered, seen), archived),
            seen,
            read,
            clicked,
            archived,
        })
    }

    fn steps(&self) -> [u64; 5] {
        [self.reached, self.seen, self.read, self.clicked, self.archived]
            .map(|at| u64::from(at.is_some()))
    }

    fn count(&self, funnel: &mut Funnel) {
        let Funnel { audience, reached, seen, read, clicked, archived } = funnel;
        for (number, came) in [reached, seen, read, clicked, archived].into_iter().zip(self.steps())
        {
            *number += came;
        }
        *audience += 1;
    }
}

/// The segments that the counts are split by, if any.
struct SegmentSplit(Option<Vec<(Rule, SegmentFunnel)>>);

impl SegmentSplit {
    fn new(segments: Option<Vec<Segment>>) -> Self {
        let begun = |segment: Segment| {
            let name = segment.name.unwrap_or_default();
            (
                segment.rule,
                SegmentFunnel {
                    id: segment.id,
                    name,
                    reached: 0,
                    seen: 0,
                    read: 0,
                    clicked: 0,
                    archived: 0,
                },
            )
        };
        Self(segments.map(|segments| segments.into_iter().map(begun).collect()))
    }

    fn is_requested(&self) -> bool {
        self.0.as_ref().is_some_and(|segments| !segments.is_empty())
    }

    /// Counts one contact's progress; `columns` continue with those for the rules.
    fn count(
        &mut self,
        columns: &mut Columns<'_>,
        progress: &Progress,
        now: Timestamp,
    ) -> Result<()> {
        if !self.is_requested() || progress.reached.is_none() || !columns.value::<bool>()? {
            return Ok(());
        }
        let contact = contact_in(columns)?;
        for (_, steps) in
            self.0.iter_mut().flatten().filter(|(rule, _)| rule.matches(&contact, now))
        {
            let SegmentFunnel { reached, seen, read, clicked, archived, .. } = steps;
            for (number, came) in
                [reached, seen, read, clicked, archived].into_iter().zip(progress.steps())
            {
                *number += came;
            }
        }
        Ok(())
    }

    fn into_funnels(self) -> Option<Vec<SegmentFunnel>> {
        Some(self.0?.into_iter().map(|(_, steps)| steps).collect())
    }
}

pub(super) fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

/// The start of the hour or day, counted from the first, that contains a time. `None` for an
/// unknown time.
fn step(first: Timestamp, at: Option<Timestamp>) -> Option<Timestamp> {
    let at = at.filter(|at| at.millis() > 0)?;
    let since = first.until(at);
    let length = if since < HOURLY_FOR { HOUR } else { DAY };
    let since = since.min(DAILY_FOR);
    Some(first.plus(since.saturating_sub(Duration::from_millis(
        u64::try_from(since.as_millis() % length.as_millis()).unwrap_or(0),
    ))))
}

/// The statistics of a message, split by these segments if any are given.
pub(super) async fn message_stats(
    connection: &mut Connection,
    (site, message): (SiteId, MessageId),
    segments: Option<Vec<Segment>>,
    now: Timestamp,
) -> Result<Option<MessageStats>> {
    let mut split = SegmentSplit::new(segments);
    let row = query("SELECT everyone, position, publish_at, expires_at, recalled_at FROM message WHERE site_id = ?1 AND id = ?2")
        .bind(site.as_bytes())
        .bind(message.as_bytes())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::new(&row);
    let (everyone, position): (bool, i64) = (columns.value()?, columns.value()?);
    let (first, end) = (columns.time()?, earliest(columns.maybe_time()?, columns.maybe_time()?));
    let members =
        segment::members_of(connection, site, message, now, MessageStats::COUNTED).await?;
    let audience: i64 = match &members {
        Some(members) => i64::try_from(members.len()).unwrap_or(i64::MAX),
        None => {
            query_scalar(if everyone { CONTACTS } else { NAMED })
                .bind(site.as_bytes())
                .bind(message.as_bytes())
                .fetch_one(&mut *connection)
                .await?
        }
    };
    let [plain, described] = match (&members, everyone) {
        (Some(_), _) => OF_SEGMENT,
        (None, true) => OF_EVERYONE,
        (None, false) => OF_NAMED,
    };
    let mut stats = MessageStats::default();
    let mut rows = query(if split.is_requested() { described } else { plain })
        .bind(site.as_bytes())
        .bind(message.as_bytes())
        .bind(position)
        .bind(i64::try_from(MessageStats::COUNTED).unwrap_or(i64::MAX))
        .bind(end.map(Timestamp::millis))
        .bind(to_json(&members)?)
        .fetch(connection)?;
    while let Some(row) = rows.try_next().await? {
        let mut columns = Columns::new(&row);
        // A language that this program can't parse is left out.
        let language = columns.value::<Option<&str>>()?.and_then(|text| text.parse().ok());
        let progress = Progress::from_columns(&mut columns, end)?;
        progress.count(&mut stats.total);
        progress.count(stats.languages.entry(language).or_default());
        split.count(&mut columns, &progress, now)?;
        let mut count = |at, number: fn(&mut StatsBucket) -> &mut u64| {
            if let Some(step) = step(first, at) {
                *number(stats.series.entry(step).or_default()) += 1;
            }
        };
        count(progress.reached, |step| &mut step.reached);
        count(progress.seen, |step| &mut step.seen);
        count(progress.read, |step| &mut step.read);
        count(progress.clicked, |step| &mut step.clicked);
    }
    stats.segments = split.into_funnels();
    stats.counted = stats.total.audience;
    stats.total.audience = audience.unsigned_abs();
    Ok(Some(stats))
}

/// The start of a day (UTC).
fn day(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(
        at.millis() - at.millis().rem_euclid(i64::try_from(DAY.as_millis()).unwrap_or(i64::MAX)),
    )
}

pub(super) async fn site_stats(
    connection: &mut Connection,
    site: SiteId,
    since: Timestamp,
    now: Timestamp,
) -> Result<SiteStats> {
    let since = day(since);
    let ago = |days: u32| now.minus(DAY.saturating_mul(days));
    let contacts: i64 =
        query_scalar(CONTACTS).bind(site.as_bytes()).fetch_one(&mut *connection).await?;
    let mut stats =
        SiteStats { contacts: contacts.unsigned_abs(), complete: true, ..SiteStats::default() };
    for row in acts(connection, SENT, site, since, now, &mut stats.complete).await? {
        stats.days.entry(day(Columns::new(&row).time()?)).or_default().sent += 1;
    }
    let (mut counted, mut active) =
        (HashSet::new(), [HashSet::new(), HashSet::new(), HashSet::new()]);
    for statement in [WATERMARK_MOVES, READ_RECEIPTS] {
        for row in
            acts(connection, statement, site, since.min(ago(30)), now, &mut stats.complete).await?
        {
            let mut columns = Columns::new(&row);
            let (at, contact, kind): (Timestamp, i64, i64) =
                (columns.time()?, columns.value()?, columns.value()?);
            for (seen, days) in active.iter_mut().zip([1, 7, 30]) {
                if at > ago(days) {
                    seen.insert(contact);
                }
            }
            if at < since || !counted.insert((day(at), kind, contact)) {
                continue;
            }
            let day: &mut DailyStats = stats.days.entry(day(at)).or_default();
            match kind {
                0 => day.delivered += 1,
                1 => day.seen += 1,
                _ => day.read += 1,
            }
        }
    }
    [stats.active_day, stats.active_week, stats.active_month] =
        active.map(|contacts| contacts.len() as u64);
    Ok(stats)
}

async fn acts(
    connection: &mut Connection,
    statement: &'static str,
    site: SiteId,
    since: Timestamp,
    now: Timestamp,
    complete: &mut bool,
) -> Result<Vec<Row>> {
    let rows = query(statement)
        .bind(site.as_bytes())
        .bind(since.millis())
        .bind(now.millis())
        .bind(i64::try_from(SiteStats::COUNTED).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?;
    *complete &= (rows.len() as u64) < SiteStats::COUNTED;
    Ok(rows)
}

#[cfg(test)]
mod tests;
