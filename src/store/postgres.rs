//! What belongs to `PostgreSQL` alone: its schema, the translation of statements, how they are run, its
//! error codes, and what several processes on one database share: locks, the bus, the lead.
//!
//! Must not depend on what is stored, but for a site's id and version. Called by `bus`, `copy`, `db` and
//! `sql`.

mod bulk;
mod bus;
mod connection;
mod error;
mod leader;
mod locks;
mod migrate;
mod options;
mod pooled;
mod processes;
mod run;
pub(crate) mod session;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
pub(crate) mod tests;
mod translate;

pub(crate) use bulk::insert_rows;
pub(crate) use bus::{Bus, Notification, Packets};
pub(crate) use connection::PostgresConnection;
pub(crate) use error::store_error;
pub(crate) use leader::Candidate;
pub(crate) use locks::{lock_all, lock_site};
pub(crate) use migrate::{migrate, schema_version};
pub use options::PostgresOptions;
pub(crate) use processes::{Changes, ProcessNumber, Processes};
pub(crate) use run::{number, text};
