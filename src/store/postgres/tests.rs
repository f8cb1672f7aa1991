//! Tests of what belongs to `PostgreSQL` alone.

mod costs;
mod keys;
mod plans;
mod pooled;
pub(crate) mod processes;
mod readers;
pub(crate) mod relay;
mod row_sizes;
mod schema;
mod statements;
