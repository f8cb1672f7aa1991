//! The file that was opened: tells whether it was replaced, and opens it again.

use super::{SqliteOptions, open};
use crate::{Result, StoreError, db::Connection};

/// The file that was opened. A file that has replaced it since is another database, which the read
/// pool does not use.
#[derive(Clone)]
pub(crate) struct DatabaseFile {
    options: SqliteOptions,
    identity: Option<(u64, u64)>,
}

impl DatabaseFile {
    pub(crate) fn new(options: SqliteOptions) -> Self {
        let identity = identity(&options);
        Self { options, identity }
    }

    pub(crate) fn options(&self) -> &SqliteOptions {
        &self.options
    }

    /// Fails if the file was deleted or replaced: writes to the open one would be lost.
    pub(crate) fn check(&self) -> Result<()> {
        if identity(&self.options) == self.identity {
            return Ok(());
        }
        let path = self.options.path.display();
        Err(StoreError::NotWritable(format!(
            "{path} was deleted or replaced while it was open; start the server again"
        )))
    }

    pub(crate) async fn reopen(&self) -> Result<Connection> {
        self.check()?;
        open::reopen_writer(&self.options).await
    }
}

#[cfg(unix)]
fn identity(options: &SqliteOptions) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(&options.path).ok().map(|file| (file.dev(), file.ino()))
}

/// On other systems an open file can't be replaced.
#[cfg(not(unix))]
fn identity(_: &SqliteOptions) -> Option<(u64, u64)> {
    None
}
