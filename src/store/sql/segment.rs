//! Segments: stored, counted as in use, and evaluated for a contact. Must not depend on how
//! statements use the feeds.

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT number, name, created_at, updated_at, list_count, condition, first_list, hash FROM segment ", $rest)
    };
}

mod in_use;
mod lists;
mod membership;

use super::{SqlStore, contact, write_tx::WriteTx};
use crate::{
    Conflict, DeleteSegmentOutcome, Result, SegmentStore, StoreError,
    db::{Columns, Connection, Row, query, query_as, query_scalar, to_json},
};
use async_trait::async_trait;
use belfry_domain::{
    Contact, ContactId, InboxEvent, Rule, Segment, SegmentDraft, SegmentId, SiteId, Timestamp,
    ValidationError,
};
use belfry_locales::phrases::errors;
use futures_util::FutureExt as _;

#[cfg(test)]
pub(super) use in_use::{COST_IN_USE, RELEASE_IF_UNUSED};
use in_use::{bump_version, cost_in_use};
pub(super) use in_use::{mark_in_use, release_if_unused};
#[cfg(test)]
pub(super) use lists::DELETE_MEMBERS;
#[cfg(test)]
pub(super) use membership::{EVALUATION_VERSION, IN_USE};
pub(super) use membership::{EvaluationVersion, SegmentCache, feeds_of, members_of};

/// A deleted segment exists until its members are deleted.
const ONE: &str = select!("WHERE site_id = ?1 AND number = ?2 AND inline_used_at >= 0");
const BY_NAME: &str = select!("WHERE site_id = ?1 AND name = ?2");
const ALL: &str = select!(
    "WHERE site_id = ?1 AND name IS NOT NULL AND number < ?2 ORDER BY number DESC LIMIT ?3 + 0"
);
const MEMBERS: &str = "SELECT list - ?3, contact_id FROM segment_member
     WHERE site_id = ?1 AND segment = ?2 AND list >= ?3 AND list < ?3 + ?4 ORDER BY list, contact_id";

pub(super) const RENEW_INLINE: &str = "UPDATE segment SET inline_used_at = max(inline_used_at, ?3) WHERE site_id = ?1 AND hash = ?2 AND name IS NULL RETURNING number, created_at, updated_at";

/// Its members may be tens of thousands: they are deleted in the background, and the row with the
/// last of them ([`super::inline_segments`]).
const DELETE: &str = "UPDATE segment SET name = NULL, hash = randomblob(32), inline_used_at = -1, in_use = 0 WHERE site_id = ?1 AND number = ?2";

/// The number of a site's named segments, and the total cost of their rules.
pub(super) const NAMED_COST: &str = "SELECT count(*), CAST(coalesce(sum(cost), 0) AS BIGINT) FROM segment INDEXED BY segment_with_name WHERE site_id = ?1 AND name IS NOT NULL";
async fn segment_of(connection: &mut Connection, site: SiteId, row: &Row) -> Result<Segment> {
    let mut columns = Columns::new(row);
    let (id, name) = (SegmentId(columns.value()?), columns.value()?);
    let (created_at, updated_at) = (columns.time()?, columns.time()?);
    let count: i64 = columns.value()?;
    let mut lists = vec![Vec::new(); usize::try_from(count).unwrap_or(0)];
    let condition = columns.json()?;
    let first: i64 = columns.value()?;
    if !lists.is_empty() {
        for row in query(MEMBERS)
            .bind(site.as_bytes())
            .bind(id.0)
            .bind(first)
            .bind(count)
            .fetch_all(connection)
            .await?
        {
            let list: i64 = row.try_get(0)?;
            if let Some(list) = usize::try_from(list).ok().and_then(|list| lists.get_mut(list)) {
                list.push(ContactId(row.try_get(1)?));
            }
        }
    }
    let rule = Rule::new(condition, lists)
        .map_err(|invalid| StoreError::Inconsistent(format!("segment {id}: {invalid}")))?;
    Ok(Segment { id, name, rule, created_at, updated_at })
}

pub(super) async fn load(
    connection: &mut Connection,
    site: SiteId,
    segment: SegmentId,
) -> Result<Option<Segment>> {
    let row =
        query(ONE).bind(site.as_bytes()).bind(segment.0).fetch_optional(&mut *connection).await?;
    match row {
        Some(row) => Ok(Some(segment_of(connection, site, &row).await?)),
        None => Ok(None),
    }
}

async fn add(
    tx: &mut WriteTx,
    site: SiteId,
    draft: SegmentDraft,
    now: Timestamp,
) -> Result<Segment> {
    if let Some(segment) = find_inline(tx, site, &draft, now).await? {
        return Ok(segment);
    }
    let id = insert(tx, site, &draft, InsertMode::Complete, now).await?;
    if draft.name.is_some() {
        check_limits(tx, site).await?;
    }
    tx.set_subject(id);
    for (list, contacts) in (0..).zip(draft.rule.lists()) {
        lists::add_members(tx, (site, id), list, contacts).await?;
    }
    Ok(Segment { id, name: draft.name, rule: draft.rule, created_at: now, updated_at: now })
}

/// The inline segment with the same rule, if there is one. Its time is renewed, so that the sweep
/// keeps it until its message exists.
async fn find_inline(
    tx: &mut WriteTx,
    site: SiteId,
    draft: &SegmentDraft,
    now: Timestamp,
) -> Result<Option<Segment>> {
    if draft.name.is_some() {
        return Ok(None);
    }
    let query =
        query(RENEW_INLINE).bind(site.as_bytes()).bind(draft.hash.0.as_slice()).bind(now.millis());
    let Some(row) = query.fetch_optional(&mut tx.connection).await? else { return Ok(None) };
    let mut columns = Columns::new(&row);
    let (id, created_at, updated_at) =
        (SegmentId(columns.value()?), columns.time()?, columns.time()?);
    Ok(Some(Segment { id, name: None, rule: draft.rule.clone(), created_at, updated_at }))
}

/// How a segment is added.
enum InsertMode {
    /// Its members are written in the same transaction.
    Complete,
    /// It can't be found until all its members are written.
    Incomplete,
}

async fn insert(
    tx: &mut WriteTx,
    site: SiteId,
    draft: &SegmentDraft,
    added: InsertMode,
    now: Timestamp,
) -> Result<SegmentId> {
    let number: Option<i64> = query_scalar(
        "UPDATE site SET next_segment = next_segment + 1 WHERE id = ?1 RETURNING next_segment - 1",
    )
    .bind(site.as_bytes())
    .fetch_optional(&mut tx.connection)
    .await?;
    let number = number.ok_or(Conflict::UnknownSite)?;
    let (name, hash) = match added {
        InsertMode::Complete => (draft.name.as_ref(), Some(draft.hash.0.as_slice())),
        InsertMode::Incomplete => (None, None),
    };
    query(
        "INSERT INTO segment (site_id, number, name, hash, created_at, updated_at, inline_used_at, list_count, condition, cost)
         VALUES (?1, ?2, ?3, coalesce(?4, randomblob(32)), ?5, ?5, ?5, ?6, ?7, ?8)",
    )
    .bind(site.as_bytes())
    .bind(number)
    .bind(name)
    .bind(hash)
    .bind(now.millis())
    .bind(i64::try_from(draft.rule.lists().len()).unwrap_or(0))
    .bind(to_json(draft.rule.condition())?)
    .bind(i64::try_from(draft.rule.cost()).unwrap_or(i64::MAX))
    .execute(&mut tx.connection)
    .await?;
    Ok(SegmentId(number))
}

/// Replaces the stored segment with a draft whose lists start at this number.
async fn replace(
    tx: &mut WriteTx,
    (site, id): (SiteId, SegmentId),
    stored: lists::StoredSegment,
    first_list: i64,
    draft: SegmentDraft,
    now: Timestamp,
) -> Result<Option<Segment>> {
    let used: Option<bool> = query_scalar(
        "UPDATE segment SET name = ?3, hash = ?4, updated_at = ?5, list_count = ?6, condition = ?7, cost = ?8, first_list = ?9
         WHERE site_id = ?1 AND number = ?2 AND name = ?10 AND hash = ?11 AND first_list = ?12 RETURNING in_use",
    )
    .bind(site.as_bytes())
    .bind(id.0)
    .bind(&draft.name)
    .bind(draft.hash.0.as_slice())
    .bind(now.millis())
    .bind(i64::try_from(draft.rule.lists().len()).unwrap_or(0))
    .bind(to_json(draft.rule.condition())?)
    .bind(i64::try_from(draft.rule.cost()).unwrap_or(i64::MAX))
    .bind(first_list)
    .bind(&stored.segment.name)
    .bind(&stored.hash)
    .bind(stored.first_list)
    .fetch_optional(&mut tx.connection)
    .await?;
    let Some(used) = used else {
        return if is_named(tx, site, id).await? { Err(StoreError::Changed) } else { Ok(None) };
    };
    check_limits(tx, site).await?;
    if used && cost_in_use(tx, site).await? > Segment::IN_USE_COST {
        return Err(StoreError::Limit(ValidationError::new(
            "condition",
            errors::CONDITION_COST_IN_USE,
        )));
    }
    if used {
        bump_version(tx, site).await?;
        let version = tx.next_version(site, true).await?;
        tx.publish(InboxEvent::Invalidated { site, contact: None, version });
    }
    Ok(Some(Segment {
        id,
        name: draft.name,
        rule: draft.rule,
        created_at: stored.segment.created_at,
        updated_at: now,
    }))
}

async fn is_named(tx: &mut WriteTx, site: SiteId, segment: SegmentId) -> Result<bool> {
    let query =
        query("SELECT 1 FROM segment WHERE site_id = ?1 AND number = ?2 AND name IS NOT NULL")
            .bind(site.as_bytes())
            .bind(segment.0);
    Ok(query.fetch_optional(&mut tx.connection).await?.is_some())
}

async fn delete(
    tx: &mut WriteTx,
    site: SiteId,
    segment: SegmentId,
) -> Result<DeleteSegmentOutcome> {
    if !is_named(tx, site, segment).await? {
        return Ok(DeleteSegmentOutcome::Unknown);
    }
    // An expired message may get a later end, so only a recalled message does not count.
    let used: bool = query_scalar(
        "SELECT EXISTS (SELECT 1 FROM recipient AS p CROSS JOIN message AS m
            WHERE p.site_id = ?1 AND p.contact_id = -?2 AND m.site_id = ?1 AND m.id = p.message_id AND m.state <> 3)",
    )
    .bind(site.as_bytes())
    .bind(segment.0)
    .fetch_one(&mut tx.connection)
    .await?;
    if used {
        return Ok(DeleteSegmentOutcome::InUse);
    }
    query(DELETE).bind(site.as_bytes()).bind(segment.0).execute(&mut tx.connection).await?;
    bump_version(tx, site).await?;
    Ok(DeleteSegmentOutcome::Done)
}

/// Rejects more named segments than a site may have, or rules that are too costly together.
async fn check_limits(tx: &mut WriteTx, site: SiteId) -> Result<()> {
    let (count, cost): (i64, i64) =
        query_as(NAMED_COST).bind(site.as_bytes()).fetch_one(&mut tx.connection).await?;
    if usize::try_from(count).unwrap_or(0) > Segment::NAMED {
        return Err(StoreError::Limit(ValidationError::new(
            "",
            errors::too_many_segments(Segment::NAMED),
        )));
    }
    if usize::try_from(cost).unwrap_or(0) > Segment::NAMED_COST {
        let reason = errors::CONDITION_COST_NAMED;
        return Err(StoreError::Limit(ValidationError::new("condition", reason)));
    }
    Ok(())
}

#[async_trait]
impl SegmentStore for SqlStore {
    async fn add_segment(
        &self,
        site: SiteId,
        draft: &SegmentDraft,
        now: Timestamp,
    ) -> Result<Segment> {
        lists::add_segment(self, site, draft.clone(), now).await
    }

    async fn update_segment(
        &self,
        site: SiteId,
        segment: SegmentId,
        draft: &SegmentDraft,
        expected_revision: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Segment>> {
        lists::update_segment(self, (site, segment), draft.clone(), expected_revision, now).await
    }

    async fn delete_segment(
        &self,
        site: SiteId,
        segment: SegmentId,
    ) -> Result<DeleteSegmentOutcome> {
        self.writer.for_site(site).run(move |tx| delete(tx, site, segment).boxed()).await
    }

    async fn segment(&self, site: SiteId, segment: SegmentId) -> Result<Option<Segment>> {
        load(&mut *self.read_connection_for(site).await?, site, segment).await
    }

    async fn segment_by_name(&self, site: SiteId, name: &str) -> Result<Option<Segment>> {
        let mut connection = self.read_connection_for(site).await?;
        let row =
            query(BY_NAME).bind(site.as_bytes()).bind(name).fetch_optional(&mut connection).await?;
        match row {
            Some(row) => Ok(Some(segment_of(&mut connection, site, &row).await?)),
            None => Ok(None),
        }
    }

    async fn segments(
        &self,
        site: SiteId,
        before: Option<SegmentId>,
        limit: u32,
    ) -> Result<Vec<Segment>> {
        let mut connection = self.read_connection_for(site).await?;
        let before = before.map_or(i64::MAX, |segment| segment.0);
        let rows = query(ALL)
            .bind(site.as_bytes())
            .bind(before)
            .bind(limit)
            .fetch_all(&mut connection)
            .await?;
        let mut segments = Vec::with_capacity(rows.len());
        for row in &rows {
            segments.push(segment_of(&mut connection, site, row).await?);
        }
        Ok(segments)
    }

    async fn contacts_after(
        &self,
        site: SiteId,
        after: ContactId,
        limit: u32,
    ) -> Result<Vec<Contact>> {
        contact::after(&mut *self.report_pool.acquire(site).await?, site, after, limit).await
    }
}
