//! New databases for tests, on the server that the environment names: `PGHOST` and the other variables
//! of libpq, as `pg_virtualenv` sets them.

use super::{PostgresOptions, migrate, session};
use crate::db::{ConnectOptions, Connection};
use sqlx::postgres::PgConnectOptions;
use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};
use tokio::{runtime, sync::OnceCell};

/// The number of databases that this process has created.
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The name of the database that all others are copies of. It has the schema.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// A new database with the schema, which is deleted soon after this is dropped.
pub(crate) struct TestDatabase {
    name: String,
}

impl TestDatabase {
    /// `None` when the environment names no server and none is required.
    pub(crate) async fn new() -> Option<Self> {
        if std::env::var_os("PGHOST").is_none() {
            let required = std::env::var("BELFRY_TEST_POSTGRES").is_ok_and(|set| set == "required");
            assert!(!required, "PGHOST is not set; run the tests with pg_virtualenv");
            eprintln!("skipped: PGHOST is not set; run the tests with pg_virtualenv");
            return None;
        }
        let template = TEMPLATE.get_or_init(create_template).await;
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("belfry_test_{}_{number}", process::id());
        execute(format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        Some(Self { name })
    }

    pub(crate) fn options(&self) -> PostgresOptions {
        PostgresOptions {
            // Several, so that the order of transactions is not that of one connection.
            writers: 2,
            readers: 2,
            ..PostgresOptions::new(server().database(&self.name))
        }
    }

    /// A connection that writes.
    pub(crate) async fn connect(&self) -> Connection {
        session::writer(&self.options()).connect().await.unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let name = self.name.clone();
        let delete = move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(execute(format!("DROP DATABASE {name} WITH (FORCE)")));
        };
        // Not waited for: the server deletes a database once all of its clients have signed in, and
        // those of this test can't as long as its thread waits.
        thread::spawn(delete);
    }
}

fn server() -> PgConnectOptions {
    PgConnectOptions::new()
}

async fn create_template() -> String {
    let name = format!("belfry_template_{}", process::id());
    execute(format!("CREATE DATABASE {name}")).await;
    let options = PostgresOptions::new(server().database(&name));
    let mut connection = session::writer(&options).connect().await.unwrap();
    let Connection::Postgres(postgres) = &mut connection else { unreachable!() };
    migrate(postgres).await.unwrap();
    // A database with connections can't be copied.
    connection.close().await.unwrap();
    name
}

/// Runs a statement in the database of the server's user.
async fn execute(statement: String) {
    let options = Box::new(server());
    let mut connection = ConnectOptions::Postgres(options).connect().await.unwrap();
    connection.run_script(sqlx::AssertSqlSafe(statement)).await.unwrap();
    connection.close().await.unwrap();
}
