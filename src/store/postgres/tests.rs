//! Tests of what belongs to `PostgreSQL` alone.

mod plans;
mod processes;
mod relay;
mod schema;
mod statements;
