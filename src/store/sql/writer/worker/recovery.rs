//! Checks whether the writer's connection works, opens another one when it does not, and looks for
//! what other processes have written.

use super::Worker;
use crate::{Result, StoreError, sql::database::works, sqlite::DataVersion};

/// The number of consecutive write failures after which the connection is reopened.
const MAX_CONSECUTIVE_FAILURES: u32 = 3;

impl Worker {
    /// On a database file, looks for writes of other processes. Opens another connection if the
    /// current one does not work.
    pub(super) async fn check(&mut self) {
        if self.failure.is_some() {
            self.reopen_connection().await;
            return;
        }
        if let Err(error) = self.shared.database.check() {
            self.mark_broken(error);
            return;
        }
        if let Err(error) = self.look_for_external_writes().await {
            // They are looked for again.
            self.data_version = DataVersion::default();
            tracing::warn!(%error, "could not check for writes of other processes");
        }
    }

    async fn look_for_external_writes(&mut self) -> Result<()> {
        if self.is_sqlite() && self.data_version.has_changed(&mut self.tx.connection).await? {
            let changed = self.shared.site_versions.refresh(&mut self.tx.connection).await?;
            self.shared.publish_external_writes(changed);
        }
        Ok(())
    }

    pub(super) fn mark_broken(&mut self, reason: StoreError) {
        tracing::error!(error = %reason, "the database can't be written until another connection is opened");
        self.failure = Some(reason);
    }

    /// Replaces a broken connection. The open transaction of the former one is rolled back when it
    /// is dropped.
    pub(super) async fn reopen_connection(&mut self) {
        let reopened = async {
            let mut connection = self.shared.database.connect_writer().await?;
            let versions = self.shared.read_versions(&mut connection).await?;
            Result::Ok((connection, versions))
        };
        match reopened.await {
            Ok((connection, (data_version, changed))) => {
                (self.tx.connection, self.data_version) = (connection, data_version);
                self.shared.publish_external_writes(changed);
                (self.failure, self.failures) = (None, 0);
                tracing::warn!("the database was reopened and can be written again");
            }
            Err(error) => self.failure = Some(error),
        }
    }

    /// After a failure that no command caused: checks whether the connection still works.
    pub(super) async fn check_connection(&mut self, failure: &StoreError) {
        if matches!(failure, StoreError::NotWritable(_)) {
            self.failures += 1;
        }
        if !works(&mut self.tx.connection).await {
            self.mark_broken(failure.clone());
            self.reopen_connection().await;
        } else if self.failures >= MAX_CONSECUTIVE_FAILURES {
            self.failures = 0;
            // If this fails too, the current connection is no worse than another one.
            if let Ok(connection) = self.shared.database.connect_writer().await {
                (self.tx.connection, self.data_version) = (connection, DataVersion::default());
            }
        }
    }
}
