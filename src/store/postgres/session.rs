//! How the connections to a server are set up, by what they are used for. Must not depend on what is
//! stored.

use super::PostgresOptions;
use crate::db::ConnectOptions;
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};

/// Settings of every connection.
const ALL: [(&str, &str); 8] = [
    ("search_path", "belfry"),
    ("client_min_messages", "warning"),
    // A process that is gone without a word loses its locks soon.
    ("idle_in_transaction_session_timeout", "30s"),
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "10s"),
    // Compiling a statement takes longer than running it.
    ("jit", "off"),
];

/// Settings of the connections that write or answer readers. Their statements are written so that an
/// index gives the rows in order, up to their limit: the planner, which knows nothing of the values,
/// would rather read a whole feed and sort it. `off` makes such a plan expensive; what has no index
/// still runs.
const BY_INDEX: [(&str, &str); 7] = [
    ("enable_bitmapscan", "off"),
    ("enable_hashjoin", "off"),
    // Keeps what one side of a join has in memory, and compares each row of the other side with all of it.
    ("enable_material", "off"),
    ("enable_mergejoin", "off"),
    ("enable_seqscan", "off"),
    ("enable_sort", "off"),
    // Planning a page takes longer than reading it.
    ("plan_cache_mode", "force_generic_plan"),
];

/// A commit that is reported is on the disk.
const DURABLE: [(&str, &str); 1] = [("synchronous_commit", "on")];

/// Several statements of a transaction see the same state.
const READ_ONLY: [(&str, &str); 2] =
    [("default_transaction_read_only", "on"), ("default_transaction_isolation", "repeatable read")];

/// The longest statement of a reader, far above what one takes: it goes on when its caller is gone.
const BOUNDED: [(&str, &str); 1] = [("statement_timeout", "30s")];

/// As long as a report may take.
const BOUNDED_REPORT: [(&str, &str); 1] = [("statement_timeout", "5s")];

/// A copy takes as long as it takes, and waits for the other database meanwhile.
const UNBOUNDED: [(&str, &str); 1] = [("idle_in_transaction_session_timeout", "0")];

/// What a copy writes is on the disk when its last transaction is, which sets this to `on`.
const DURABLE_LATER: [(&str, &str); 1] = [("synchronous_commit", "off")];

fn connect_options(server: &PgConnectOptions) -> PgConnectOptions {
    server.clone().options(ALL).disable_statement_logging()
}

/// A connection that writes.
pub(crate) fn writer(options: &PostgresOptions) -> ConnectOptions {
    let server = connect_options(&options.server).options(BY_INDEX).options(DURABLE);
    ConnectOptions::Postgres(Box::new(server))
}

/// A connection for readers' requests. It can't write, whatever the statement.
pub(crate) fn reader(options: &PostgresOptions) -> ConnectOptions {
    let server =
        connect_options(&options.server).options(BY_INDEX).options(READ_ONLY).options(BOUNDED);
    ConnectOptions::Postgres(Box::new(server))
}

/// A connection for reports, which read much: it has the planner's defaults.
pub(crate) fn report(options: &PostgresOptions) -> ConnectOptions {
    let server = connect_options(&options.server).options(READ_ONLY).options(BOUNDED_REPORT);
    ConnectOptions::Postgres(Box::new(server))
}

/// A connection that reads everything. It can't write.
pub(crate) fn copy_source(options: &PostgresOptions) -> ConnectOptions {
    let server = connect_options(&options.server).options(READ_ONLY).options(UNBOUNDED);
    ConnectOptions::Postgres(Box::new(server))
}

/// A connection that writes everything.
pub(crate) fn copy_target(options: &PostgresOptions) -> ConnectOptions {
    let server = connect_options(&options.server).options(DURABLE_LATER).options(UNBOUNDED);
    ConnectOptions::Postgres(Box::new(server))
}
