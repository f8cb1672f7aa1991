//! Runs recorded statements on another copy of their database, under `EXPLAIN (ANALYZE)`. Must not
//! depend on which statements they are.

use crate::{
    db::{Kind, Value},
    postgres::{
        PostgresConnection,
        testing::Recorded,
        translate::{Parameter, Statement, translated},
    },
};
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use std::{collections::HashMap, fmt::Write as _};

/// Statements without a plan.
const NO_PLAN: &[&str] = &["BEGIN", "COMMIT", "DROP TABLE", "RELEASE", "ROLLBACK", "SAVEPOINT"];

/// Whether it reads or writes rows.
fn has_plan(statement: &Statement) -> bool {
    !NO_PLAN.iter().any(|word| statement.text.starts_with(word))
}

/// A value as it is written in SQL.
fn literal(value: Option<&Value>) -> String {
    match value {
        // The number of rows that the statement before wrote.
        None => "1".to_owned(),
        Some(Value::Null(_)) => "NULL".to_owned(),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Real(number)) => number.to_string(),
        Some(Value::Text(text)) => format!("'{}'", text.replace('\'', "''")),
        Some(Value::Bytes(bytes)) => {
            let mut digits = String::new();
            for byte in bytes {
                write!(digits, "{byte:02x}").unwrap();
            }
            format!(r"'\x{digits}'")
        }
    }
}

fn type_name(value: Option<&Value>) -> &'static str {
    match value {
        None | Some(Value::Int(_) | Value::Null(Kind::Int)) => "INT8",
        Some(Value::Real(_) | Value::Null(Kind::Real)) => "FLOAT8",
        Some(Value::Text(_) | Value::Null(Kind::Text)) => "TEXT",
        Some(Value::Bytes(_) | Value::Null(Kind::Bytes)) => "BYTEA",
    }
}

/// Runs recorded statements on a copy of the database that they were recorded on.
pub(super) struct Replay<'c> {
    connection: &'c mut PostgresConnection,
    /// The names of prepared statements.
    prepared: HashMap<String, usize>,
}

impl<'c> Replay<'c> {
    pub(super) fn new(connection: &'c mut PostgresConnection) -> Self {
        Self { connection, prepared: HashMap::new() }
    }

    /// Runs the statements of a text. Returns what `EXPLAIN (ANALYZE, BUFFERS)` says of each.
    pub(super) async fn explain(&mut self, (text, values): &Recorded) -> Vec<serde_json::Value> {
        let mut all = Vec::new();
        for statement in translated(text).iter().filter(|one| has_plan(one)) {
            let value = |parameter: &Parameter| match *parameter {
                Parameter::Value(index) => values.get(index),
                Parameter::Changes => None,
            };
            let bound: Vec<_> = statement.parameters.iter().map(value).collect();
            all.push(self.explain_one(statement, &bound).await);
        }
        all
    }

    async fn explain_one(
        &mut self,
        statement: &Statement,
        bound: &[Option<&Value>],
    ) -> serde_json::Value {
        let in_brackets = |items: Vec<String>| match items.as_slice() {
            [] => String::new(),
            items => format!("({})", items.join(", ")),
        };
        let types = in_brackets(bound.iter().map(|value| type_name(*value).to_owned()).collect());
        let number = self.prepared.len();
        let known = format!("{types} {}", statement.text);
        let name = *self.prepared.entry(known).or_insert(number);
        if name == number {
            let prepare = format!("PREPARE recorded_{name} {types} AS {}", statement.text);
            self.connection.run_script(AssertSqlSafe(prepare)).await.unwrap();
        }
        let values = in_brackets(bound.iter().map(|value| literal(*value)).collect());
        let explain = format!(
            "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE recorded_{name} {values}"
        );
        let explain = sqlx::raw_sql(AssertSqlSafe(explain));
        let row = self.connection.driver().unwrap().fetch_one(explain).await;
        let row = row.unwrap_or_else(|error| panic!("{}: {error}", statement.text));
        let text: &str = row.try_get_unchecked(0).unwrap();
        serde_json::from_str::<serde_json::Value>(text).unwrap()[0].take()
    }
}
