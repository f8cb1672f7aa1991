//! Which database the store opens, and how. Must not depend on a driver. Called by the server and by
//! the tests of everything above the store.

use crate::{NatsOptions, PostgresOptions, SqliteOptions, postgres, sqlite::open};
use belfry_domain::ValidationError;
use belfry_locales::phrases::errors;
use std::path::PathBuf;

/// The options of a [`SqlStore`](crate::SqlStore).
#[derive(Debug, Clone)]
pub enum DatabaseOptions {
    /// A database file.
    Sqlite(SqliteOptions),
    /// A database of a server.
    Postgres(PostgresOptions),
}

impl DatabaseOptions {
    /// Parses a database URL. See [`SqliteOptions::parse`] and [`PostgresOptions::parse`].
    pub fn parse(url: &str) -> Result<Self, ValidationError> {
        if PostgresOptions::is_url(url) {
            PostgresOptions::parse(url).map(Self::Postgres)
        } else {
            SqliteOptions::parse(url).map(Self::Sqlite)
        }
    }

    /// The same with this URL of the server itself. See [`PostgresOptions::with_direct_url`].
    pub fn with_direct_url(self, url: Option<&str>) -> Result<Self, ValidationError> {
        match (self, url) {
            (Self::Postgres(options), Some(url)) => {
                options.with_direct_url(url).map(Self::Postgres)
            }
            (Self::Sqlite(_), Some(_)) => {
                Err(ValidationError::new("database-url", errors::DATABASE_POSTGRES))
            }
            (options, None) => Ok(options),
        }
    }

    /// The same with this NATS server between the processes.
    pub fn with_bus(mut self, bus: Option<NatsOptions>) -> Result<Self, ValidationError> {
        match &mut self {
            Self::Postgres(options) => options.bus = bus,
            Self::Sqlite(_) if bus.is_some() => {
                return Err(ValidationError::new("bus", errors::BUS_POSTGRES));
            }
            Self::Sqlite(_) => {}
        }
        Ok(self)
    }

    /// The same with this file for the encryption key. `None` uses the default.
    #[must_use]
    pub fn with_secret_key_file(mut self, file: Option<PathBuf>) -> Self {
        match &mut self {
            Self::Sqlite(options) => options.secret_key_file = file,
            Self::Postgres(options) => options.secret_key_file = file,
        }
        self
    }

    /// The file with the encryption key.
    pub fn secret_key_path(&self) -> PathBuf {
        match self {
            Self::Sqlite(options) => options.secret_key_path(),
            Self::Postgres(options) => options.secret_key_path(),
        }
    }

    /// The schema version that a database of this kind has once it was opened: the number of the
    /// newest migration.
    pub fn schema_version(&self) -> i64 {
        match self {
            Self::Sqlite(_) => open::schema_version(),
            Self::Postgres(_) => postgres::schema_version(),
        }
    }

    /// The name of the database in error messages.
    pub fn place(&self) -> String {
        match self {
            Self::Sqlite(options) => options.path.display().to_string(),
            Self::Postgres(options) => options.place(),
        }
    }
}

impl From<SqliteOptions> for DatabaseOptions {
    fn from(options: SqliteOptions) -> Self {
        Self::Sqlite(options)
    }
}

impl From<PostgresOptions> for DatabaseOptions {
    fn from(options: PostgresOptions) -> Self {
        Self::Postgres(options)
    }
}
