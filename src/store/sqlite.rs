//! What belongs to `SQLite` alone: the database file, its connections, migrations and result codes.
//!
//! Must not depend on what is stored. Called by `sql`, which contains the verbs.

mod connection;
mod data_version;
pub(crate) mod database_file;
mod error;
mod file_mode;
pub(crate) mod open;
mod options;
mod statement;
mod time_limit;

pub(crate) use connection::FileConnection;
pub(crate) use data_version::DataVersion;
pub(crate) use error::store_error;
pub use options::SqliteOptions;
pub(crate) use statement::statement;
pub(crate) use time_limit::set_time_limit;
