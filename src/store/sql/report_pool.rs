//! Connections for slow queries: reports, exports, text searches. Readers' lists use another pool
//! and never wait for these.
//!
//! A site uses one of them at a time, for at most [`MAX_TIME`]. A query in a database file ends when
//! its caller drops it; a server goes on until the time limit, and the connection stays occupied.
//! Must not depend on what is queried.

use super::site_permits::SitePermits;
use crate::{
    Result, StoreError,
    db::{Connection, Pool, PooledConnection},
    sqlite::set_time_limit,
};
use belfry_domain::SiteId;
use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout},
};

/// How long a query waits for a connection.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// How long a query may run.
const MAX_TIME: Duration = Duration::from_secs(5);

/// The connections, and one permit per site.
#[derive(Clone)]
pub(super) struct Reports {
    pool: Pool,
    site_permits: SitePermits,
    /// `None`: no time limit.
    max_time: Option<Duration>,
}

impl Reports {
    /// Uses a pool of its own.
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool, site_permits: SitePermits::new(1), max_time: Some(MAX_TIME) }
    }

    /// The same with another time limit.
    #[cfg(test)]
    pub(super) fn with_max_time(self, max_time: Option<Duration>) -> Self {
        Self { max_time, ..self }
    }

    /// A connection for one query of this site, once no other query of the site is running.
    pub(super) async fn acquire(&self, site: SiteId) -> Result<Turn> {
        let waited_too_long =
            |_| StoreError::TooLong("others of the same site were asked before it");
        let permit =
            timeout(MAX_WAIT, self.site_permits.acquire(site)).await.map_err(waited_too_long)?;
        let mut connection = match timeout(MAX_WAIT, self.pool.acquire()).await {
            Ok(acquired) => acquired?,
            Err(_) => return Err(StoreError::TooLong("those of other sites were asked before it")),
        };
        let is_cancelled = Arc::new(AtomicBool::new(false));
        if let Some(max_time) = self.max_time {
            let end = Instant::now() + max_time;
            match &mut *connection {
                Connection::Sqlite(connection) => {
                    set_time_limit(connection, end, Arc::clone(&is_cancelled)).await?;
                }
                // Its session has a time limit.
                Connection::Postgres(_) => {}
            }
        }
        Ok(Turn { connection, is_cancelled, _permit: permit })
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A connection for one query. Dropping it cancels a statement that runs in a database file.
pub(super) struct Turn {
    connection: PooledConnection,
    is_cancelled: Arc<AtomicBool>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Turn {
    /// Cancels a statement that its caller did not wait for, so that the connection is free for the
    /// next one.
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl Deref for Turn {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Turn {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        SqliteOptions,
        db::{query, query_scalar},
        sql::REPORT_CONNECTIONS,
        sqlite::{database_file::DatabaseFile, open},
    };
    use futures_util::FutureExt as _;

    const ENDLESS: &str =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

    async fn reports(folder: &tempfile::TempDir) -> Reports {
        let options = SqliteOptions::new(folder.path().join("belfry.db"));
        drop(open::writer(&options).await.unwrap());
        Reports::new(open::reports(&DatabaseFile::new(options)))
    }

    fn site(number: u8) -> SiteId {
        SiteId::from_bytes([number; 16])
    }

    #[tokio::test]
    async fn slow_query_is_cancelled_and_connection_stays_usable() {
        let folder = tempfile::tempdir().unwrap();
        let reports = reports(&folder).await.with_max_time(Some(Duration::from_millis(1)));
        for _ in 0..=REPORT_CONNECTIONS {
            let ended = query(ENDLESS)
                .fetch_one(&mut reports.acquire(site(1)).await.unwrap())
                .await
                .map(|_| ());
            assert!(matches!(ended, Err(StoreError::TooLong(_))), "{ended:?}");
        }
        let reports = reports.with_max_time(Some(MAX_TIME));
        let one: i64 = query_scalar("SELECT 1")
            .fetch_one(&mut reports.acquire(site(1)).await.unwrap())
            .await
            .unwrap();
        assert_eq!(one, 1);
    }

    /// If the statement were not cancelled, its connection would not be returned.
    #[tokio::test]
    async fn dropped_query_is_cancelled() {
        let folder = tempfile::tempdir().unwrap();
        let reports = reports(&folder).await.with_max_time(Some(Duration::from_hours(1)));
        for _ in 0..=REPORT_CONNECTIONS {
            let mut turn = reports.acquire(site(1)).await.unwrap();
            let mut asked = Box::pin(query(ENDLESS).fetch_one(&mut turn));
            assert!((&mut asked).now_or_never().is_none());
            drop(asked);
        }
        let one: i64 = query_scalar("SELECT 1")
            .fetch_one(&mut reports.acquire(site(2)).await.unwrap())
            .await
            .unwrap();
        assert_eq!(one, 1);
    }

    #[tokio::test]
    async fn a_site_uses_one_connection_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let reports = reports(&folder).await;
        let held = reports.acquire(site(1)).await.unwrap();
        let mut second = Box::pin(reports.acquire(site(1)));
        assert!((&mut second).now_or_never().is_none());
        drop(reports.acquire(site(2)).await.unwrap());
        drop(held);
        second.await.unwrap();
    }
}
