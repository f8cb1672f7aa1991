//! `PostgreSQL` accepts the statements that the contract suite runs on `SQLite`.

use crate::{
    db::{COLLECT_VARIABLE, Collected, Connection, Kind, read_collected},
    postgres::{
        PostgresConnection,
        testing::TestDatabase,
        translate::{Parameter, translated},
    },
};
use sqlx::{Executor as _, SqlSafeStr as _, postgres::PgTypeInfo};
use std::{collections::BTreeSet, process::Command};
use tokio::sync::OnceCell;

/// Statements that only `SQLite` gets.
const ONLY_SQLITE: &[&str] =
    &["PRAGMA", "pragma_", "sqlite_schema", "BEGIN IMMEDIATE", "total_changes()", "page_count"];

/// The statements that are not accepted yet: their first characters, without line breaks.
const NOT_ACCEPTED: &str = include_str!("not_accepted.txt");
const LISTED_CHARS: usize = 100;

/// The statements of the contract suite, and of tests of what it does not reach.
const CONTRACT: &[&str] = &["contract::sqlite"];
const BEYOND_THE_CONTRACT: &[&str] = &["sql::idempotency", "sql::encryption", "sql::watermark"];

/// Runs tests in another process, and returns their statements.
fn statements_of(tests: &[&str]) -> Vec<Collected> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("statements");
    let output = Command::new(std::env::current_exe().unwrap())
        .args(tests)
        .arg("--test-threads=2")
        .env(COLLECT_VARIABLE, &file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let mut statements = read_collected(&file);
    statements.retain(|statement| !ONLY_SQLITE.iter().any(|word| statement.text.contains(word)));
    statements.sort();
    statements
}

/// The statements of the contract suite, which runs once for all tests of this process.
pub(super) async fn of_the_contract() -> &'static [Collected] {
    static STATEMENTS: OnceCell<Vec<Collected>> = OnceCell::const_new();
    let run = || async { tokio::task::spawn_blocking(|| statements_of(CONTRACT)).await.unwrap() };
    STATEMENTS.get_or_init(run).await
}

/// The type of a parameter.
pub(super) fn type_name(parameter: &Parameter, statement: &Collected) -> &'static str {
    match *parameter {
        Parameter::Changes => "INT8",
        Parameter::Value(index) => match statement.kinds[index] {
            Kind::Int => "INT8",
            Kind::Real => "FLOAT8",
            Kind::Text => "TEXT",
            Kind::Bytes => "BYTEA",
        },
    }
}

/// What `PostgreSQL` says to a statement, if it does not accept it.
async fn rejection(connection: &mut PostgresConnection, statement: &Collected) -> Option<String> {
    for part in translated(&statement.text) {
        let types: Vec<_> = part
            .parameters
            .iter()
            .map(|parameter| PgTypeInfo::with_name(type_name(parameter, statement)))
            .collect();
        let prepared =
            connection.driver().unwrap().prepare_with(part.text.into_sql_str(), &types).await;
        if let Err(error) = prepared {
            return Some(error.to_string());
        }
    }
    None
}

#[tokio::test]
async fn statements_are_accepted() {
    let Some(database) = TestDatabase::new().await else { return };
    let mut connection = database.connect().await;
    let beyond = statements_of(BEYOND_THE_CONTRACT);
    let statements: BTreeSet<_> = of_the_contract().await.iter().chain(&beyond).collect();
    assert!(statements.len() > 500, "{} statements", statements.len());
    let Connection::Postgres(connection) = &mut connection else { unreachable!() };
    let listed: BTreeSet<&str> = NOT_ACCEPTED.lines().collect();
    let (mut rejected, mut report) = (BTreeSet::new(), String::new());
    for statement in statements {
        if let Some(reason) = rejection(connection, statement).await {
            let words: Vec<_> = statement.text.split_whitespace().collect();
            let start: String = words.join(" ").chars().take(LISTED_CHARS).collect();
            let start = start.trim_end().to_owned();
            if !listed.contains(start.as_str()) {
                report.extend([start.as_str(), "\n    ", &reason, "\n"]);
            }
            rejected.insert(start);
        }
    }
    let accepted: Vec<_> = listed.iter().filter(|start| !rejected.contains(**start)).collect();
    assert!(report.is_empty(), "PostgreSQL does not accept:\n{report}");
    assert!(accepted.is_empty(), "accepted, so remove them from the list:\n{accepted:#?}");
}
