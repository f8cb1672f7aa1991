//! Install events: on which pages a site's snippet was seen. Implements [`InstallEventStore`].

use super::{SqlStore, write_tx::WriteTx};
use crate::{
    InstallEventStore, Result, StoreError,
    db::{Columns, Connection, Row, query},
};
use async_trait::async_trait;
use belfry_domain::{InstallEvent, InstallIssue, InstallStep, Onboarding, Origin, SiteId};
use futures_util::FutureExt as _;

/// The most events stored per site: a caller that makes up origins must not fill the disk.
const MAX_EVENTS_PER_SITE: i64 = 50;

#[async_trait]
impl InstallEventStore for SqlStore {
    async fn record_install_event(&self, site: SiteId, install_event: &InstallEvent) -> Result<()> {
        let install_event = install_event.clone();
        self.writer.for_site(site).run(move |tx| record(tx, site, install_event).boxed()).await
    }

    async fn install_events(&self, site: SiteId) -> Result<Vec<InstallEvent>> {
        list(&mut *self.read_connection_for(site).await?, site).await
    }

    async fn onboarding(&self, site: SiteId) -> Result<Onboarding> {
        onboarding(&mut *self.read_connection_for(site).await?, site).await
    }
}

async fn record(tx: &mut WriteTx, site: SiteId, install_event: InstallEvent) -> Result<()> {
    query(
        "INSERT INTO install_event (site_id, step, origin, issue, at) SELECT id, ?2, ?3, ?4, ?5 FROM site WHERE id = ?1
         ON CONFLICT (site_id, step, origin, issue) DO UPDATE SET at = max(install_event.at, excluded.at)",
    )
    .bind(site.as_bytes())
    .bind(install_event.step.as_str())
    .bind(install_event.origin.as_ref().map_or("", Origin::as_str))
    .bind(install_event.issue.map_or("", InstallIssue::as_str))
    .bind(install_event.at.millis())
    .execute(&mut tx.connection)
    .await?;
    query(
        "DELETE FROM install_event WHERE site_id = ?1 AND (step, origin, issue) IN (
            SELECT step, origin, issue FROM install_event WHERE site_id = ?1 ORDER BY at DESC LIMIT 9223372036854775807 OFFSET ?2 + 0)",
    )
    .bind(site.as_bytes())
    .bind(MAX_EVENTS_PER_SITE)
    .execute(&mut tx.connection)
    .await?;
    Ok(())
}

fn event_of(row: &Row) -> Result<InstallEvent> {
    let mut columns = Columns::new(row);
    let (seen, origin, obstacle): (&str, &str, &str) =
        (columns.value()?, columns.value()?, columns.value()?);
    let odd = |word: &str| StoreError::Inconsistent(format!("install event {word}"));
    Ok(InstallEvent {
        step: InstallStep::parse(seen).ok_or_else(|| odd(seen))?,
        origin: (!origin.is_empty())
            .then(|| origin.parse().map_err(|_| odd(origin)))
            .transpose()?,
        issue: (!obstacle.is_empty())
            .then(|| InstallIssue::parse(obstacle).ok_or_else(|| odd(obstacle)))
            .transpose()?,
        at: columns.time()?,
    })
}

async fn list(connection: &mut Connection, site: SiteId) -> Result<Vec<InstallEvent>> {
    query("SELECT step, origin, issue, at FROM install_event WHERE site_id = ?1 ORDER BY at DESC, step, origin, issue")
        .bind(site.as_bytes())
        .fetch_all(connection)
        .await?
        .iter()
        .map(event_of)
        .collect()
}

async fn onboarding(connection: &mut Connection, site: SiteId) -> Result<Onboarding> {
    let row = query(
        "SELECT EXISTS (SELECT 1 FROM install_event WHERE site_id = ?1 AND step = 'widget' AND issue = ''),
            EXISTS (SELECT 1 FROM install_event WHERE site_id = ?1 AND step = 'token' AND issue = ''),
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
