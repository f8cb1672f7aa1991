//! Tests of what belongs to `PostgreSQL` alone.

mod costs;
mod keys;
mod plans;
mod pooled;
mod processes;
mod readers;
mod relay;
mod row_sizes;
mod schema;
mod statements;
