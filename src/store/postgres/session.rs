//! How the connections to a server are set up, by what they are used for. Must not depend on what is
//! stored.
//!
//! The settings belong to the connection. Through a pooler, which may give each transaction another
//! connection to the server, they belong to the transaction: what begins it sets them.

use super::PostgresOptions;
use crate::db::ConnectOptions;
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use std::{fmt::Write as _, sync::Arc};

type Setting = (&'static str, &'static str);

/// Settings of every connection.
const ALL: [Setting; 4] = [
    ("search_path", "belfry"),
    ("client_min_messages", "warning"),
    // A process that is gone without a word loses its locks soon.
    ("idle_in_transaction_session_timeout", "30s"),
    // Compiling a statement takes longer than running it.
    ("jit", "off"),
];

/// Settings of every connection that leads to the server itself, for the same reason.
const NETWORK: [Setting; 4] = [
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "10s"),
];

/// Settings of the connections that write or answer readers. Their statements are written so that an
/// index gives the rows in order, up to their limit: the planner, which knows nothing of the values,
/// would rather read a whole feed and sort it. `off` makes such a plan expensive; what has no index
/// still runs.
const BY_INDEX: [Setting; 7] = [
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
const DURABLE: [Setting; 1] = [("synchronous_commit", "on")];

/// What the bus stores may be lost: then the processes compare the versions of the sites.
const NOT_DURABLE: [Setting; 1] = [("synchronous_commit", "off")];

/// Several statements of a transaction see the same state.
const READ_ONLY: [Setting; 2] =
    [("default_transaction_read_only", "on"), ("default_transaction_isolation", "repeatable read")];

/// The same for one transaction.
const BEGIN_READ_ONLY: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// The longest statement of a reader, far above what one takes: it goes on when its caller is gone.
const BOUNDED: [Setting; 1] = [("statement_timeout", "30s")];

/// As long as a report may take.
const BOUNDED_REPORT: [Setting; 1] = [("statement_timeout", "5s")];

/// A copy takes as long as it takes, and waits for the other database meanwhile.
const UNBOUNDED: [Setting; 1] = [("idle_in_transaction_session_timeout", "0")];

/// What a copy writes is on the disk when its last transaction is, which sets this to `on`.
const DURABLE_LATER: [Setting; 1] = [("synchronous_commit", "off")];

/// How a connection is opened, and how its transactions begin.
pub(crate) struct Session {
    pub(super) server: PgConnectOptions,
    /// Through a pooler: the statements that begin a transaction.
    pub(super) begin: Option<Arc<str>>,
}

impl Session {
    /// A session of the server itself.
    fn direct(server: &PgConnectOptions, settings: &[&[Setting]]) -> Self {
        let settings = settings.iter().copied().flatten().copied();
        let server = server.clone().options(ALL.into_iter().chain(NETWORK).chain(settings));
        Self { server: server.disable_statement_logging(), begin: None }
    }

    fn pooled(server: &PgConnectOptions, begin: &str, settings: &[&[Setting]]) -> Self {
        let mut begin = begin.to_owned();
        for (name, value) in ALL.iter().chain(settings.iter().copied().flatten()) {
            let _ = write!(begin, "; SET LOCAL {name} = '{value}'");
        }
        // PgBouncer accepts no parameter that it does not keep apart itself.
        let server = server.clone().extra_float_digits(None).disable_statement_logging();
        Self { server, begin: Some(begin.into()) }
    }
}

/// A connection that writes.
pub(crate) fn writer(options: &PostgresOptions) -> ConnectOptions {
    if !options.is_pooled() {
        return direct(options);
    }
    session(Session::pooled(&options.server, "BEGIN", &[&BY_INDEX, &DURABLE]))
}

/// A connection that writes, to the server itself even if the others lead through a pooler.
pub(crate) fn direct(options: &PostgresOptions) -> ConnectOptions {
    session(Session::direct(options.direct_server(), &[&BY_INDEX, &DURABLE]))
}

/// The connection to other processes.
pub(crate) fn bus(options: &PostgresOptions) -> PgConnectOptions {
    Session::direct(options.direct_server(), &[&NOT_DURABLE, &BOUNDED]).server
}

/// A connection for readers' requests. It can't write, whatever the statement.
pub(crate) fn reader(options: &PostgresOptions) -> ConnectOptions {
    read_only(options, &[&BY_INDEX, &BOUNDED])
}

/// A connection for reports, which read much: it has the planner's defaults.
pub(crate) fn report(options: &PostgresOptions) -> ConnectOptions {
    read_only(options, &[&BOUNDED_REPORT])
}

fn read_only(options: &PostgresOptions, settings: &[&[Setting]]) -> ConnectOptions {
    session(if options.is_pooled() {
        Session::pooled(&options.server, BEGIN_READ_ONLY, settings)
    } else {
        Session::direct(&options.server, &[settings, &[&READ_ONLY]].concat())
    })
}

fn session(session: Session) -> ConnectOptions {
    ConnectOptions::Postgres(Box::new(session))
}

/// A connection that reads everything. It can't write.
pub(crate) fn copy_source(options: &PostgresOptions) -> ConnectOptions {
    session(Session::direct(options.direct_server(), &[&READ_ONLY, &UNBOUNDED]))
}

/// A connection that writes everything.
pub(crate) fn copy_target(options: &PostgresOptions) -> ConnectOptions {
    session(Session::direct(options.direct_server(), &[&DURABLE_LATER, &UNBOUNDED]))
}
