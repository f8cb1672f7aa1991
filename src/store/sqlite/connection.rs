//! A connection to the database file. Knows whether its last statement has ended: a caller that is
//! dropped leaves one running. Must not depend on what it is used for.

use crate::Result;
use sqlx::{Connection as _, SqliteConnection};
use std::ops::{Deref, DerefMut};

/// A connection to the database file.
pub(crate) struct FileConnection {
    driver: SqliteConnection,
    /// Whether a statement may still run, or the connection has failed.
    is_unsure: bool,
}

impl FileConnection {
    pub(crate) fn new(driver: SqliteConnection) -> Self {
        Self { driver, is_unsure: false }
    }

    /// For a statement whose result is given to [`Self::end`].
    #[inline]
    pub(crate) fn start(&mut self) -> &mut SqliteConnection {
        self.is_unsure = true;
        &mut self.driver
    }

    #[inline]
    pub(crate) fn end<T>(&mut self, result: sqlx::Result<T>) -> Result<T> {
        self.is_unsure = matches!(&result, Err(error) if error.as_database_error().is_none());
        Ok(result?)
    }

    /// For a statement whose rows are read one by one. The flag is to be cleared after the last one.
    pub(crate) fn start_rows(&mut self) -> (&mut SqliteConnection, &mut bool) {
        self.is_unsure = true;
        (&mut self.driver, &mut self.is_unsure)
    }

    /// Whether no statement runs.
    pub(crate) fn is_idle(&self) -> bool {
        !self.is_unsure
    }

    /// Waits for a statement that still runs. Returns whether the connection works.
    pub(crate) async fn settle(&mut self) -> bool {
        if self.is_unsure {
            self.is_unsure = self.driver.ping().await.is_err();
        }
        !self.is_unsure
    }

    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.driver.close().await?)
    }
}

impl Deref for FileConnection {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.driver
    }
}

impl DerefMut for FileConnection {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.driver
    }
}
