//! Tests of what belongs to `PostgreSQL` alone.

mod processes;
mod schema;
mod statements;
