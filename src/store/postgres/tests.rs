//! Tests of what belongs to `PostgreSQL` alone.

mod plans;
mod processes;
mod schema;
mod statements;
