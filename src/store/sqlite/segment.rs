//! Segments: kept, counted as in use, and asked of a contact who looks. Must not know what a statement does with the lanes it is given.

use super::{
    SqliteStore,
    columns::{Columns, to_json},
    contact,
    lane::Lanes,
    work::Work,
};
use crate::cache::{Bounds, Cache};
use crate::{
    domain::{Change, Contact, ContactId, ContactLookup, Invalid, MessageId, Rule, Segment, SegmentDraft, SegmentId, SiteId, Timestamp},
    store::{DeletedSegment, Result, SegmentStore, StoreError, TOO_MANY_SEGMENTS},
};
use async_trait::async_trait;
use futures_util::FutureExt as _;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};
use std::sync::Arc;

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT number, name, created_at, updated_at, lists, condition FROM segment ", $rest)
    };
}

/// Whether a site has segments in use at all, and under which number they are kept; and the version of what is asked of a contact.
pub(super) const STAMP: &str = "SELECT site.segments, contact.profile FROM site LEFT JOIN contact
     ON contact.site_id = ?1 AND contact.id = ?2 AND contact.deleted_at IS NULL WHERE site.id = ?1";
/// Those of a site that are in use.
pub(super) const IN_USE: &str = select!("INDEXED BY segment_in_use WHERE site_id = ?1 AND in_use = 1 ORDER BY number");
/// One that was deleted is there until its members are.
const ONE: &str = select!("WHERE site_id = ?1 AND number = ?2 AND described_at >= 0");
const NAMED: &str = select!("WHERE site_id = ?1 AND name = ?2");
const ALL: &str = select!("WHERE site_id = ?1 AND name IS NOT NULL AND number < ?2 ORDER BY number DESC LIMIT ?3 + 0");
const MEMBERS: &str = "SELECT list, contact_id FROM segment_member WHERE site_id = ?1 AND segment = ?2 ORDER BY list, contact_id";

pub(super) const AGAIN: &str =
    "UPDATE segment SET described_at = max(described_at, ?3) WHERE site_id = ?1 AND hash = ?2 AND name IS NULL RETURNING number";

/// Its members may be tens of thousands: they go in the background, and the row with the last of them ([`super::described`]).
const DELETE: &str = "UPDATE segment SET name = NULL, hash = randomblob(32), described_at = -1, in_use = 0 WHERE site_id = ?1 AND number = ?2";

/// No message that is shown or waits goes to it any more.
macro_rules! idle {
    () => {
        "NOT EXISTS (SELECT 1 FROM placement AS p WHERE p.site_id = ?1 AND p.contact_id = -segment.number AND p.position > 0)
         AND NOT EXISTS (SELECT 1 FROM placement AS p CROSS JOIN message AS m
            WHERE p.site_id = ?1 AND p.contact_id = -segment.number AND p.position = 0 AND m.site_id = ?1 AND m.id = p.message_id AND m.state = 0)"
    };
}
pub(super) const RELEASE: &str = concat!("UPDATE segment SET in_use = 0 WHERE site_id = ?1 AND number = ?2 AND in_use = 1 AND ", idle!());
const RELEASE_ALL: &str = concat!("UPDATE segment INDEXED BY segment_in_use SET in_use = 0 WHERE site_id = ?1 AND in_use = 1 AND ", idle!());

/// Contacts of whom is remembered in which segments they are.
const MAX_MEMBERS: u64 = 100_000;

/// What an evaluation rests on: the number of the site's last change of its segments in use, and of the contact's last change of what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) segments: i64,
    pub(super) profile: i64,
}

/// The lanes of one contact, and for how long they are right where nothing changes but the time.
#[derive(Clone)]
struct Member {
    version: Version,
    since: Timestamp,
    until: Option<Timestamp>,
    lanes: Lanes,
}

impl Member {
    fn holds(&self, version: Version, now: Timestamp) -> bool {
        self.version == version && self.since <= now && self.until.is_none_or(|until| now < until)
    }
}

const RELEASE_ALL_BUT: &str =
    concat!("UPDATE segment INDEXED BY segment_in_use SET in_use = 0 WHERE site_id = ?1 AND in_use = 1 AND number <> ?2 AND ", idle!());

const TOO_COSTLY: &str = "would, with the conditions of the other segments that messages go to, cost too much to ask of every reader: \
     use fewer `contains` and shorter values, or recall messages to other segments first";

/// How many named segments a site has, and what their rules cost together.
pub(super) const NAMED_COST: &str =
    "SELECT count(*), coalesce(sum(cost), 0) FROM segment INDEXED BY segment_named WHERE site_id = ?1 AND name IS NOT NULL";
/// What the rules of the segments in use cost together.
pub(super) const COST_IN_USE: &str = "SELECT coalesce(sum(cost), 0) FROM segment INDEXED BY segment_in_use WHERE site_id = ?1 AND in_use = 1";

/// What this process remembers: the segments in use, by the number of their site's last change of them; and who is in them, so that rules are
/// asked once for each version of a contact, however often they look or mark.
#[derive(Clone)]
pub(super) struct Known {
    segments: Cache<SiteId, (i64, Arc<Vec<Segment>>)>,
    members: Cache<(SiteId, ContactId), Member>,
}

impl Default for Known {
    fn default() -> Self {
        Self { segments: Cache::bounded(Bounds::entries(1_000)), members: Cache::bounded(Bounds::entries(MAX_MEMBERS)) }
    }
}

impl Known {
    /// Whether the site had segments in use when it was last looked at. If not, a reader's statement is tried without them first and says so
    /// when they are needed.
    pub(super) fn has_segments(&self, site: SiteId) -> bool {
        self.segments.contains_key(&site)
    }
}

/// The lanes of the segments that a contact is in at this moment, and what that rests on. Must not be asked in a transaction that writes: what is
/// read there may never come to be.
pub(super) async fn lanes(
    connection: &mut SqliteConnection,
    known: &Known,
    (site, contact): (SiteId, ContactId),
    now: Timestamp,
) -> Result<(Lanes, Version)> {
    let stamp: Option<(i64, Option<i64>)> = sqlx::query_as(STAMP).bind(site.as_bytes()).bind(contact.0).fetch_optional(&mut *connection).await?;
    let (stamp, profile) = stamp.unwrap_or_default();
    let version = Version { segments: stamp, profile: profile.unwrap_or_default() };
    if stamp <= 0 || profile.is_none() {
        return Ok((Lanes::default(), version));
    }
    if let Some(member) = known.members.get(&(site, contact)).filter(|member| member.holds(version, now)) {
        return Ok((member.lanes, version));
    }
    // The version was read first: what is read now may be newer than it says, never older.
    let segments = if let Some((_, segments)) = known.segments.get(&site).filter(|(of, _)| *of == stamp) {
        segments
    } else {
        let segments = Arc::new(in_use(connection, site).await?);
        known.segments.insert(site, (stamp, Arc::clone(&segments)));
        segments
    };
    let Some(found) = contact::find(connection, site, &ContactLookup::Id(contact), false).await? else { return Ok((Lanes::default(), version)) };
    let lanes = Lanes::of(segments.iter().filter(|segment| segment.rule.matches(&found, now)).map(|segment| segment.id));
    let until = segments.iter().filter_map(|segment| segment.rule.next_change(&found, now)).min();
    known.members.insert((site, contact), Member { version, since: now, until, lanes: lanes.clone() });
    Ok((lanes, version))
}

async fn in_use(connection: &mut SqliteConnection, site: SiteId) -> Result<Vec<Segment>> {
    let rows = sqlx::query(IN_USE).bind(site.as_bytes()).fetch_all(&mut *connection).await?;
    let mut segments = Vec::with_capacity(rows.len());
    for row in &rows {
        segments.push(segment_of(connection, site, row).await?);
    }
    Ok(segments)
}

async fn segment_of(connection: &mut SqliteConnection, site: SiteId, row: &SqliteRow) -> Result<Segment> {
    let mut columns = Columns::of(row);
    let (id, name) = (SegmentId(columns.value()?), columns.value()?);
    let (created_at, updated_at) = (columns.time()?, columns.time()?);
    let mut lists = vec![Vec::new(); usize::try_from(columns.value::<i64>()?).unwrap_or(0)];
    let condition = columns.json()?;
    if !lists.is_empty() {
        for row in sqlx::query(MEMBERS).bind(site.as_bytes()).bind(id.0).fetch_all(connection).await? {
            let list: i64 = row.try_get(0)?;
            if let Some(list) = usize::try_from(list).ok().and_then(|list| lists.get_mut(list)) {
                list.push(ContactId(row.try_get(1)?));
            }
        }
    }
    let rule = Rule::new(condition, lists).map_err(|invalid| StoreError::Inconsistent(format!("segment {id}: {invalid}")))?;
    Ok(Segment { id, name, rule, created_at, updated_at })
}

/// One segment.
pub(super) async fn load(connection: &mut SqliteConnection, site: SiteId, segment: SegmentId) -> Result<Option<Segment>> {
    let row = sqlx::query(ONE).bind(site.as_bytes()).bind(segment.0).fetch_optional(&mut *connection).await?;
    match row {
        Some(row) => Ok(Some(segment_of(connection, site, &row).await?)),
        None => Ok(None),
    }
}

async fn add(work: &mut Work, site: SiteId, draft: SegmentDraft, now: Timestamp) -> Result<Segment> {
    if draft.name.is_none() {
        // Meant again, it is spared by the sweep until its message is there.
        let known: Option<i64> = sqlx::query_scalar(AGAIN)
            .bind(site.as_bytes())
            .bind(draft.hash.0.as_slice())
            .bind(now.millis())
            .fetch_optional(&mut work.connection)
            .await?;
        if let Some(number) = known
            && let Some(segment) = load(&mut work.connection, site, SegmentId(number)).await?
        {
            return Ok(segment);
        }
    }
    let number: Option<i64> = sqlx::query_scalar("UPDATE site SET next_segment = next_segment + 1 WHERE id = ?1 RETURNING next_segment - 1")
        .bind(site.as_bytes())
        .fetch_optional(&mut work.connection)
        .await?;
    let number = number.ok_or_else(|| StoreError::Conflict("there is no such site".to_owned()))?;
    sqlx::query(
        "INSERT INTO segment (site_id, number, name, hash, created_at, updated_at, described_at, lists, condition, cost)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5, ?6, ?7, ?8)",
    )
    .bind(site.as_bytes())
    .bind(number)
    .bind(&draft.name)
    .bind(draft.hash.0.as_slice())
    .bind(now.millis())
    .bind(i64::try_from(draft.rule.lists().len()).unwrap_or(0))
    .bind(to_json(draft.rule.condition())?)
    .bind(i64::try_from(draft.rule.cost()).unwrap_or(i64::MAX))
    .execute(&mut work.connection)
    .await?;
    if draft.name.is_some() {
        check_named(work, site).await?;
    }
    let id = SegmentId(number);
    work.names(id);
    add_members(work, site, id, &draft.rule).await?;
    Ok(Segment { id, name: draft.name, rule: draft.rule, created_at: now, updated_at: now })
}

/// By way of the contact table: one erased in this moment is no member of anything.
async fn add_members(work: &mut Work, site: SiteId, segment: SegmentId, rule: &Rule) -> Result<()> {
    for (list, contacts) in rule.lists().iter().enumerate() {
        sqlx::query(
            "INSERT INTO segment_member (site_id, segment, list, contact_id)
             SELECT ?1, ?2, ?3, contact.id FROM json_each(?4) AS asked CROSS JOIN contact WHERE contact.site_id = ?1 AND contact.id = asked.value",
        )
        .bind(site.as_bytes())
        .bind(segment.0)
        .bind(i64::try_from(list).unwrap_or(0))
        .bind(to_json(contacts)?)
        .execute(&mut work.connection)
        .await?;
    }
    Ok(())
}

async fn update(
    work: &mut Work,
    (site, segment): (SiteId, SegmentId),
    draft: SegmentDraft,
    former: Option<String>,
    now: Timestamp,
) -> Result<Option<Segment>> {
    if let Some(former) = former
        && load(&mut work.connection, site, segment).await?.is_some_and(|stored| stored.revision() != former)
    {
        return Err(StoreError::Changed);
    }
    let used: Option<bool> = sqlx::query_scalar(
        "UPDATE segment SET name = ?3, hash = ?4, updated_at = ?5, lists = ?6, condition = ?7, cost = ?8
         WHERE site_id = ?1 AND number = ?2 AND name IS NOT NULL RETURNING in_use",
    )
    .bind(site.as_bytes())
    .bind(segment.0)
    .bind(&draft.name)
    .bind(draft.hash.0.as_slice())
    .bind(now.millis())
    .bind(i64::try_from(draft.rule.lists().len()).unwrap_or(0))
    .bind(to_json(draft.rule.condition())?)
    .bind(i64::try_from(draft.rule.cost()).unwrap_or(i64::MAX))
    .fetch_optional(&mut work.connection)
    .await?;
    let Some(used) = used else { return Ok(None) };
    check_named(work, site).await?;
    if used && cost_in_use(work, site).await? > Segment::IN_USE_COST {
        return Err(StoreError::Limit(Invalid::new("condition", TOO_COSTLY)));
    }
    sqlx::query("DELETE FROM segment_member WHERE site_id = ?1 AND segment = ?2")
        .bind(site.as_bytes())
        .bind(segment.0)
        .execute(&mut work.connection)
        .await?;
    add_members(work, site, segment, &draft.rule).await?;
    if used {
        renumber(work, site).await?;
        let version = work.next_version(site, true).await?;
        work.announce(Change::Reconsidered { site, contact: None, version });
    }
    load(&mut work.connection, site, segment).await
}

async fn delete(work: &mut Work, site: SiteId, segment: SegmentId) -> Result<DeletedSegment> {
    if load(&mut work.connection, site, segment).await?.is_none_or(|segment| segment.name.is_none()) {
        return Ok(DeletedSegment::Unknown);
    }
    // One whose time is over may be given more of it, so only what was recalled does not count.
    let used: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM placement AS p CROSS JOIN message AS m
            WHERE p.site_id = ?1 AND p.contact_id = -?2 AND m.site_id = ?1 AND m.id = p.message_id AND m.state <> 3)",
    )
    .bind(site.as_bytes())
    .bind(segment.0)
    .fetch_one(&mut work.connection)
    .await?;
    if used {
        return Ok(DeletedSegment::InUse);
    }
    sqlx::query(DELETE).bind(site.as_bytes()).bind(segment.0).execute(&mut work.connection).await?;
    renumber(work, site).await?;
    Ok(DeletedSegment::Done)
}

/// What is remembered of the segments in use is worthless from now on.
async fn renumber(work: &mut Work, site: SiteId) -> Result<()> {
    sqlx::query(
        "UPDATE site SET segments = (abs(segments) + 1) * CASE WHEN EXISTS (
            SELECT 1 FROM segment INDEXED BY segment_in_use WHERE segment.site_id = ?1 AND segment.in_use = 1) THEN 1 ELSE -1 END WHERE id = ?1",
    )
    .bind(site.as_bytes())
    .execute(&mut work.connection)
    .await?;
    Ok(())
}

/// A message goes to this segment from now on.
pub(super) async fn engage(work: &mut Work, site: SiteId, segment: SegmentId) -> Result<()> {
    let used: Option<bool> = sqlx::query_scalar("SELECT in_use FROM segment WHERE site_id = ?1 AND number = ?2 AND described_at >= 0")
        .bind(site.as_bytes())
        .bind(segment.0)
        .fetch_optional(&mut work.connection)
        .await?;
    match used {
        None => return Err(StoreError::Conflict("the audience names a segment that the site does not have".to_owned())),
        Some(true) => return Ok(()),
        Some(false) => {}
    }
    if count_in_use(work, site).await? >= Segment::IN_USE {
        // Messages may have gone without a word: by their age, say.
        sqlx::query(RELEASE_ALL).bind(site.as_bytes()).execute(&mut work.connection).await?;
        if count_in_use(work, site).await? >= Segment::IN_USE {
            return Err(StoreError::Conflict(TOO_MANY_SEGMENTS.to_owned()));
        }
    }
    sqlx::query("UPDATE segment SET in_use = 1 WHERE site_id = ?1 AND number = ?2")
        .bind(site.as_bytes())
        .bind(segment.0)
        .execute(&mut work.connection)
        .await?;
    if cost_in_use(work, site).await? > Segment::IN_USE_COST {
        sqlx::query(RELEASE_ALL_BUT).bind(site.as_bytes()).bind(segment.0).execute(&mut work.connection).await?;
        if cost_in_use(work, site).await? > Segment::IN_USE_COST {
            return Err(StoreError::Limit(Invalid::new("audience.segment", TOO_COSTLY)));
        }
    }
    renumber(work, site).await
}

/// The lane of a message that goes to a segment.
const LANE: &str = "SELECT contact_id FROM placement INDEXED BY placement_message WHERE site_id = ?1 AND message_id = ?2 AND contact_id < 0 LIMIT 1";

/// Who is in the segment that a message goes to, as far as `most`; `None` when it goes to none. For a sender's question: it goes through
/// the site's contacts.
pub(super) async fn members_of(
    connection: &mut SqliteConnection,
    site: SiteId,
    message: MessageId,
    now: Timestamp,
    most: u64,
) -> Result<Option<Vec<ContactId>>> {
    let lane: Option<i64> = sqlx::query_scalar(LANE).bind(site.as_bytes()).bind(message.as_bytes()).fetch_optional(&mut *connection).await?;
    let Some(lane) = lane else { return Ok(None) };
    let Some(segment) = SegmentId::of_lane(ContactId(lane)) else { return Ok(None) };
    let Some(segment) = load(connection, site, segment).await? else { return Ok(Some(Vec::new())) };
    let (mut members, mut after) = (Vec::new(), ContactId(0));
    loop {
        let contacts = contact::after(connection, site, after, 1_000).await?;
        let Some(last) = contacts.last() else { return Ok(Some(members)) };
        after = last.id;
        members.extend(contacts.iter().filter(|contact| segment.rule.matches(contact, now)).map(|contact| contact.id));
        if members.len() as u64 >= most {
            return Ok(Some(members));
        }
    }
}

/// Refuses more named segments than a site may have, or costlier ones.
async fn check_named(work: &mut Work, site: SiteId) -> Result<()> {
    let (count, cost): (i64, i64) = sqlx::query_as(NAMED_COST).bind(site.as_bytes()).fetch_one(&mut work.connection).await?;
    if usize::try_from(count).unwrap_or(0) > Segment::NAMED {
        return Err(StoreError::Limit(Invalid::new("", format!("a site has at most {} segments; delete one first", Segment::NAMED))));
    }
    if usize::try_from(cost).unwrap_or(0) > Segment::NAMED_COST {
        let reason = "would cost too much to ask, with the conditions of the site's other segments: use fewer `contains` and shorter values";
        return Err(StoreError::Limit(Invalid::new("condition", reason)));
    }
    Ok(())
}

async fn cost_in_use(work: &mut Work, site: SiteId) -> Result<usize> {
    let cost: i64 = sqlx::query_scalar(COST_IN_USE).bind(site.as_bytes()).fetch_one(&mut work.connection).await?;
    Ok(usize::try_from(cost).unwrap_or(0))
}

async fn count_in_use(work: &mut Work, site: SiteId) -> Result<usize> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM segment INDEXED BY segment_in_use WHERE site_id = ?1 AND in_use = 1")
        .bind(site.as_bytes())
        .fetch_one(&mut work.connection)
        .await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// A message no longer goes to this segment; perhaps none does.
pub(super) async fn release(work: &mut Work, site: SiteId, segment: SegmentId) -> Result<()> {
    let released = sqlx::query(RELEASE).bind(site.as_bytes()).bind(segment.0).execute(&mut work.connection).await?.rows_affected();
    if released > 0 {
        renumber(work, site).await?;
    }
    Ok(())
}

#[async_trait]
impl SegmentStore for SqliteStore {
    async fn add_segment(&self, site: SiteId, draft: &SegmentDraft, now: Timestamp) -> Result<Segment> {
        let draft = draft.clone();
        self.writer.of(site).run(move |work| add(work, site, draft, now).boxed()).await
    }

    async fn update_segment(
        &self,
        site: SiteId,
        segment: SegmentId,
        draft: &SegmentDraft,
        former: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Segment>> {
        let (draft, former) = (draft.clone(), former.map(str::to_owned));
        self.writer.of(site).run(move |work| update(work, (site, segment), draft, former, now).boxed()).await
    }

    async fn delete_segment(&self, site: SiteId, segment: SegmentId) -> Result<DeletedSegment> {
        self.writer.of(site).run(move |work| delete(work, site, segment).boxed()).await
    }

    async fn segment(&self, site: SiteId, segment: SegmentId) -> Result<Option<Segment>> {
        load(&mut *self.reader_of(site).await?, site, segment).await
    }

    async fn segment_named(&self, site: SiteId, name: &str) -> Result<Option<Segment>> {
        let mut connection = self.reader_of(site).await?;
        let row = sqlx::query(NAMED).bind(site.as_bytes()).bind(name).fetch_optional(&mut *connection).await?;
        match row {
            Some(row) => Ok(Some(segment_of(&mut connection, site, &row).await?)),
            None => Ok(None),
        }
    }

    async fn segments(&self, site: SiteId, before: Option<SegmentId>, limit: u32) -> Result<Vec<Segment>> {
        let mut connection = self.reader_of(site).await?;
        let before = before.map_or(i64::MAX, |segment| segment.0);
        let rows = sqlx::query(ALL).bind(site.as_bytes()).bind(before).bind(limit).fetch_all(&mut *connection).await?;
        let mut segments = Vec::with_capacity(rows.len());
        for row in &rows {
            segments.push(segment_of(&mut connection, site, row).await?);
        }
        Ok(segments)
    }

    async fn contacts_after(&self, site: SiteId, after: ContactId, limit: u32) -> Result<Vec<Contact>> {
        contact::after(&mut *self.reports.turn(site).await?, site, after, limit).await
    }
}
