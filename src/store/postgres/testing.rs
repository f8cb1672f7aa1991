//! New databases for tests, on the server that the environment names: `PGHOST` and the other variables
//! of libpq, as `pg_virtualenv` sets them. With `BELFRY_TEST_POOLED`, each is behind a pooler.

mod pooler;

use super::{PostgresOptions, migrate, session};
use crate::db::{Connection, Value};
pub(crate) use pooler::Pooler;
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use std::{
    collections::BTreeMap,
    process,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};
use tokio::{runtime, sync::OnceCell};

/// The number of databases that this process has created.
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The name of the database that all others are copies of. It has the schema.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// The connections of a pooler to the server, fewer than a store opens.
pub(crate) const BACKENDS: usize = 2;

/// A statement as a verb wrote it, with the values that it ran with.
pub(crate) type Recorded = (String, Vec<Value>);

/// The statements that ran on each database that is recorded.
static RECORDED: Mutex<BTreeMap<String, Vec<Recorded>>> = Mutex::new(BTreeMap::new());

/// Called by connections for each statement.
pub(super) fn record(database: &str, text: &str, values: &[Value]) {
    if let Some(statements) = RECORDED.lock().unwrap().get_mut(database) {
        statements.push((text.to_owned(), values.to_vec()));
    }
}

/// What runs on a database is recorded until this is dropped.
pub(crate) struct Recording {
    database: String,
}

impl Recording {
    /// The statements since the last call.
    pub(crate) fn take(&self) -> Vec<Recorded> {
        RECORDED.lock().unwrap().get_mut(&self.database).map(std::mem::take).unwrap_or_default()
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        RECORDED.lock().unwrap().remove(&self.database);
    }
}

/// A new database with the schema, which is deleted soon after this is dropped.
pub(crate) struct TestDatabase {
    name: String,
    pooler: Option<Pooler>,
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
        let mut database = Self::copy_of(TEMPLATE.get_or_init(create_template).await).await;
        if std::env::var_os("BELFRY_TEST_POOLED").is_some() {
            database.pooler = Some(Pooler::start(BACKENDS).await?);
        }
        Some(database)
    }

    async fn copy_of(template: &str) -> Self {
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("belfry_test_{}_{number}", process::id());
        // The other strategy logs each page, and leaves out the file of what each connection needs first.
        execute(format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")).await;
        Self { name, pooler: None }
    }

    /// A copy of this database, to which nobody may be connected. It is not behind a pooler.
    pub(crate) async fn copy(&self) -> Self {
        Self::copy_of(&self.name).await
    }

    /// Records the statements that run on it.
    pub(crate) fn record(&self) -> Recording {
        RECORDED.lock().unwrap().insert(self.name.clone(), Vec::new());
        Recording { database: self.name.clone() }
    }

    /// The same behind a pooler that has at most this many connections to it. `None` also when there
    /// is no pooler.
    pub(crate) async fn pooled(backends: usize) -> Option<Self> {
        let pooler = Pooler::start(backends).await?;
        let mut database = Self::new().await?;
        database.pooler = Some(pooler);
        Some(database)
    }

    pub(crate) fn options(&self) -> PostgresOptions {
        let direct = server().database(&self.name);
        let options = match &self.pooler {
            None => PostgresOptions::new(direct),
            Some(pooler) => PostgresOptions {
                direct: Some(Box::new(direct)),
                ..PostgresOptions::new(pooler.options().database(&self.name))
            },
        };
        PostgresOptions {
            // Several, so that the order of transactions is not that of one connection.
            writers: 2,
            readers: 2,
            ..options
        }
    }

    /// A connection that writes.
    pub(crate) async fn connect(&self) -> Connection {
        session::direct(&self.options()).connect().await.unwrap()
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
    let mut connection = PgConnection::connect_with(&server()).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
