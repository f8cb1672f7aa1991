//! Prints the bytes of a row of each kind, with its index entries, for the arithmetic of
//! `docs/operating.md`, "How it grows". Run it alone, with `--ignored --nocapture`. With a million rows
//! of most kinds it takes some minutes, and four gigabytes on the server; `BELFRY_TEST_ROWS` names
//! another number.

use crate::{db::query_as, postgres::testing::TestDatabase};
use sqlx::AssertSqlSafe;
use std::env;

const ROWS: u64 = 1_000_000;

/// Rows, and bytes of the table and of its indexes, of each table with enough rows to tell.
const SIZES: &str = "SELECT relname::text, reltuples::bigint, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class
     WHERE relnamespace = 'belfry'::regnamespace AND relkind = 'r' AND reltuples >= 1000 ORDER BY relname";

#[tokio::test]
#[ignore = "prints figures"]
async fn sizes_of_rows() {
    let Some(database) = TestDatabase::new().await else { return };
    let rows: u64 = env::var("BELFRY_TEST_ROWS").map_or(ROWS, |rows| rows.parse().unwrap());
    let mut connection = database.connect().await;
    let setting = AssertSqlSafe(format!("SET belfry.rows = '{rows}'"));
    connection.run_script(setting).await.unwrap();
    connection.run_script(include_str!("row_sizes.sql")).await.unwrap();
    connection.run_script("ANALYZE").await.unwrap();
    let sizes: Vec<(String, i64, i64, i64)> =
        query_as(SIZES).fetch_all(&mut connection).await.unwrap();
    println!("{:<24} {:>9}  bytes of a row  in indexes  together", "table", "rows");
    for (table, rows, own, indexes) in sizes {
        let (own, indexes) = (own / rows, indexes / rows);
        println!("{table:<24} {rows:>9} {own:>15} {indexes:>11} {:>9}", own + indexes);
    }
}
