//! Contact tokens and widget sessions.

use super::{columns::Columns, repeat::KEPT, work::Work};
use crate::{
    domain::{Change, ContactToken, Digest, Family, Revoked, SiteId, Timestamp, WidgetSession},
    store::{Result, StoreError},
};
use sqlx::SqliteConnection;
use std::time::Duration;

/// How long an idempotency record is kept.
const REPEATABLE: Duration = Duration::from_hours(48);
/// Rows that one step of a sweep deletes.
const SWEEP: i64 = 64;

/// The key may have been revoked since it was looked up: what it would vouch for now must not outlive it.
pub(super) async fn add_token(work: &mut Work, token: ContactToken) -> Result<()> {
    let added = sqlx::query(
        "INSERT INTO contact_token (site_id, digest, contact_id, family, key_id, expires_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 FROM api_key WHERE site_id = ?1 AND id = ?5 AND revoked_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM contact WHERE site_id = ?1 AND id = ?3 AND deleted_at IS NOT NULL)",
    )
    .bind(token.site.as_bytes())
    .bind(token.digest.0.as_slice())
    .bind(token.contact.0)
    .bind(token.family.0.as_slice())
    .bind(&token.key.0)
    .bind(token.expires_at.millis())
    .execute(&mut work.connection)
    .await?
    .rows_affected();
    if added == 0 { Err(StoreError::Conflict("the key was revoked, or the contact deleted".to_owned())) } else { Ok(()) }
}

/// The same for a token that was ended between its look-up and its exchange.
pub(super) async fn add_sessions(work: &mut Work, sessions: Vec<WidgetSession>) -> Result<()> {
    for session in sessions {
        let added = sqlx::query(
            "INSERT INTO widget_session (site_id, digest, contact_id, family, key_id, expires_at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS
             (SELECT 1 FROM contact_token WHERE site_id = ?1 AND family = ?4 AND contact_id = ?3 AND key_id = ?5)",
        )
        .bind(session.site.as_bytes())
        .bind(session.digest.0.as_slice())
        .bind(session.contact.0)
        .bind(session.family.0.as_slice())
        .bind(&session.key.0)
        .bind(session.expires_at.millis())
        .execute(&mut work.connection)
        .await?
        .rows_affected();
        if added == 0 {
            return Err(StoreError::Conflict("the token has ended".to_owned()));
        }
    }
    Ok(())
}

pub(super) async fn token(connection: &mut SqliteConnection, site: SiteId, digest: &Digest, now: Timestamp) -> Result<Option<ContactToken>> {
    let row = sqlx::query(
        "SELECT site_id, contact_id, digest, family, key_id, expires_at FROM contact_token WHERE site_id = ?1 AND digest = ?2 AND expires_at > ?3",
    )
    .bind(site.as_bytes())
    .bind(digest.0.as_slice())
    .bind(now.millis())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::of(&row);
    Ok(Some(ContactToken {
        site: columns.site()?,
        contact: columns.contact()?,
        digest: columns.digest()?,
        family: columns.family()?,
        key: columns.key()?,
        expires_at: columns.time()?,
    }))
}

pub(super) async fn session(connection: &mut SqliteConnection, site: SiteId, digest: &Digest, now: Timestamp) -> Result<Option<WidgetSession>> {
    let row = sqlx::query(
        "SELECT site_id, contact_id, digest, family, key_id, expires_at FROM widget_session WHERE site_id = ?1 AND digest = ?2 AND expires_at > ?3",
    )
    .bind(site.as_bytes())
    .bind(digest.0.as_slice())
    .bind(now.millis())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::of(&row);
    Ok(Some(WidgetSession {
        site: columns.site()?,
        contact: columns.contact()?,
        digest: columns.digest()?,
        family: columns.family()?,
        key: columns.key()?,
        expires_at: columns.time()?,
    }))
}

pub(super) async fn end_family(work: &mut Work, site: SiteId, family: Family) -> Result<()> {
    let mut ended = 0;
    for statement in [
        "DELETE FROM contact_token WHERE site_id = ?1 AND family = ?2",
        "DELETE FROM widget_session WHERE site_id = ?1 AND family = ?2",
        "DELETE FROM reader_family WHERE site_id = ?1 AND family = ?2",
    ] {
        ended += sqlx::query(statement).bind(site.as_bytes()).bind(family.0.as_slice()).execute(&mut work.connection).await?.rows_affected();
    }
    if ended > 0 {
        work.next_version(site, false).await?;
        work.announce(Change::Ended { site, revoked: Revoked::Family(family) });
    }
    Ok(())
}

/// One bounded step of a sweep; 0 when there is nothing left.
pub(super) async fn sweep(work: &mut Work, now: Timestamp) -> Result<u64> {
    for (statement, until) in [
        (
            "DELETE FROM contact_token WHERE (site_id, digest) IN
             (SELECT site_id, digest FROM contact_token WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
            now,
        ),
        (
            "DELETE FROM widget_session WHERE (site_id, digest) IN
             (SELECT site_id, digest FROM widget_session WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
            now,
        ),
        (
            "DELETE FROM reader_family WHERE (site_id, family) IN
             (SELECT site_id, family FROM reader_family WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
            now,
        ),
        (
            "DELETE FROM preview_link WHERE (site_id, digest) IN
             (SELECT site_id, digest FROM preview_link WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
            now,
        ),
        ("DELETE FROM console_session WHERE digest IN (SELECT digest FROM console_session WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)", now),
        ("DELETE FROM invitation WHERE digest IN (SELECT digest FROM invitation WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)", now),
        (
            "DELETE FROM idempotency WHERE (site_id, key) IN
             (SELECT site_id, key FROM idempotency WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)",
            now.minus(REPEATABLE),
        ),
        (
            "DELETE FROM repeat WHERE (site_id, key) IN (SELECT site_id, key FROM repeat WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)",
            now.minus(KEPT),
        ),
    ] {
        let removed = sqlx::query(statement).bind(until.millis()).bind(SWEEP).execute(&mut work.connection).await?.rows_affected();
        if removed > 0 {
            return Ok(removed);
        }
    }
    Ok(0)
}
