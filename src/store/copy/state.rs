//! What a database is for a copy: new, a copy that nobody has opened, or something else. The state of a
//! copy is in a table of the target, which is there only until a server opens it.

use super::{
    CopyError,
    error::{Context as _, CopyResult},
    schema::{Schema, quoted},
};
use crate::{
    Result, StoreError,
    db::{Connection, query, query_as, query_scalar},
};
use sqlx::AssertSqlSafe;

/// The table with the state of a copy.
pub(super) const TABLE: &str = "database_copy";

/// A copy that nobody has opened.
pub(super) struct Copy {
    /// The database that it is a copy of.
    pub(super) source: String,
    pub(super) is_complete: bool,
    /// The statements that restore what a copy does without.
    pub(super) restore: Vec<String>,
}

/// The state of the copy in a database, if it holds one.
pub(super) async fn read(connection: &mut Connection) -> Result<Option<Copy>> {
    let exists = if connection.is_postgres() {
        "SELECT CAST(count(*) AS BIGINT) FROM pg_class WHERE relnamespace = to_regnamespace('belfry') AND relname = ?1"
    } else {
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1"
    };
    let tables: i64 = query_scalar(exists).bind(TABLE).fetch_one(connection).await?;
    if tables == 0 {
        return Ok(None);
    }
    let row: Option<(String, i64, String)> =
        query_as("SELECT source, is_complete, restore FROM database_copy")
            .fetch_optional(connection)
            .await?;
    row.map(|(source, is_complete, restore)| {
        let restore = serde_json::from_str(&restore)
            .map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        Ok(Copy { source, is_complete: is_complete != 0, restore })
    })
    .transpose()
}

/// Stores the state. Part of a transaction.
pub(super) async fn write(connection: &mut Connection, copy: &Copy) -> Result<()> {
    let restore = serde_json::to_string(&copy.restore)
        .map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    query("CREATE TABLE IF NOT EXISTS database_copy (source TEXT NOT NULL, is_complete BIGINT NOT NULL, restore TEXT NOT NULL)")
        .execute(connection)
        .await?;
    query("DELETE FROM database_copy").execute(connection).await?;
    query("INSERT INTO database_copy (source, is_complete, restore) VALUES (?1, ?2, ?3)")
        .bind(copy.source.as_str())
        .bind(copy.is_complete)
        .bind(restore)
        .execute(connection)
        .await?;
    Ok(())
}

/// For a server that opens the database: a copy must be complete.
pub(crate) async fn check_use(connection: &mut Connection) -> Result<()> {
    match read(connection).await? {
        Some(copy) if !copy.is_complete => Err(StoreError::UnfinishedCopy(copy.source)),
        _ => Ok(()),
    }
}

/// For a server that has opened the database: a copy takes no more changes of its source.
pub(crate) async fn take_into_use(connection: &mut Connection) -> Result<()> {
    query("DROP TABLE IF EXISTS database_copy").execute(connection).await.map(drop)
}

/// Refuses a target with anything but a copy of `source` that nobody has opened.
pub(super) async fn check_target(
    connection: &mut Connection,
    place: &str,
    source: &str,
) -> CopyResult<()> {
    let copy = read(connection).await.context("reading", place)?;
    if let Some(copy) = copy {
        if copy.source == source {
            return Ok(());
        }
        return Err(CopyError::refused(format!(
            "{place} holds a copy of {}; give another target, or delete that copy first",
            copy.source
        )));
    }
    let schema = Schema::read(connection).await.context("reading the schema of", place)?;
    for table in schema.tables.keys() {
        let any = format!("SELECT 1 FROM {} LIMIT 1", quoted(table));
        let row: Option<i64> = query_scalar(AssertSqlSafe(any))
            .fetch_optional(connection)
            .await
            .context("reading", place)?;
        if row.is_some() {
            return Err(CopyError::refused(format!(
                "{place} is in use: its table {table} has rows, and a copy never overwrites anything; give a new database as the target"
            )));
        }
    }
    Ok(())
}
