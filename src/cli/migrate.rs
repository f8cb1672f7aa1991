//! `belfry migrate`.

use super::{Common, Failure, database::with_app, output};
use belfry_store::SqlStore;
use serde_json::json;

/// Opening the database migrates it; this prints the result.
pub(super) async fn run(common: &Common) -> Result<(), Failure> {
    with_app(common, async |_inbox| Ok(())).await?;
    output::print_json(&json!({ "schema": SqlStore::schema_version() }))
}
