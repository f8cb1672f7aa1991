//! The pool of read connections. One site can use all but one of them, so that other sites never
//! queue behind its requests. Must not depend on what is read.

use super::{database::Database, site_permits::SitePermits};
use crate::{
    Result, StoreError,
    db::{Connection, Pool, PooledConnection},
};
use belfry_domain::SiteId;
use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

#[derive(Clone)]
pub(super) struct ReadPool {
    pool: Pool,
    site_permits: SitePermits,
    max_wait: Duration,
}

impl ReadPool {
    /// Wraps the pool of this database.
    pub(super) fn new(pool: Pool, database: &Database) -> Self {
        let share =
            usize::try_from(database.reader_count().saturating_sub(1)).unwrap_or(usize::MAX);
        Self { pool, site_permits: SitePermits::new(share.max(1)), max_wait: database.max_wait() }
    }

    /// A connection for a query that concerns no single site.
    pub(super) async fn acquire(&self) -> Result<ReadConnection> {
        Ok(ReadConnection { connection: self.pool.acquire().await?, _permit: None })
    }

    /// A connection for a query of this site.
    pub(super) async fn acquire_for(&self, site: SiteId) -> Result<ReadConnection> {
        let waited_too_long =
            |_| StoreError::Unavailable("too many queries of this site are waiting".to_owned());
        let share = timeout(self.max_wait, self.site_permits.acquire(site))
            .await
            .map_err(waited_too_long)?;
        Ok(ReadConnection { connection: self.pool.acquire().await?, _permit: share })
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A connection that is returned to the pool when dropped.
pub(super) struct ReadConnection {
    connection: PooledConnection,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Deref for ReadConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for ReadConnection {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DatabaseOptions, SqliteOptions, db::query_scalar};
    use futures_util::FutureExt as _;
    use tokio::task::unconstrained;

    #[tokio::test]
    async fn one_site_leaves_a_connection_for_others() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions::new(folder.path().join("belfry.db"));
        let of_file = DatabaseOptions::Sqlite(options.clone());
        let (database, _) = Database::open(of_file).await.unwrap();
        let readers = ReadPool::new(database.readers().await.unwrap(), &database);
        let (loud, quiet) = (SiteId::from_bytes([1; 16]), SiteId::from_bytes([2; 16]));
        let mut held = Vec::new();
        for _ in 1..options.readers {
            held.push(readers.acquire_for(loud).await.unwrap());
        }
        // A queue of waiting requests.
        let mut crowd: Vec<_> =
            (0..100).map(|_| Box::pin(unconstrained(readers.acquire_for(loud)))).collect();
        assert!(crowd.iter_mut().all(|one| one.now_or_never().is_none()));
        let mut one = readers.acquire_for(quiet).await.unwrap();
        let found: i64 = query_scalar("SELECT 7").fetch_one(&mut one).await.unwrap();
        assert_eq!(found, 7);
        held.pop();
        assert!(crowd.remove(0).await.is_ok(), "the waiting requests continue as well");
    }
}
