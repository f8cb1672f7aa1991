//! No statement of the contract suite has a plan that grows with what is stored, on a database with
//! the statistics of a large site among small ones. See `checker` for what is looked for.

mod checker;
mod exceptions;

use super::statements::{of_the_contract, type_name};
use crate::{
    db::{Collected, Connection, Kind},
    postgres::{
        PostgresConnection, session,
        testing::TestDatabase,
        translate::{Statement, translated},
    },
};
use checker::{Indexes, findings};
use exceptions::{EXCEPTIONS, REPORTS};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use std::fmt::Write as _;

/// Statements without a plan.
const NO_PLAN: &[&str] = &["BEGIN", "COMMIT", "DROP TABLE", "RELEASE", "ROLLBACK", "SAVEPOINT"];

const INDEXES: &str = "SELECT i.indexrelid::regclass::text, array_agg(pg_get_indexdef(i.indexrelid, k, false) ORDER BY k)
     FROM pg_index AS i CROSS JOIN generate_series(1, i.indnkeyatts) AS k
     WHERE i.indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'belfry'::regnamespace) GROUP BY 1";

async fn indexes(connection: &mut PostgresConnection) -> Indexes {
    let rows = connection.driver().unwrap().fetch_all(INDEXES).await.unwrap();
    let index = |row: &sqlx::postgres::PgRow| {
        let columns: Vec<String> = row.get(1);
        let plain = columns.iter().map(|column| column.trim_matches('"').to_owned());
        (row.get(0), plain.collect())
    };
    rows.iter().map(index).collect()
}

/// The plan of one of the statements of a text, for whatever values.
async fn plan(
    connection: &mut PostgresConnection,
    statement: &Statement,
    collected: &Collected,
) -> Value {
    let types: Vec<_> =
        statement.parameters.iter().map(|parameter| type_name(parameter, collected)).collect();
    let (types, values) = match types.as_slice() {
        [] => (String::new(), String::new()),
        types => {
            let values = vec!["NULL"; types.len()].join(", ");
            (format!("({})", types.join(", ")), format!("({values})"))
        }
    };
    let prepare = format!("PREPARE planned {types} AS {}", statement.text);
    connection.run_script(AssertSqlSafe(prepare)).await.unwrap();
    let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE planned {values}");
    let explain = sqlx::raw_sql(AssertSqlSafe(explain));
    let row = connection.driver().unwrap().fetch_one(explain).await.unwrap();
    connection.run_script("DEALLOCATE planned").await.unwrap();
    let text: &str = row.try_get_unchecked(0).unwrap();
    serde_json::from_str::<Value>(text).unwrap()[0]["Plan"].take()
}

async fn findings_of(
    connection: &mut PostgresConnection,
    indexes: &Indexes,
    collected: &Collected,
) -> Vec<String> {
    let mut all = Vec::new();
    for statement in translated(&collected.text) {
        if !NO_PLAN.iter().any(|word| statement.text.starts_with(word)) {
            all.extend(findings(&plan(connection, statement, collected).await, indexes));
        }
    }
    all
}

fn postgres(connection: &mut Connection) -> &mut PostgresConnection {
    match connection {
        Connection::Postgres(connection) => connection,
        Connection::Sqlite(_) => unreachable!(),
    }
}

#[tokio::test]
async fn plans_do_not_grow_with_what_is_stored() {
    let Some(database) = TestDatabase::new().await else { return };
    let mut verbs = database.connect().await;
    let verbs = postgres(&mut verbs);
    verbs.run_script(include_str!("plans.sql")).await.unwrap();
    verbs.run_script("VACUUM ANALYZE").await.unwrap();
    let mut reports = session::report(&database.options()).connect().await.unwrap();
    let reports = postgres(&mut reports);
    reports.run_script("SET plan_cache_mode = force_generic_plan").await.unwrap();
    let indexes = indexes(verbs).await;

    let planted = "SELECT id FROM contact WHERE site_id = ?1 AND language || '' = ?2";
    let planted = Collected { text: planted.to_owned(), kinds: vec![Kind::Bytes, Kind::Text] };
    assert!(!findings_of(verbs, &indexes, &planted).await.is_empty());

    let (mut report, mut texts) = (String::new(), Vec::new());
    for collected in of_the_contract().await {
        let text = collected.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_report = REPORTS.iter().any(|part| text.contains(part));
        let connection = if is_report { &mut *reports } else { &mut *verbs };
        for finding in findings_of(connection, &indexes, collected).await {
            let is_excepted = EXCEPTIONS
                .iter()
                .any(|(part, start, _)| text.contains(part) && finding.starts_with(start));
            if !is_excepted && (!is_report || finding.starts_with("all sites")) {
                writeln!(report, "{finding}\n    {text:.300}").unwrap();
            }
        }
        texts.push(text);
    }
    assert!(report.is_empty(), "plans that grow:\n{report}");
    for part in EXCEPTIONS.iter().map(|(part, ..)| part).chain(REPORTS) {
        assert!(texts.iter().any(|text| text.contains(part)), "no statement has {part}");
    }
}
