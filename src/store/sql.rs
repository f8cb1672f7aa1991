//! The verbs of the store, in SQL: one writer that commits in groups, and a small pool of read
//! connections.
//!
//! All SQL is below this module, except that of a database itself: files, connections and migrations
//! are in [`sqlite`](super::sqlite) and [`postgres`](super::postgres). It must not depend on use cases or HTTP surfaces.
//! `main` opens it; everyone else calls it through the traits in `store`.
//!
//! Modules import each other in one direction only. From the bottom:
//! - what statements share: `feeds`, `write_tx`, `secret_locations`
//! - rows: `contact`, `message_rows`, `delivery`, `endpoint`, `sdk_rows`
//! - parts of commands: `segment`, `outbox`, `contact_changes`, `recipients`, `fan_out`, `schedule`
//! - commands and lists: `message`, `channel`, `sdk`, `due_deliveries`, `webhooks`, `retention`, …
//! - the traits of this crate: `base`, `reader_verbs`, and most modules for their own trait
//!
//! To add a store verb:
//! 1. Declare an `async fn` in the trait of its capability (`src/store/store.rs`, or another file
//!    beside it).
//! 2. Implement it here, in the module of the same capability. A write is one command:
//!    `self.writer.for_site(site).run(…)`. A read takes a connection from
//!    `self.read_connection_for(site)`, or from `self.report_pool` when it may take long.
//! 3. Test its promise in `src/store/contract/`, and list the test in the macro in
//!    `src/store/contract.rs`.
//! 4. Add a case in `cost_growth/cases/`, which measures its cost. A verb without a case fails a
//!    test by name.
//! 5. List new statements in `query_plans.rs` or below it (conversations: `channel/statements.rs`,
//!    Inbox SDK: `sdk/statements.rs`), where their query plans are checked.
//!
//! One text serves both databases; `postgres/translate.rs` lists what is translated. Beyond that:
//! - A number out of JSON is cast: `CAST(value AS BIGINT)`. So is a `sum`. Text out of JSON is not
//!   compared with a number. JSON that clients wrote is not parsed in SQL.
//! - A flag is 0 or 1 and is compared: `pinned = 1`, `?2 <> 0`. A condition that is stored, summed or
//!   put into JSON becomes a number by `CASE`; `count(*) FILTER (WHERE …)` counts.
//! - `ON CONFLICT (…) DO UPDATE` names its target, qualifies the old values, and gets each target
//!   once. `ON CONFLICT DO NOTHING` instead of `INSERT OR IGNORE`.
//! - No `rowid`, `GLOB`, `LIKE`, negative `LIMIT`, bare columns beside aggregates, or alias that is a
//!   keyword. `max` and `min` of several values get no NULL.
//! - A comparison that must use an index is `=`, not `IS`. The order of rows is written; no nullable
//!   column decides it.
//! - `+` before a column keeps an index from being used for it.
//!
//! To add a migration:
//! 1. Write `sqlite/migrations/NNNN_name.sql`, and the same in `postgres/migrations`. A published file
//!    never changes: sqlx checks its checksum.
//! 2. List it in `MIGRATION_FILES` in `sqlite/open.rs` and in `postgres/migrate.rs`.
//! 3. Insert a row into `sqlite_stat1` for each new index, and run `ANALYZE sqlite_schema`.
//!    `query_plans.rs` fails without it.
//! 4. Fill new tables in `cost_growth/dataset.rs`, so that costs are measured with rows in them.
//! 5. Add a column with an encrypted value to `encryption.rs` or `channel/encrypted_columns.rs`, so
//!    that key rotation covers it.

mod accounts;
mod audit;
mod base;
mod channel;
mod clock;
mod contact;
mod contact_admin;
mod contact_changes;
mod contact_matching;
#[cfg(test)]
pub(crate) mod cost_growth;
mod credential;
mod database;
mod delivery;
mod device;
mod due_deliveries;
mod encryption;
mod endpoint;
mod fan_out;
mod feeds;
mod idempotency;
mod imports;
mod inline_segments;
mod install_events;
mod message;
mod message_cache;
mod message_deletion;
mod message_rows;
mod mutes;
mod origin;
mod outbox;
mod pictures;
#[cfg(test)]
mod query_plans;
mod read_pool;
mod reader;
mod reader_action;
mod reader_list;
mod reader_verbs;
mod recipients;
mod report_pool;
mod reports;
mod retention;
mod retention_cap;
mod schedule;
mod sdk;
mod sdk_rows;
mod secret_locations;
mod segment;
mod settings;
mod shared_state;
mod site;
mod site_permits;
mod stats;
mod theme;
mod token_rotation;
mod watermark;
mod watermark_compaction;
mod webhooks;
mod write_tx;
mod writer;

pub(crate) use database::REPORT_CONNECTIONS;

use super::{DatabaseOptions, Result, copy, postgres::Candidate, vault::Vault};
use belfry_domain::{EventSink, SiteId};
use database::Database;
use std::sync::{Arc, Mutex};

/// The store in one database. Clones share the writer and the read connections.
#[derive(Clone)]
pub struct SqlStore {
    writer: writer::Writer,
    readers: read_pool::ReadPool,
    report_pool: report_pool::Reports,
    /// Where several processes share a database.
    candidate: Option<Arc<tokio::sync::Mutex<Candidate>>>,
    /// One permit per site: a large import of the site is being stored.
    import_permits: site_permits::SitePermits,
    /// One permit per site: member lists of one of the site's segments are being written.
    list_permits: site_permits::SitePermits,
    segment_cache: segment::SegmentCache,
    message_cache: message_cache::MessageCache,
    vault: Vault,
    /// The site that the last fan-out turn worked for. The next turn starts with the site after it.
    fan_out_turn: Arc<Mutex<Option<SiteId>>>,
}

impl SqlStore {
    /// Opens the database, creates the file if it is missing, and runs pending migrations. Events
    /// are sent to `event_sink` after each commit.
    pub async fn open(
        options: impl Into<DatabaseOptions>,
        event_sink: Arc<dyn EventSink>,
    ) -> Result<Self> {
        let options = options.into();
        let secret_key_path = options.secret_key_path();
        let (database, mut connection) = Database::open(options).await?;
        let vault = encryption::load_or_create_vault(&mut connection, &secret_key_path).await?;
        copy::take_into_use(&mut connection).await?;
        let readers = read_pool::ReadPool::new(database.readers().await?, &database);
        let report_pool = report_pool::Reports::new(database.reports());
        let candidate = database.candidate().map(|candidate| Arc::new(candidate.into()));
        Ok(Self {
            candidate,
            writer: writer::Writer::start(
                connection,
                database,
                &vault,
                event_sink,
                channel::on_dropped_delivery,
            )
            .await?,
            readers,
            report_pool,
            import_permits: site_permits::SitePermits::new(1),
            list_permits: site_permits::SitePermits::new(1),
            segment_cache: segment::SegmentCache::default(),
            message_cache: message_cache::MessageCache::default(),
            vault,
            fan_out_turn: Arc::default(),
        })
    }

    async fn read_connection(&self) -> Result<read_pool::ReadConnection> {
        self.readers.acquire().await
    }

    async fn read_connection_for(&self, site: SiteId) -> Result<read_pool::ReadConnection> {
        self.readers.acquire_for(site).await
    }
}
