//! The file that was opened: tells whether it was replaced, and opens it again.

use super::{SqliteOptions, open};
use crate::{Result, StoreError, db::Connection};

/// The file that was opened. A file that has replaced it since is another database, which no
/// connection of this process uses.
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
        self.check_identity().map_err(StoreError::NotWritable)
    }

    /// Fails if another connection would read another database.
    pub(crate) fn check_read(&self) -> Result<()> {
        self.check_identity().map_err(StoreError::Unavailable)
    }

    fn check_identity(&self) -> std::result::Result<(), String> {
        if identity(&self.options) == self.identity {
            return Ok(());
        }
        let path = self.options.path.display();
        Err(format!("{path} was deleted or replaced while it was open; start the server again"))
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

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{query, query_scalar};
    use std::time::Duration;

    async fn version(connection: &mut Connection) -> i64 {
        query_scalar("SELECT user_version FROM pragma_user_version")
            .fetch_one(connection)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn replaced_file_is_read_through_open_connections_only() {
        let folder = tempfile::tempdir().unwrap();
        let mut options = SqliteOptions::new(folder.path().join("belfry.db"));
        options.lock_timeout = Duration::from_millis(50);
        let mut writer = open::writer(&options).await.unwrap();
        query("PRAGMA user_version = 7").execute(&mut writer).await.unwrap();
        let file = DatabaseFile::new(options.clone());
        let pool = open::readers(&file).await.unwrap();
        let mut open = pool.acquire().await.unwrap();
        assert_eq!(version(&mut open).await, 7);
        let elsewhere = tempfile::tempdir().unwrap();
        for name in ["belfry.db", "belfry.db-wal", "belfry.db-shm"] {
            std::fs::rename(folder.path().join(name), elsewhere.path().join(name)).unwrap();
        }
        let _replacement = open::writer(&options).await.unwrap();
        let another = pool.acquire().await.map(|_| ());
        assert!(
            matches!(&another, Err(StoreError::Unavailable(text)) if text.contains("replaced")),
            "{another:?}"
        );
        drop(open);
        let mut first = pool.acquire().await.unwrap();
        assert_eq!(version(&mut first).await, 7);
        assert!(pool.acquire().await.is_err(), "the only open connection is in use");
        drop(first);
        assert!(pool.acquire().await.is_ok());
    }
}
