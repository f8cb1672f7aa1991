//! The configuration of this backend: the server, the numbers of connections, and the time to wait
//! for one.

use crate::NatsOptions;
use belfry_domain::ValidationError;
use belfry_locales::phrases::errors;
use sqlx::postgres::PgConnectOptions;
use std::{
    fmt::{self, Debug, Formatter},
    path::PathBuf,
    time::Duration,
};

/// The options of a [`SqlStore`](crate::SqlStore) in a database of a `PostgreSQL` server, version 15
/// or later.
#[derive(Clone)]
pub struct PostgresOptions {
    pub(crate) server: Box<PgConnectOptions>,
    /// The same database without the pooler that `server` is.
    pub(crate) direct: Option<Box<PgConnectOptions>>,
    /// The number of connections for readers' requests.
    pub readers: u32,
    /// The number of connections that write. The sites are divided among them.
    pub writers: usize,
    /// How long a request waits for a connection.
    pub max_wait: Duration,
    /// The NATS server that carries the events between processes. `None` uses the database.
    pub bus: Option<NatsOptions>,
    /// The file with the encryption key, the same for all servers on this database. `None` uses
    /// `belfry.secret-key` in the working directory.
    pub secret_key_file: Option<PathBuf>,
}

impl PostgresOptions {
    /// The default number of connections for readers' requests. A read waits for the server most of
    /// the time, so more are of use than on a file.
    pub const READERS: u32 = 8;

    /// The default number of connections that write.
    pub const WRITERS: usize = 4;

    /// The default time to wait for a connection.
    pub const MAX_WAIT: Duration = Duration::from_secs(5);

    /// Whether this is the URL of a `PostgreSQL` server.
    pub(crate) fn is_url(url: &str) -> bool {
        let url = url.trim();
        url.starts_with("postgres://") || url.starts_with("postgresql://")
    }

    /// Parses `postgres://user:password@host:5432/database`. What it leaves out is taken from the
    /// environment variables of libpq; a password that is nowhere, from `~/.pgpass`.
    pub fn parse(url: &str) -> Result<Self, ValidationError> {
        Ok(Self::new(parse("database-url", url)?))
    }

    /// The same, where `server` is a pooler such as `PgBouncer` in transaction mode. What belongs to a
    /// session uses this URL, which leads to the server itself: migrations, notifications, the lead.
    pub fn with_direct_url(mut self, url: &str) -> Result<Self, ValidationError> {
        let server: PgConnectOptions = parse("database-direct-url", url)?;
        self.direct = Some(Box::new(server.application_name("belfry")));
        Ok(self)
    }

    /// Whether the server is reached through a pooler.
    pub(crate) fn is_pooled(&self) -> bool {
        self.direct.is_some()
    }

    /// The server itself.
    pub(super) fn direct_server(&self) -> &PgConnectOptions {
        self.direct.as_ref().unwrap_or(&self.server)
    }

    /// Options for this server, with the defaults.
    pub(crate) fn new(server: PgConnectOptions) -> Self {
        Self {
            server: Box::new(server.application_name("belfry")),
            direct: None,
            readers: Self::READERS,
            writers: Self::WRITERS,
            max_wait: Self::MAX_WAIT,
            bus: None,
            secret_key_file: None,
        }
    }

    /// The file with the encryption key.
    pub fn secret_key_path(&self) -> PathBuf {
        self.secret_key_file.clone().unwrap_or_else(|| PathBuf::from("belfry.secret-key"))
    }

    /// Database, host and port, for messages.
    pub fn place(&self) -> String {
        let database = self.server.get_database().unwrap_or_else(|| self.server.get_username());
        format!("{database} on {}:{}", self.server.get_host(), self.server.get_port())
    }
}

fn parse(option: &'static str, url: &str) -> Result<PgConnectOptions, ValidationError> {
    if !PostgresOptions::is_url(url) {
        return Err(ValidationError::new(option, errors::DATABASE_POSTGRES));
    }
    url.trim().parse().map_err(|_| ValidationError::new(option, errors::DATABASE_POSTGRES))
}

/// Without the password.
impl Debug for PostgresOptions {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions").field("place", &self.place()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_database_and_server() {
        for url in
            ["postgres://ann:pw@db.example:6000/inbox", " postgresql://ann@db.example:6000/inbox"]
        {
            assert!(PostgresOptions::is_url(url));
            let options = PostgresOptions::parse(url).unwrap();
            assert_eq!(options.place(), "inbox on db.example:6000");
            assert!(!format!("{options:?}").contains("pw"), "{options:?}");
        }
        for odd in ["postgres://", "postgres://a:b:c/d", "postgres://host:port/d"] {
            let parsed = PostgresOptions::parse(odd).map(|options| options.place());
            if let Err(invalid) = parsed {
                assert_eq!(invalid.field, "database-url", "{odd}");
            }
        }
        assert!(!PostgresOptions::is_url("sqlite://postgres.db"));
    }
}
