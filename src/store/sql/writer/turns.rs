//! Which transactions may run at the same time on a database with several connections that write:
//! those of different sites. What concerns no single site runs alone.
//!
//! The database ensures it among processes. Within this one, a turn lasts until the events of the
//! transaction are published, so that those of a site are in the order of their commits.

use crate::{
    Result,
    db::{Connection, query},
    postgres::{lock_all, lock_site},
};
use belfry_domain::SiteId;
use std::sync::Arc;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// The turns of one process.
#[derive(Default)]
pub(super) struct Turns(Arc<RwLock<()>>);

/// A turn, which ends when this is dropped.
pub(super) enum Turn {
    OfSite { _others_of_sites: OwnedRwLockReadGuard<()> },
    Alone { _nobody: OwnedRwLockWriteGuard<()> },
}

impl Turns {
    /// Waits for a turn. Transactions of the same site are run by the same task, one by one.
    pub(super) async fn take(&self, site: Option<SiteId>) -> Turn {
        let turns = Arc::clone(&self.0);
        match site {
            Some(_) => Turn::OfSite { _others_of_sites: turns.read_owned().await },
            None => Turn::Alone { _nobody: turns.write_owned().await },
        }
    }
}

/// Starts a transaction that writes, and waits for those that must not run at the same time.
pub(super) async fn begin(connection: &mut Connection, site: Option<SiteId>) -> Result<()> {
    if matches!(connection, Connection::Sqlite(_)) {
        // Takes the lock of the file.
        return query("BEGIN IMMEDIATE").execute(connection).await.map(drop);
    }
    query("BEGIN").execute(connection).await?;
    match site {
        Some(site) => lock_site(connection, site).await,
        None => lock_all(connection).await,
    }
}
