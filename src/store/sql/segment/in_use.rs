//! Segments in use: those with live or scheduled messages. Their rules are evaluated for every
//! reader, so their number and total cost are limited.

use crate::{
    Conflict, Result, StoreError,
    db::{query, query_scalar},
    sql::write_tx::WriteTx,
};
use belfry_domain::{Segment, SegmentId, SiteId, ValidationError};
use belfry_locales::phrases::errors;

/// No live or scheduled message is addressed to the segment. With `+ 0`, the messages of the segment
/// are read, and not the scheduled ones of all sites.
macro_rules! idle {
    () => {
        "NOT EXISTS (SELECT 1 FROM recipient AS p WHERE p.site_id = ?1 AND p.contact_id = -segment.number AND p.position > 0)
         AND NOT EXISTS (SELECT 1 FROM recipient AS p CROSS JOIN message AS m
            WHERE p.site_id = ?1 AND p.contact_id = -segment.number AND p.position = 0 AND m.site_id = ?1 AND m.id = p.message_id AND m.state + 0 = 0)"
    };
}
pub(in crate::sql) const RELEASE_IF_UNUSED: &str = concat!(
    "UPDATE segment SET in_use = 0 WHERE site_id = ?1 AND number = ?2 AND in_use = 1 AND ",
    idle!()
);
const RELEASE_UNUSED: &str = concat!(
    "UPDATE segment INDEXED BY segment_in_use SET in_use = 0 WHERE site_id = ?1 AND in_use = 1 AND ",
    idle!()
);

const RELEASE_UNUSED_EXCEPT: &str = concat!(
    "UPDATE segment INDEXED BY segment_in_use SET in_use = 0 WHERE site_id = ?1 AND in_use = 1 AND number <> ?2 AND ",
    idle!()
);

/// The total rule cost of the segments in use.
pub(in crate::sql) const COST_IN_USE: &str = "SELECT CAST(coalesce(sum(cost), 0) AS BIGINT) FROM segment INDEXED BY segment_in_use WHERE site_id = ?1 AND in_use = 1";

/// Invalidates what is cached about the segments in use.
pub(super) async fn bump_version(tx: &mut WriteTx, site: SiteId) -> Result<()> {
    query(
        "UPDATE site SET segment_generation = (abs(segment_generation) + 1) * CASE WHEN EXISTS (
            SELECT 1 FROM segment INDEXED BY segment_in_use WHERE segment.site_id = ?1 AND segment.in_use = 1) THEN 1 ELSE -1 END WHERE id = ?1",
    )
    .bind(site.as_bytes())
    .execute(&mut tx.connection)
    .await?;
    Ok(())
}

/// Marks a segment as in use, since a message is addressed to it.
pub(in crate::sql) async fn mark_in_use(
    tx: &mut WriteTx,
    site: SiteId,
    segment: SegmentId,
) -> Result<()> {
    let used: Option<bool> = query_scalar(
        "SELECT in_use FROM segment WHERE site_id = ?1 AND number = ?2 AND inline_used_at >= 0",
    )
    .bind(site.as_bytes())
    .bind(segment.0)
    .fetch_optional(&mut tx.connection)
    .await?;
    match used {
        None => {
            return Err(Conflict::UnknownSegment.into());
        }
        Some(true) => return Ok(()),
        Some(false) => {}
    }
    if count_in_use(tx, site).await? >= Segment::IN_USE {
        // Messages may have been deleted without releasing their segment, for example by their age.
        query(RELEASE_UNUSED).bind(site.as_bytes()).execute(&mut tx.connection).await?;
        if count_in_use(tx, site).await? >= Segment::IN_USE {
            return Err(Conflict::TooManySegments.into());
        }
    }
    query("UPDATE segment SET in_use = 1 WHERE site_id = ?1 AND number = ?2")
        .bind(site.as_bytes())
        .bind(segment.0)
        .execute(&mut tx.connection)
        .await?;
    if cost_in_use(tx, site).await? > Segment::IN_USE_COST {
        query(RELEASE_UNUSED_EXCEPT)
            .bind(site.as_bytes())
            .bind(segment.0)
            .execute(&mut tx.connection)
            .await?;
        if cost_in_use(tx, site).await? > Segment::IN_USE_COST {
            return Err(StoreError::Limit(ValidationError::new(
                "audience.segment",
                errors::CONDITION_COST_IN_USE,
            )));
        }
    }
    bump_version(tx, site).await
}

pub(super) async fn cost_in_use(tx: &mut WriteTx, site: SiteId) -> Result<usize> {
    let cost: i64 =
        query_scalar(COST_IN_USE).bind(site.as_bytes()).fetch_one(&mut tx.connection).await?;
    Ok(usize::try_from(cost).unwrap_or(0))
}

async fn count_in_use(tx: &mut WriteTx, site: SiteId) -> Result<usize> {
    let count: i64 = query_scalar(
        "SELECT count(*) FROM segment INDEXED BY segment_in_use WHERE site_id = ?1 AND in_use = 1",
    )
    .bind(site.as_bytes())
    .fetch_one(&mut tx.connection)
    .await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Marks a segment as unused if no message is addressed to it any more.
pub(in crate::sql) async fn release_if_unused(
    tx: &mut WriteTx,
    site: SiteId,
    segment: SegmentId,
) -> Result<()> {
    let released = query(RELEASE_IF_UNUSED)
        .bind(site.as_bytes())
        .bind(segment.0)
        .execute(&mut tx.connection)
        .await?;
    if released > 0 {
        bump_version(tx, site).await?;
    }
    Ok(())
}
