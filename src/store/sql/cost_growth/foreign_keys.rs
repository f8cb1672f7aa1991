//! Proves that the cost of a foreign key or trigger is counted with the statement that caused it.

use super::counter::Counters;
use crate::{
    db::{query, query_scalar},
    sqlite::open,
};
use std::sync::Arc;

/// Two tables with a fault that the schema once had: without statistics, `SQLite` 3.51 finds the
/// rows of a foreign key by the first column of the primary key, which all rows of a site share,
/// instead of the index with both columns.
const FAULTY: &str = "
    PRAGMA foreign_keys = ON;
    CREATE TABLE parent (site_id BLOB NOT NULL, id BLOB NOT NULL) STRICT;
    CREATE UNIQUE INDEX parent_id ON parent (site_id, id);
    CREATE TABLE child (
        site_id BLOB NOT NULL, contact_id INTEGER NOT NULL, position INTEGER NOT NULL, parent_id BLOB NOT NULL, pinned INTEGER,
        PRIMARY KEY (site_id, contact_id, position, parent_id),
        FOREIGN KEY (site_id, parent_id) REFERENCES parent (site_id, id) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX child_parent ON child (site_id, parent_id, contact_id);
    CREATE TABLE log (id BLOB NOT NULL) STRICT;
    CREATE TRIGGER parent_deleted AFTER DELETE ON parent BEGIN INSERT INTO log SELECT parent_id FROM child NOT INDEXED LIMIT 500; END;";

async fn steps_of_a_delete(rows: i64, schema: &str) -> u64 {
    let counters = Arc::<Counters>::default();
    let mut connection = open::foreign(":memory:").await.unwrap();
    connection.run_script(sqlx::AssertSqlSafe(schema)).await.unwrap();
    for statement in [
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) INSERT INTO parent SELECT x'00', CAST(i AS BLOB) FROM n",
        "INSERT INTO child SELECT site_id, rowid, rowid, id, 0 FROM parent WHERE ?1 > 0",
    ] {
        query(statement).bind(rows).execute(&mut connection).await.unwrap();
    }
    counters.count(&mut connection, true).await.unwrap();
    let deleted = query("DELETE FROM parent WHERE site_id = x'00' AND id = CAST(7 AS BLOB)")
        .execute(&mut connection)
        .await
        .unwrap();
    assert_eq!(deleted, 1);
    let left: i64 =
        query_scalar("SELECT count(*) FROM child").fetch_one(&mut connection).await.unwrap();
    assert_eq!(left, rows - 1);
    connection.close().await.unwrap();
    counters.steps()
}

#[tokio::test]
async fn steps_of_a_foreign_key_are_counted() {
    let schema = FAULTY.split("CREATE TABLE log").next().unwrap();
    let (small, large) =
        (steps_of_a_delete(100, schema).await, steps_of_a_delete(10_000, schema).await);
    assert!(large > small * 50, "the fault is not detected: {small} and {large} steps");
}

#[tokio::test]
async fn steps_of_a_trigger_are_counted() {
    let schema = FAULTY.split("CREATE TABLE log").next().unwrap();
    let (without, with) =
        (steps_of_a_delete(600, schema).await, steps_of_a_delete(600, FAULTY).await);
    assert!(with > without + 500, "{without} and {with} steps");
}
