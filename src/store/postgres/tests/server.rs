//! A new database on the server that the environment names.

use crate::{
    db::{ConnectOptions, Connection},
    postgres::migrate::migrate,
};
use sqlx::postgres::PgConnectOptions;
use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// The number of databases that this process has created.
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A database that is removed by [`Self::close`].
pub(super) struct TestDatabase {
    pub(super) connection: Connection,
    name: String,
}

impl TestDatabase {
    /// A database with the schema. `None` when the environment names no server and none is required.
    pub(super) async fn new() -> Option<Self> {
        if std::env::var_os("PGHOST").is_none() {
            let required = std::env::var("BELFRY_TEST_POSTGRES").is_ok_and(|set| set == "required");
            assert!(!required, "PGHOST is not set; run the tests with pg_virtualenv");
            eprintln!("skipped: PGHOST is not set; run the tests with pg_virtualenv");
            return None;
        }
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("belfry_test_{}_{number}", process::id());
        execute(format!("CREATE DATABASE {name}")).await;
        let options = PgConnectOptions::new().database(&name);
        let mut connection = ConnectOptions::Postgres(Box::new(options)).connect().await.unwrap();
        let Connection::Postgres(postgres) = &mut connection else { unreachable!() };
        migrate(postgres).await.unwrap();
        Some(Self { connection, name })
    }

    pub(super) async fn close(self) {
        self.connection.close().await.unwrap();
        execute(format!("DROP DATABASE {}", self.name)).await;
    }
}

/// Runs a statement in the database of the server's user.
async fn execute(statement: String) {
    let options = Box::new(PgConnectOptions::new());
    let mut connection = ConnectOptions::Postgres(options).connect().await.unwrap();
    connection.run_script(sqlx::AssertSqlSafe(statement)).await.unwrap();
    connection.close().await.unwrap();
}
