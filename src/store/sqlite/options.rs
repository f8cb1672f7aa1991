//! The configuration of this backend: the database file, the number of read connections, and the
//! lock timeout.

use belfry_domain::ValidationError;
use belfry_locales::{LocalizedText, phrases::errors};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// The options of a [`SqlStore`](crate::SqlStore).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteOptions {
    /// The database file. Created if it is missing.
    pub path: PathBuf,
    /// The number of read connections. Each one is a thread.
    pub readers: u32,
    /// How long to wait for a lock that another process holds.
    pub lock_timeout: Duration,
    /// The file with the encryption key. `None` uses a file next to the database.
    pub secret_key_file: Option<PathBuf>,
}

impl SqliteOptions {
    /// The default number of read connections: a read takes tens of microseconds, so a few are
    /// enough.
    pub const READERS: u32 = 4;

    /// The default lock timeout. The command line writes for milliseconds; a backup that copies the
    /// file takes seconds.
    pub const PATIENCE: Duration = Duration::from_secs(5);

    /// Options for this file, with the defaults.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            readers: Self::READERS,
            lock_timeout: Self::PATIENCE,
            secret_key_file: None,
        }
    }

    /// The file with the encryption key: by default `belfry.db.secret-key` next to `belfry.db`.
    pub fn secret_key_path(&self) -> PathBuf {
        self.secret_key_file.clone().unwrap_or_else(|| {
            let mut path = self.path.clone().into_os_string();
            path.push(".secret-key");
            path.into()
        })
    }

    /// Parses `sqlite://belfry.db`, `sqlite:belfry.db` (both relative to the working directory) or
    /// `sqlite:///var/lib/belfry.db`.
    pub fn parse(url: &str) -> Result<Self, ValidationError> {
        let refuse = |reason: LocalizedText| ValidationError::new("database-url", reason);
        let rest =
            url.trim().strip_prefix("sqlite:").ok_or_else(|| refuse(errors::DATABASE_SCHEME))?;
        let path = rest.strip_prefix("//").unwrap_or(rest);
        if path.contains(['?', '#', '\0']) {
            return Err(refuse(errors::DATABASE_OPTIONS));
        }
        if path.contains(":memory:") {
            return Err(refuse(errors::DATABASE_MEMORY));
        }
        if path.is_empty() || path.ends_with('/') {
            return Err(refuse(errors::DATABASE_FILE));
        }
        Ok(Self::new(Path::new(path)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_relative_or_absolute_files() {
        for (url, path) in [
            ("sqlite://belfry.db", "belfry.db"),
            ("sqlite:belfry.db", "belfry.db"),
            ("sqlite://data/belfry.db", "data/belfry.db"),
            ("sqlite:///var/lib/belfry.db", "/var/lib/belfry.db"),
            ("sqlite:/var/lib/belfry.db", "/var/lib/belfry.db"),
        ] {
            assert_eq!(SqliteOptions::parse(url).unwrap().path, Path::new(path), "{url}");
        }
        for odd in [
            "belfry.db",
            "postgres://x/y",
            "sqlite:",
            "sqlite://",
            "sqlite://data/",
            "sqlite::memory:",
            "sqlite://a.db?mode=ro",
            "",
        ] {
            assert_eq!(SqliteOptions::parse(odd).unwrap_err().field, "database-url", "{odd}");
        }
    }
}
