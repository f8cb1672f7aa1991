//! How the transaction of a batch begins and ends on each database. Must not depend on the commands in
//! it.

use super::{
    super::turns::{self, Turn},
    Worker,
};
use crate::{Result, StoreError, db::Connection};
use belfry_domain::SiteId;

impl Worker {
    pub(super) fn is_sqlite(&self) -> bool {
        matches!(self.tx.connection, Connection::Sqlite(_))
    }

    /// Waits for the other workers whose transactions must not run at the same time.
    pub(super) async fn turn(&mut self, site: Option<SiteId>) -> Option<Turn> {
        if self.is_sqlite() { None } else { Some(self.shared.turns.take(site).await) }
    }

    pub(super) async fn begin(&mut self, site: Option<SiteId>) -> Result<()> {
        self.has_savepoint = false;
        turns::begin(&mut self.tx.connection, site).await
    }

    /// The same where the server may have ended an idle connection, as when it was restarted.
    pub(super) async fn begin_reconnecting(&mut self, site: Option<SiteId>) -> Result<()> {
        let result = self.begin(site).await;
        if self.is_sqlite() || !matches!(result, Err(StoreError::Unavailable(_))) {
            return result;
        }
        self.tx.connection = self.shared.database.connect_writer().await?;
        self.begin(site).await
    }

    /// Keeps what a command writes apart from those before it.
    pub(super) async fn set_savepoint(&mut self) -> Result<()> {
        let is_set = std::mem::take(&mut self.has_savepoint);
        match &mut self.tx.connection {
            Connection::Postgres(connection) if is_set => {
                connection.execute_together("RELEASE command; SAVEPOINT command").await
            }
            _ => self.execute("SAVEPOINT command").await,
        }
    }

    /// On a server with the next one, or with the transaction, which saves a round trip.
    pub(super) async fn release_savepoint(&mut self) -> Result<()> {
        self.has_savepoint = !self.is_sqlite();
        if self.has_savepoint { Ok(()) } else { self.execute("RELEASE command").await }
    }

    pub(super) async fn commit(&mut self) -> Result<()> {
        if self.tx.connection.has_failed() {
            return Err(StoreError::Inconsistent("a command ignored an error".to_owned()));
        }
        if !self.is_sqlite() {
            for site in self.tx.sites_without_version() {
                self.tx.next_version(site, false).await?;
            }
        }
        self.execute("COMMIT").await
    }
}
