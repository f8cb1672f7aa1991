//! Segments whose lists name many contacts: members are written in chunks, each a transaction of
//! its own, so that no request waits for ten thousand rows. Incomplete lists are not visible: a new
//! segment has neither name nor hash until its last chunk is stored, and new lists of an existing
//! one are stored next to the former ones until then. Must not depend on what a rule means.

use super::{InsertMode, ONE, add, find_inline, insert, replace, segment_of};
use crate::{
    AuditScope, Result, StoreError,
    db::{query, to_json},
    sql::{SqlStore, write_tx::WriteTx, writer::SiteWriter},
};
use belfry_domain::{ContactId, Rule, Segment, SegmentDraft, SegmentId, SiteId, Timestamp};
use futures_util::FutureExt as _;

/// The most members that one transaction writes.
const MEMBERS_PER_CHUNK: usize = 100;
/// The most members that one step deletes.
const MEMBERS_PER_DELETE: i64 = 64;

/// Joined with `contact`: a contact erased in the meantime does not become a member.
pub(super) const ADD_MEMBERS: &str = "INSERT INTO segment_member (site_id, segment, list, contact_id)
     SELECT ?1, ?2, ?3, contact.id FROM json_each(?4) AS input CROSS JOIN contact WHERE contact.site_id = ?1 AND contact.id = CAST(input.value AS BIGINT)";

/// Members of lists from ?3 up to, and excluding, ?4.
pub(in crate::sql) const DELETE_MEMBERS: &str = "DELETE FROM segment_member WHERE (site_id, segment, list, contact_id) IN
     (SELECT site_id, segment, list, contact_id FROM segment_member
      WHERE site_id = ?1 AND segment = ?2 AND list >= ?3 AND list < ?4 ORDER BY list, contact_id LIMIT ?5 + 0)";

/// An incomplete segment is deleted by the next sweep.
const ABANDON: &str =
    "UPDATE segment SET inline_used_at = -1 WHERE site_id = ?1 AND number = ?2 AND name IS NULL";

/// Whether the members of a rule are written in one transaction.
fn is_small(rule: &Rule) -> bool {
    rule.lists().iter().map(Vec::len).sum::<usize>() <= MEMBERS_PER_CHUNK
}

pub(super) async fn add_segment(
    store: &SqlStore,
    site: SiteId,
    draft: SegmentDraft,
    now: Timestamp,
) -> Result<Segment> {
    let writer = store.writer.for_site(site);
    if is_small(&draft.rule) {
        return writer.run(move |tx| add(tx, site, draft, now).boxed()).await;
    }
    // One at a time, to limit the number of incomplete segments.
    let _turn = store.list_permits.acquire(site).await;
    let begun = draft.clone();
    let id = match AuditScope::unscoped(writer.run(move |tx| begin(tx, site, begun, now).boxed()))
        .await?
    {
        AddStart::Existing(segment) => return Ok(segment),
        AddStart::New(id) => id,
    };
    let written = async {
        write(&writer, (site, id), 0, &draft.rule).await?;
        writer.run(move |tx| finish(tx, (site, id), draft, now).boxed()).await
    };
    let written = written.await;
    if written.is_err() {
        let _ = AuditScope::unscoped(writer.run(move |tx| abandon(tx, site, id).boxed())).await;
    }
    written
}

enum AddStart {
    Existing(Segment),
    New(SegmentId),
}

async fn begin(
    tx: &mut WriteTx,
    site: SiteId,
    draft: SegmentDraft,
    now: Timestamp,
) -> Result<AddStart> {
    if let Some(segment) = find_inline(tx, site, &draft, now).await? {
        return Ok(AddStart::Existing(segment));
    }
    Ok(AddStart::New(insert(tx, site, &draft, InsertMode::Incomplete, now).await?))
}

async fn finish(
    tx: &mut WriteTx,
    (site, id): (SiteId, SegmentId),
    draft: SegmentDraft,
    now: Timestamp,
) -> Result<Segment> {
    if let Some(segment) = find_inline(tx, site, &draft, now).await? {
        abandon(tx, site, id).await?;
        return Ok(segment);
    }
    let query = query(
        "UPDATE segment SET name = ?3, hash = ?4, inline_used_at = ?5 WHERE site_id = ?1 AND number = ?2 AND name IS NULL",
    );
    let query = query
        .bind(site.as_bytes())
        .bind(id.0)
        .bind(&draft.name)
        .bind(draft.hash.0.as_slice())
        .bind(now.millis());
    if query.execute(&mut tx.connection).await? == 0 {
        return Err(StoreError::Unavailable(
            "it took more than a day to write the segment".to_owned(),
        ));
    }
    if draft.name.is_some() {
        super::check_limits(tx, site).await?;
    }
    tx.set_subject(id);
    Ok(Segment { id, name: draft.name, rule: draft.rule, created_at: now, updated_at: now })
}

async fn abandon(tx: &mut WriteTx, site: SiteId, id: SegmentId) -> Result<()> {
    query(ABANDON).bind(site.as_bytes()).bind(id.0).execute(&mut tx.connection).await?;
    Ok(())
}

/// Writes the lists of a rule, numbered from `first`.
async fn write(
    writer: &SiteWriter<'_>,
    (site, segment): (SiteId, SegmentId),
    first: i64,
    rule: &Rule,
) -> Result<()> {
    for (list, contacts) in (first..).zip(rule.lists()) {
        for part in contacts.chunks(MEMBERS_PER_CHUNK) {
            let part = part.to_vec();
            AuditScope::unscoped(writer.run(move |tx| {
                async move { add_members(tx, (site, segment), list, &part).await }.boxed()
            }))
            .await?;
        }
    }
    Ok(())
}

pub(super) async fn add_members(
    tx: &mut WriteTx,
    (site, segment): (SiteId, SegmentId),
    list: i64,
    contacts: &[ContactId],
) -> Result<()> {
    let query = query(ADD_MEMBERS)
        .bind(site.as_bytes())
        .bind(segment.0)
        .bind(list)
        .bind(to_json(contacts)?);
    query.execute(&mut tx.connection).await?;
    Ok(())
}

/// Deletes members of lists from the first number up to, and excluding, the second.
async fn delete_members(
    store: &SqlStore,
    (site, segment): (SiteId, SegmentId),
    (from, to): (i64, i64),
) -> Result<()> {
    store
        .writer
        .background_to_end(move |tx| delete_members_step(tx, (site, segment), (from, to)).boxed())
        .await?;
    Ok(())
}

async fn delete_members_step(
    tx: &mut WriteTx,
    (site, segment): (SiteId, SegmentId),
    (from, to): (i64, i64),
) -> Result<u64> {
    let query = query(DELETE_MEMBERS)
        .bind(site.as_bytes())
        .bind(segment.0)
        .bind(from)
        .bind(to)
        .bind(MEMBERS_PER_DELETE);
    query.execute(&mut tx.connection).await
}

/// A stored segment that is being changed.
pub(super) struct StoredSegment {
    pub(super) segment: Segment,
    pub(super) hash: Vec<u8>,
    pub(super) first_list: i64,
}

async fn load_stored(
    store: &SqlStore,
    site: SiteId,
    segment: SegmentId,
) -> Result<Option<StoredSegment>> {
    let mut connection = store.read_connection_for(site).await?;
    let row =
        query(ONE).bind(site.as_bytes()).bind(segment.0).fetch_optional(&mut connection).await?;
    let Some(row) = row else { return Ok(None) };
    let segment = segment_of(&mut connection, site, &row).await?;
    Ok(segment.name.is_some().then_some(StoredSegment {
        segment,
        hash: row.try_get_named("hash")?,
        first_list: row.try_get_named("first_list")?,
    }))
}

pub(super) async fn update_segment(
    store: &SqlStore,
    (site, id): (SiteId, SegmentId),
    draft: SegmentDraft,
    expected_revision: Option<&str>,
    now: Timestamp,
) -> Result<Option<Segment>> {
    // One at a time, so that what is read stays valid until it is replaced.
    let _turn = store.list_permits.acquire(site).await;
    let Some(stored) = load_stored(store, site, id).await? else { return Ok(None) };
    if expected_revision.is_some_and(|former| stored.segment.revision() != former) {
        return Err(StoreError::Changed);
    }
    let former_lists = i64::try_from(stored.segment.rule.lists().len()).unwrap_or(i64::MAX);
    let next_list = stored.first_list.saturating_add(former_lists);
    let writer = store.writer.for_site(site);
    if !draft.rule.lists().is_empty() {
        // Left over from an interrupted attempt.
        delete_members(store, (site, id), (next_list, i64::MAX)).await?;
        write(&writer, (site, id), next_list, &draft.rule).await?;
    }
    let replaced =
        writer.run(move |tx| replace(tx, (site, id), stored, next_list, draft, now).boxed()).await;
    let unused = if replaced.is_ok() { (0, next_list) } else { (next_list, i64::MAX) };
    if former_lists > 0 || replaced.is_err() {
        // The unused lists are not visible; if this fails, they are deleted with the next change.
        let _ = delete_members(store, (site, id), unused).await;
    }
    replaced
}
