//! The last number that a database has given to a row of each table that it numbers. It is copied, so
//! that the number of a deleted row is not given again.

use super::schema::{Schema, quoted};
use crate::{
    Result,
    db::{Connection, query, query_scalar},
};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;

/// The last number of each table that has one.
pub(super) type Numbers = BTreeMap<String, i64>;

pub(super) async fn read(connection: &mut Connection, schema: &Schema) -> Result<Numbers> {
    let mut numbers = Numbers::new();
    for (table, column) in schema.numbered() {
        let number: Option<i64> = if connection.is_postgres() {
            query_scalar(
                "SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(?1, ?2) AS regclass))",
            )
            .bind(table)
            .bind(column)
            .fetch_one(connection)
            .await?
        } else {
            let seq = query_scalar("SELECT seq FROM sqlite_sequence WHERE name = ?1").bind(table);
            seq.fetch_optional(connection).await?
        };
        numbers.extend(number.map(|number| (table.to_owned(), number)));
    }
    Ok(numbers)
}

/// Sets the numbers of a target. A table without one goes on after its highest row.
pub(super) async fn write(
    connection: &mut Connection,
    schema: &Schema,
    numbers: &Numbers,
) -> Result<()> {
    for (table, column) in schema.numbered() {
        let text = format!("SELECT max({}) FROM {}", quoted(column), quoted(table));
        let highest: Option<i64> = query_scalar(AssertSqlSafe(text)).fetch_one(connection).await?;
        let number = highest.max(numbers.get(table).copied());
        if connection.is_postgres() {
            query("SELECT setval(CAST(pg_get_serial_sequence(?1, ?2) AS regclass), ?3, ?4 <> 0)")
                .bind(table)
                .bind(column)
                .bind(number.unwrap_or(1))
                .bind(number.is_some())
                .fetch_optional(connection)
                .await?;
            continue;
        }
        query("DELETE FROM sqlite_sequence WHERE name = ?1")
            .bind(table)
            .execute(connection)
            .await?;
        if let Some(number) = number {
            query("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)")
                .bind(table)
                .bind(number)
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}
