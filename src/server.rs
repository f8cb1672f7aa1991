//! The server process: configuration, router, connections, telemetry, background jobs, graceful
//! shutdown.
//!
//! Must not depend on messages or contacts. The HTTP surfaces bring their routes; this module adds
//! what every request needs (request id, log, timeouts, headers) and protects the socket against
//! slow clients. Called by the command line, the demo and tests.

mod accept;
mod admission;
mod assets;
mod config;
mod connection;
mod database_clock;
mod detached;
mod error;
mod error_response;
mod health;
mod home;
mod jobs;
mod log_throttle;
mod middleware;
mod outbound;
mod progress;
mod proxy;
mod reclaim;
mod router;
mod run;
mod signal;
pub mod telemetry;
mod threads;
mod unread_body;
mod write_timeout;

pub use admission::ConnectionLimits;
pub use assets::client_assets;
pub use config::{Config, Database, Limits, LogFormat};
pub use error::StartError;
pub use outbound::{Egress, OutboundOptions, OutboundProxy, http_client, http_client_with_egress};
pub use router::{Readiness, RouterParts, router};
pub use run::{
    Server, open_app, open_database, reset_secret_key, rotate_secret_key, schema_version, serve,
};
pub use signal::stop_on_signal;
pub use threads::runtime;
