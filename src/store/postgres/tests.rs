//! Tests on a server of their own: `PGHOST` and the other variables of libpq name it, as
//! `pg_virtualenv` sets them.

mod schema;
mod server;
mod statements;
