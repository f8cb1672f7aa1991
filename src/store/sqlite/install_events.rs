//! Install events: on which pages a site's snippet was seen. Implements [`InstallEventStore`].

use super::{SqliteStore, columns::Columns, write_tx::WriteTx};
use crate::{
    domain::{InstallEvent, InstallIssue, InstallStep, Onboarding, Origin, SiteId},
    store::{InstallEventStore, Result, StoreError},
};
use async_trait::async_trait;
use futures_util::FutureExt as _;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

/// The most events stored per site: a caller that makes up origins must not fill the disk.
const MAX_EVENTS_PER_SITE: i64 = 50;

#[async_trait]
impl InstallEventStore for SqliteStore {
    async fn sight(&self, site: SiteId, sighting: &InstallEvent) -> Result<()> {
        let sighting = sighting.clone();
        self.writer.of(site).run(move |tx| record(tx, site, sighting).boxed()).await
    }

    async fn sightings(&self, site: SiteId) -> Result<Vec<InstallEvent>> {
        list(&mut *self.reader_of(site).await?, site).await
    }

    async fn onboarding(&self, site: SiteId) -> Result<Onboarding> {
        onboarding(&mut *self.reader_of(site).await?, site).await
    }
}

async fn record(tx: &mut WriteTx, site: SiteId, sighting: InstallEvent) -> Result<()> {
    sqlx::query(
        "INSERT INTO sighting (site_id, seen, origin, obstacle, at) SELECT id, ?2, ?3, ?4, ?5 FROM site WHERE id = ?1
         ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
    )
    .bind(site.as_bytes())
    .bind(sighting.seen.as_str())
    .bind(sighting.origin.as_ref().map_or("", Origin::as_str))
    .bind(sighting.obstacle.map_or("", InstallIssue::as_str))
    .bind(sighting.at.millis())
    .execute(&mut tx.connection)
    .await?;
    sqlx::query(
        "DELETE FROM sighting WHERE site_id = ?1 AND (seen, origin, obstacle) IN (
            SELECT seen, origin, obstacle FROM sighting WHERE site_id = ?1 ORDER BY at DESC LIMIT -1 OFFSET ?2 + 0)",
    )
    .bind(site.as_bytes())
    .bind(MAX_EVENTS_PER_SITE)
    .execute(&mut tx.connection)
    .await?;
    Ok(())
}

fn event_of(row: &SqliteRow) -> Result<InstallEvent> {
    let mut columns = Columns::of(row);
    let (seen, origin, obstacle): (&str, &str, &str) =
        (columns.value()?, columns.value()?, columns.value()?);
    let odd = |word: &str| StoreError::Inconsistent(format!("install event {word}"));
    Ok(InstallEvent {
        seen: InstallStep::parse(seen).ok_or_else(|| odd(seen))?,
        origin: (!origin.is_empty())
            .then(|| origin.parse().map_err(|_| odd(origin)))
            .transpose()?,
        obstacle: (!obstacle.is_empty())
            .then(|| InstallIssue::parse(obstacle).ok_or_else(|| odd(obstacle)))
            .transpose()?,
        at: columns.time()?,
    })
}

async fn list(connection: &mut SqliteConnection, site: SiteId) -> Result<Vec<InstallEvent>> {
    sqlx::query("SELECT seen, origin, obstacle, at FROM sighting WHERE site_id = ?1 ORDER BY at DESC, seen, origin")
        .bind(site.as_bytes())
        .fetch_all(connection)
        .await?
        .iter()
        .map(event_of)
        .collect()
}

async fn onboarding(connection: &mut SqliteConnection, site: SiteId) -> Result<Onboarding> {
    let row = sqlx::query(
        "SELECT EXISTS (SELECT 1 FROM sighting WHERE site_id = ?1 AND seen = 'widget' AND obstacle = ''),
            EXISTS (SELECT 1 FROM sighting WHERE site_id = ?1 AND seen = 'token' AND obstacle = ''),
            EXISTS (SELECT 1 FROM message WHERE site_id = ?1),
            EXISTS (SELECT 1 FROM receipt INDEXED BY receipt_read WHERE site_id = ?1 AND read_at IS NOT NULL)
                OR EXISTS (SELECT 1 FROM (SELECT kind FROM watermark_log INDEXED BY watermark_log_at WHERE site_id = ?1 ORDER BY at DESC LIMIT 100)
                    WHERE kind = 2)",
    )
    .bind(site.as_bytes())
    .fetch_one(connection)
    .await?;
    Ok(Onboarding {
        widget: row.try_get(0)?,
        token: row.try_get(1)?,
        message: row.try_get(2)?,
        read: row.try_get(3)?,
    })
}
