//! Reader actions on all messages up to a position: one row, however many messages there are.
//!
//! Each "all read" starts an epoch, named by the version of its change. A message marked as unread
//! has the epoch in which it was marked, so the next "all read" outdates all of them at once, and
//! undoing it makes those of the former epoch valid again.
//!
//! The watermark does not move up to a message of a muted category, but a move passes over it, and
//! after unmuting it is as read as its neighbours. An unread one keeps the watermark below itself
//! when single messages are read: it must still be unread after unmuting.

mod statements;

#[cfg(test)]
pub(super) use statements::{
    ALL_READ, LOG_READ, LOG_SEEN, LOG_SEEN_BY_READ, RAISE, RECORD_DELIVERED, SEEN,
};
pub(super) use statements::{
    CARRY_OVER, DELETE_READ_MOVE, DELIVERED, LOG_DELIVERED, NEWEST, UNDO_ALL_READ, bump,
    next_version, oldest_unread, passed, raise, read_with_all,
};

use super::{feeds::ReaderScope, write_tx::WriteTx};
use crate::{
    Result,
    db::{query, query_as, query_scalar, to_json},
};
use belfry_domain::{ContactId, Position, SiteId, Timestamp};
use statements::{ALL_READ_PROGRAM, EPOCHS, RECORD_DELIVERED_PROGRAM, SEEN_PROGRAM};

async fn log_move(
    tx: &mut WriteTx,
    statement: &'static str,
    ReaderScope { site, contact, .. }: &ReaderScope,
    to: Position,
    now: Timestamp,
) -> Result<()> {
    query(statement)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(to.0)
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

/// Records that a list was delivered up to a position. Returns the range that is new.
pub(super) async fn mark_delivered(
    tx: &mut WriteTx,
    scope: &ReaderScope,
    until: Position,
    now: Timestamp,
) -> Result<Option<(Position, Position)>> {
    let newest = newest(tx, scope, Some(until), now).await?;
    let ReaderScope { site, contact, .. } = scope;
    let former: Option<i64> =
        query_scalar("SELECT delivered_position FROM contact WHERE site_id = ?1 AND id = ?2")
            .bind(site.as_bytes())
            .bind(contact.0)
            .fetch_optional(&mut tx.connection)
            .await?;
    log_move(tx, LOG_DELIVERED, scope, newest, now).await?;
    let moved = query(DELIVERED)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(newest.0)
        .execute(&mut tx.connection)
        .await?;
    Ok(former.filter(|_| moved > 0).map(|former| (Position(former), newest)))
}

/// Records that everything up to a position was on the screen. Returns whether that is new.
pub(super) async fn mark_seen(
    tx: &mut WriteTx,
    scope: &ReaderScope,
    until: Option<Position>,
    now: Timestamp,
) -> Result<bool> {
    let newest = newest(tx, scope, until, now).await?;
    run_program(tx, scope, SEEN_PROGRAM, newest, now).await
}

/// Marks everything up to a position as read. Returns the number that undoes it, if anything was
/// unread.
pub(super) async fn mark_all_read(
    tx: &mut WriteTx,
    scope: &ReaderScope,
    until: Option<Position>,
    now: Timestamp,
) -> Result<Option<i64>> {
    let newest = newest(tx, scope, until, now).await?;
    if !run_program(tx, scope, ALL_READ_PROGRAM, newest, now).await? {
        return Ok(None);
    }
    let ReaderScope { site, contact, .. } = scope;
    let (former, epoch): (i64, i64) = query_as(EPOCHS)
        .bind(site.as_bytes())
        .bind(contact.0)
        .fetch_one(&mut tx.connection)
        .await?;
    query(CARRY_OVER)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(former)
        .bind(epoch)
        .bind(newest.0)
        .execute(&mut tx.connection)
        .await?;
    Ok(Some(epoch))
}

/// Moves a watermark with its log entry, and allocates a version if it changed something, in one
/// round trip to the connection. Returns whether it did.
async fn run_program(
    tx: &mut WriteTx,
    scope: &ReaderScope,
    program: &'static str,
    to: Position,
    now: Timestamp,
) -> Result<bool> {
    let ReaderScope { site, contact, .. } = scope;
    let query =
        query_scalar(program).bind(site.as_bytes()).bind(contact.0).bind(to.0).bind(now.millis());
    let version: Option<i64> = query.fetch_all(&mut tx.connection).await?.pop();
    version.map(|version| tx.record_version(*site, Some(version))).transpose()?;
    Ok(version.is_some())
}

/// Records what was delivered to many readers of a site, without events.
pub(super) async fn record_delivered(
    tx: &mut WriteTx,
    site: SiteId,
    reached: &[(ContactId, Position)],
    now: Timestamp,
) -> Result<()> {
    let query = query(RECORD_DELIVERED_PROGRAM)
        .bind(site.as_bytes())
        .bind(to_json(reached)?)
        .bind(now.millis());
    query.execute(&mut tx.connection).await?;
    Ok(())
}

/// Undoes the "all read" with this number. Returns whether that was possible.
pub(super) async fn undo_all_read(
    tx: &mut WriteTx,
    scope: &ReaderScope,
    number: i64,
) -> Result<bool> {
    let ReaderScope { site, contact, .. } = scope;
    let restored: Option<i64> = query_scalar(UNDO_ALL_READ)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(number)
        .fetch_optional(&mut tx.connection)
        .await?;
    let Some(restored) = restored else { return Ok(false) };
    query(DELETE_READ_MOVE)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(number)
        .execute(&mut tx.connection)
        .await?;
    query(CARRY_OVER)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(number)
        .bind(restored)
        .bind(0)
        .execute(&mut tx.connection)
        .await?;
    Ok(true)
}

async fn newest(
    tx: &mut WriteTx,
    scope: &ReaderScope,
    until: Option<Position>,
    now: Timestamp,
) -> Result<Position> {
    let query =
        scope.feeds.query(&NEWEST).bind(scope.site.as_bytes().to_vec()).bind(scope.contact.0);
    let query = query.bind(now.millis()).bind(until.unwrap_or(Position::MAX).0);
    Ok(Position(scope.feeds.bind(query).fetch_one(&mut tx.connection).await?.try_get(0)?))
}

#[cfg(test)]
mod tests;
