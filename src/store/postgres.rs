//! What belongs to `PostgreSQL` alone: its schema, the translation of statements, how they are run, and
//! its error codes.
//!
//! Must not depend on what is stored. Called by `db`.

mod connection;
mod error;
mod migrate;
mod run;
#[cfg(test)]
mod tests;
mod translate;

pub(crate) use connection::PostgresConnection;
pub(crate) use error::store_error;
pub(crate) use run::{number, text};
