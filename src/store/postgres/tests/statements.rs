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
use std::{collections::BTreeSet, path::Path, process::Command};

/// Statements that only `SQLite` gets.
const ONLY_SQLITE: &[&str] =
    &["PRAGMA", "pragma_", "sqlite_schema", "BEGIN IMMEDIATE", "total_changes()", "page_count"];

/// The statements that are not accepted yet: their first characters, without line breaks.
const NOT_ACCEPTED: &str = include_str!("not_accepted.txt");
const LISTED_CHARS: usize = 100;

/// Runs the contract suite in another process, and returns its statements.
fn statements_of_the_contract(file: &Path) -> Vec<Collected> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["contract::sqlite", "sql::idempotency", "sql::encryption", "sql::watermark"])
        .arg("--test-threads=2")
        .env(COLLECT_VARIABLE, file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let mut statements = read_collected(file);
    statements.retain(|statement| !ONLY_SQLITE.iter().any(|word| statement.text.contains(word)));
    statements.sort();
    statements
}

/// What `PostgreSQL` says to a statement, if it does not accept it.
async fn rejection(connection: &mut PostgresConnection, statement: &Collected) -> Option<String> {
    let type_of = |parameter: &Parameter| match *parameter {
        Parameter::Changes => PgTypeInfo::with_name("INT8"),
        Parameter::Value(index) => match statement.kinds[index] {
            Kind::Int => PgTypeInfo::with_name("INT8"),
            Kind::Real => PgTypeInfo::with_name("FLOAT8"),
            Kind::Text => PgTypeInfo::with_name("TEXT"),
            Kind::Bytes => PgTypeInfo::with_name("BYTEA"),
        },
    };
    for part in translated(&statement.text) {
        let types: Vec<_> = part.parameters.iter().map(type_of).collect();
        let prepared = connection.driver().prepare_with(part.text.into_sql_str(), &types).await;
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
    let folder = tempfile::tempdir().unwrap();
    let statements = statements_of_the_contract(&folder.path().join("statements"));
    assert!(statements.len() > 500, "{} statements", statements.len());
    let Connection::Postgres(connection) = &mut connection else { unreachable!() };
    let listed: BTreeSet<&str> = NOT_ACCEPTED.lines().collect();
    let (mut rejected, mut report) = (BTreeSet::new(), String::new());
    for statement in &statements {
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
