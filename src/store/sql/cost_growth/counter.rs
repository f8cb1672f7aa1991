//! A database whose connections count their virtual machine steps, or one on a server whose statements
//! are recorded. The backend of every scenario here.

use super::super::{
    SqlStore, channel, database::Database, encryption, message_cache, read_pool, report_pool,
    segment, site_permits, write_tx::WriteTx, writer,
};
use crate::{
    PostgresOptions, Result, SqliteOptions, Store,
    contract::{postgres, test_store::Backend},
    db::{Connection, query, query_scalar},
};
use async_trait::async_trait;
use belfry_domain::{ContactId, EventSink, MessageId, SiteId};
use futures_util::FutureExt as _;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use tempfile::TempDir;

/// The counters of all connections of one database.
#[derive(Default)]
pub struct Counters {
    rows_written: AtomicU64,
    rows_read: AtomicU64,
    /// Steps of the writer before its current turn, and the longest turn so far.
    turn_started_at: AtomicU64,
    longest_turn: AtomicU64,
    turns: AtomicU64,
}

impl Counters {
    /// Steps of all connections.
    pub fn steps(&self) -> u64 {
        self.rows_written.load(Relaxed) + self.rows_read.load(Relaxed)
    }

    /// Steps of the writer connection.
    pub fn writer_steps(&self) -> u64 {
        self.rows_written.load(Relaxed)
    }

    /// Commits of the writer connection.
    pub fn turns(&self) -> u64 {
        self.turns.load(Relaxed)
    }

    /// The most steps between two commits since the last call.
    pub fn take_longest_turn(&self) -> u64 {
        self.longest_turn.swap(0, Relaxed)
    }

    fn end_turn(&self) {
        let now = self.rows_written.load(Relaxed);
        self.longest_turn.fetch_max(now - self.turn_started_at.swap(now, Relaxed), Relaxed);
        self.turns.fetch_add(1, Relaxed);
    }

    /// The progress handler runs after every operation of the virtual machine.
    pub async fn count(self: &Arc<Self>, connection: &mut Connection, writes: bool) -> Result<()> {
        let Connection::Sqlite(connection) = connection else { panic!("counts steps of SQLite") };
        let mut handle = connection.lock_handle().await?;
        let counters = Arc::clone(self);
        handle.set_progress_handler(1, move || {
            if writes { &counters.rows_written } else { &counters.rows_read }.fetch_add(1, Relaxed);
            true
        });
        if writes {
            let counters = Arc::clone(self);
            handle.set_commit_hook(move || {
                counters.end_turn();
                true
            });
        }
        Ok(())
    }
}

/// One database in its own folder. [`Self::execute`] writes through the store that was opened last.
#[derive(Clone)]
pub struct CountedDatabase {
    folder: Arc<TempDir>,
    pub counters: Arc<Counters>,
    opened: Arc<Mutex<Option<SqlStore>>>,
    /// Instead of the file. Nothing is counted there.
    server: Option<Arc<postgres::Database>>,
}

impl CountedDatabase {
    pub fn new() -> Self {
        Self {
            folder: Arc::new(tempfile::tempdir().unwrap()),
            counters: Arc::default(),
            opened: Arc::default(),
            server: None,
        }
    }

    /// A database on a server. What runs on it is recorded if its test has asked for that.
    pub fn on_server(database: postgres::Database) -> Self {
        Self { server: Some(Arc::new(database)), ..Self::new() }
    }

    pub fn options(&self) -> SqliteOptions {
        // With more read connections, the pool might return one that does not count.
        SqliteOptions { readers: 1, ..SqliteOptions::new(self.folder.path().join("belfry.db")) }
    }

    fn store(&self) -> SqlStore {
        self.opened.lock().unwrap().clone().unwrap()
    }

    /// Runs statements on the writer connection. From another connection they would be an external
    /// write, after which the store reads all sites.
    pub async fn execute(&self, statements: String) {
        self.store().writer.run(move |tx| execute(tx, statements).boxed()).await.unwrap();
    }

    /// Rows inserted, changed and deleted so far, including those of triggers and foreign keys.
    pub async fn rows_written(&self) -> u64 {
        if self.server.is_some() {
            return 0;
        }
        self.store().writer.run(|tx| total_changes(tx).boxed()).await.unwrap().unsigned_abs()
    }
}

async fn execute(tx: &mut WriteTx, statements: String) -> Result<()> {
    let statements = sqlx::AssertSqlSafe(statements);
    if tx.connection.is_postgres() {
        return query(statements).execute(&mut tx.connection).await.map(drop);
    }
    tx.connection.run_script(statements).await
}

async fn total_changes(tx: &mut WriteTx) -> Result<i64> {
    query_scalar("SELECT total_changes()").fetch_one(&mut tx.connection).await
}

#[async_trait]
impl Backend for CountedDatabase {
    async fn open(&self, event_sink: Arc<dyn EventSink>) -> Result<Arc<dyn Store>> {
        if let Some(server) = &self.server {
            let options = PostgresOptions { writers: 1, readers: 1, ..server.options() };
            let store = SqlStore::open(options, event_sink).await?;
            *self.opened.lock().unwrap() = Some(store.clone());
            return Ok(Arc::new(store));
        }
        let options = self.options();
        let secret_key_path = options.secret_key_path();
        let (database, mut connection) = Database::open(options.into()).await?;
        let vault = encryption::load_or_create_vault(&mut connection, &secret_key_path).await?;
        // Power loss is out of scope here, and disk waits would take most of the time.
        query("PRAGMA synchronous = OFF").execute(&mut connection).await?;
        self.counters.count(&mut connection, true).await?;
        let readers = database.readers().await?;
        self.counters.count(&mut *readers.acquire().await?, false).await?;
        // Uses the counting connection, which has no other progress handler.
        let report_pool = report_pool::Reports::new(readers.clone()).with_max_time(None);
        let readers = read_pool::ReadPool::new(readers, &database);
        let on_dropped_delivery = channel::on_dropped_delivery;
        let writer =
            writer::Writer::start(connection, database, &vault, event_sink, on_dropped_delivery)
                .await?;
        let (import_permits, list_permits) =
            (site_permits::SitePermits::new(1), site_permits::SitePermits::new(1));
        let (segment_cache, message_cache) =
            (segment::SegmentCache::default(), message_cache::MessageCache::default());
        let fan_out_turn = Arc::default();
        let store = SqlStore {
            candidate: None,
            writer,
            readers,
            report_pool,
            import_permits,
            list_permits,
            segment_cache,
            message_cache,
            vault,
            fan_out_turn,
        };
        *self.opened.lock().unwrap() = Some(store.clone());
        Ok(Arc::new(store))
    }

    async fn find_traces(&self, _: SiteId, _: ContactId) -> u64 {
        panic!("not used by the cost tests")
    }

    async fn close(&self, _: SiteId, _: MessageId) {
        panic!("not used by the cost tests")
    }

    async fn copy_delivery(&self, _: i64, _: u32, _: u32) {
        panic!("not used by the cost tests")
    }
}
