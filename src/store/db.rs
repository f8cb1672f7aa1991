//! The layer between the verbs and the drivers of the databases: connections, statements, rows.
//!
//! A verb writes a statement once. [`Connection`] decides at run time how it is run; the parameters
//! are collected until then. This module and the folders of the databases are the only places that
//! name a driver.
//!
//! Must not depend on what is stored, except for the domain types that [`Columns`] parses. Called by
//! `sql` and by the folders of the databases.

#[cfg(test)]
mod collected;
mod columns;
mod connection;
mod error;
mod pool;
mod query;
mod row;
mod transaction;
mod value;

#[cfg(test)]
pub(crate) use collected::{Collected, VARIABLE as COLLECT_VARIABLE, read as read_collected};
pub(crate) use columns::{Columns, to_json};
pub(crate) use connection::{ConnectOptions, Connection};
pub(crate) use pool::{Pool, PooledConnection};
pub(crate) use query::{Query, query, query_as, query_scalar};
pub(crate) use row::{Column, Row};
pub(crate) use transaction::Transaction;
pub(crate) use value::{Kind, Value, Values};
