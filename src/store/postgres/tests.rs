//! Tests of what belongs to `PostgreSQL` alone.

mod processes;
mod plans;
mod schema;
mod statements;
