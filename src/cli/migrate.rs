//! `belfry migrate`.

use super::{Common, Failure, database::with_app, output};
use crate::server::schema_version;
use serde_json::json;

/// Opening the database migrates it; this prints the result.
pub(super) async fn run(common: &Common) -> Result<(), Failure> {
    let version = schema_version(&common.database())?;
    with_app(common, async |_inbox| Ok(())).await?;
    output::print_json(&json!({ "schema": version }))
}
