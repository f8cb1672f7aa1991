//! Which database the store opens, and how. Must not depend on a driver. Called by the server and by
//! the tests of everything above the store.

use crate::SqliteOptions;
use belfry_domain::ValidationError;
use std::path::PathBuf;

/// The options of a [`SqlStore`](crate::SqlStore).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseOptions {
    /// A database file.
    Sqlite(SqliteOptions),
}

impl DatabaseOptions {
    /// Parses a database URL. See [`SqliteOptions::parse`].
    pub fn parse(url: &str) -> Result<Self, ValidationError> {
        SqliteOptions::parse(url).map(Self::Sqlite)
    }

    /// The same with this file for the encryption key. `None` uses the default.
    #[must_use]
    pub fn with_secret_key_file(self, file: Option<PathBuf>) -> Self {
        match self {
            Self::Sqlite(options) => {
                Self::Sqlite(SqliteOptions { secret_key_file: file, ..options })
            }
        }
    }

    /// The file with the encryption key.
    pub fn secret_key_path(&self) -> PathBuf {
        match self {
            Self::Sqlite(options) => options.secret_key_path(),
        }
    }

    /// The name of the database in error messages.
    pub fn place(&self) -> String {
        match self {
            Self::Sqlite(options) => options.path.display().to_string(),
        }
    }
}

impl From<SqliteOptions> for DatabaseOptions {
    fn from(options: SqliteOptions) -> Self {
        Self::Sqlite(options)
    }
}
