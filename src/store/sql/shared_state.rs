//! Short-lived values and counted attempts that the processes on one database share. Implements
//! [`SharedStateStore`].
//!
//! The clocks of processes may differ. A value lives by the clock of its reader; an attempt counter
//! that a fast clock has moved too far ahead is moved back by the next attempt.

use super::{SqlStore, write_tx::WriteTx};
use crate::{
    AttemptLimit, Result, SharedStateStore, SharedValue, SharedValueKind,
    db::{Columns, query, query_scalar},
};
use async_trait::async_trait;
use belfry_domain::{Digest, SiteId, Timestamp};
use futures_util::FutureExt as _;
use std::time::Duration;

pub(super) const PUT: &str =
    "INSERT INTO shared_value (site_id, digest, kind, value, expires_at) SELECT id, ?2, ?3, ?4, ?5 FROM site WHERE id = ?1
     ON CONFLICT (digest, site_id) DO UPDATE SET kind = excluded.kind, value = excluded.value, expires_at = excluded.expires_at";

pub(super) const DELETE_EXCESS: &str = "DELETE FROM shared_value WHERE (digest, site_id) IN (
         SELECT digest, site_id FROM shared_value WHERE site_id = ?1 AND kind = ?2
         ORDER BY expires_at DESC LIMIT 9223372036854775807 OFFSET ?3 + 0)";

pub(super) const GET: &str = "SELECT value FROM shared_value WHERE digest = ?2 AND site_id = ?1 AND kind = ?3 AND expires_at > ?4";

pub(super) const EXTEND: &str = "UPDATE shared_value SET expires_at = ?5
     WHERE digest = ?2 AND site_id = ?1 AND kind = ?3 AND expires_at > ?4 RETURNING value";

// By the digest alone, so that one used at another site is spent.
pub(super) const TAKE: &str = "DELETE FROM shared_value WHERE digest = ?1 AND kind = ?2 RETURNING site_id = ?3, expires_at, value";

/// Deletes the oldest values, at most ?2, that expired before ?1.
pub(super) const SWEEP_VALUES: &str = "DELETE FROM shared_value WHERE (digest, site_id) IN
     (SELECT digest, site_id FROM shared_value WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2 + 0)";

/// Deletes counters, at most ?2, of which all attempts are admitted again since ?1.
pub(super) const SWEEP_ATTEMPTS: &str = "DELETE FROM attempt WHERE subject IN
     (SELECT subject FROM attempt WHERE full_at <= ?1 ORDER BY full_at LIMIT ?2 + 0)";

/// No counter is further ahead than its limit.
pub(super) const BOUND_ATTEMPTS: &str =
    "UPDATE attempt SET full_at = ?2 WHERE subject = ?1 AND full_at > ?2";

/// Counts an attempt unless the counter would pass ?4.
const COUNT_ATTEMPT: &str =
    "INSERT INTO attempt (subject, full_at) VALUES (?1, ?2 + ?3)
     ON CONFLICT (subject) DO UPDATE SET full_at = max(attempt.full_at, ?2) + ?3 WHERE max(attempt.full_at, ?2) + ?3 <= ?4";

pub(super) const FULL_AT: &str = "SELECT full_at FROM attempt WHERE subject = ?1";

#[async_trait]
impl SharedStateStore for SqlStore {
    fn is_shared(&self) -> bool {
        self.candidate.is_some()
    }

    async fn put_shared(&self, value: &SharedValue) -> Result<()> {
        let value = value.clone();
        self.writer.for_site(value.site).run(move |tx| put(tx, value).boxed()).await
    }

    async fn shared(
        &self,
        site: SiteId,
        kind: SharedValueKind,
        digest: &Digest,
        now: Timestamp,
        extend: Option<Timestamp>,
    ) -> Result<Option<Vec<u8>>> {
        let digest = *digest;
        if let Some(until) = extend {
            return self
                .writer
                .for_site(site)
                .run(move |tx| extended(tx, site, kind, digest, now, until).boxed())
                .await;
        }
        let mut connection = self.read_connection_for(site).await?;
        query_scalar(GET)
            .bind(site.as_bytes())
            .bind(digest.0.as_slice())
            .bind(kind as i64)
            .bind(now.millis())
            .fetch_optional(&mut connection)
            .await
    }

    async fn take_shared(
        &self,
        site: SiteId,
        kind: SharedValueKind,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>> {
        let digest = *digest;
        self.writer.for_site(site).run(move |tx| take(tx, site, kind, digest, now).boxed()).await
    }

    async fn count_attempt(
        &self,
        subject: &Digest,
        limit: AttemptLimit,
        now: Timestamp,
    ) -> Result<Option<Duration>> {
        let subject = *subject;
        // Attempts belong to no site, and must not stop the writes of all: a row is locked by the
        // statement that counts.
        let turn = subject.0.first_chunk().copied().unwrap_or_default();
        self.writer
            .for_site(SiteId::from_bytes(turn))
            .run(move |tx| count(tx, subject, limit, now).boxed())
            .await
    }
}

async fn put(tx: &mut WriteTx, value: SharedValue) -> Result<()> {
    query(PUT)
        .bind(value.site.as_bytes())
        .bind(value.digest.0.as_slice())
        .bind(value.kind as i64)
        .bind(value.bytes)
        .bind(value.expires_at.millis())
        .execute(&mut tx.connection)
        .await?;
    query(DELETE_EXCESS)
        .bind(value.site.as_bytes())
        .bind(value.kind as i64)
        .bind(value.kind.limit())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

async fn extended(
    tx: &mut WriteTx,
    site: SiteId,
    kind: SharedValueKind,
    digest: Digest,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Vec<u8>>> {
    query_scalar(EXTEND)
        .bind(site.as_bytes())
        .bind(digest.0.as_slice())
        .bind(kind as i64)
        .bind(now.millis())
        .bind(until.millis())
        .fetch_optional(&mut tx.connection)
        .await
}

async fn take(
    tx: &mut WriteTx,
    site: SiteId,
    kind: SharedValueKind,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<Vec<u8>>> {
    let row = query(TAKE)
        .bind(digest.0.as_slice())
        .bind(kind as i64)
        .bind(site.as_bytes())
        .fetch_optional(&mut tx.connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::new(&row);
    let (is_of_site, expires_at) = (columns.value::<bool>()?, columns.time()?);
    let bytes = columns.value()?;
    Ok((is_of_site && expires_at > now).then_some(bytes))
}

async fn count(
    tx: &mut WriteTx,
    subject: Digest,
    limit: AttemptLimit,
    now: Timestamp,
) -> Result<Option<Duration>> {
    let interval = i64::try_from(limit.interval.as_millis()).unwrap_or(i64::MAX);
    let latest = now.plus(limit.interval.saturating_mul(limit.burst)).millis();
    let subject = subject.0.as_slice();
    query(BOUND_ATTEMPTS).bind(subject).bind(latest).execute(&mut tx.connection).await?;
    let counted = query(COUNT_ATTEMPT)
        .bind(subject)
        .bind(now.millis())
        .bind(interval)
        .bind(latest)
        .execute(&mut tx.connection)
        .await?;
    if counted > 0 {
        return Ok(None);
    }
    let full_at: i64 = query_scalar(FULL_AT).bind(subject).fetch_one(&mut tx.connection).await?;
    let wait = full_at.saturating_add(interval).saturating_sub(latest).max(1);
    Ok(Some(Duration::from_millis(wait.unsigned_abs())))
}
