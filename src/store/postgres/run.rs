//! Runs translated statements on a connection to `PostgreSQL`. Must not depend on what they do.

use super::translate::{Parameter, Statement, translated};
use crate::{
    Result, StoreError,
    db::{Kind, Value},
};
use futures_util::TryStreamExt as _;
use sqlx::{
    Arguments as _, Either, Executor as _, PgConnection, Postgres, Row as _, TypeInfo as _,
    ValueRef as _,
    postgres::{PgArguments, PgRow},
    query::Query,
};

/// Runs the statements of a text, which the server keeps prepared if they are `persistent`. Returns
/// the number of rows that they wrote together, and adds it to `written`.
pub(crate) async fn execute(
    connection: &mut PgConnection,
    text: &str,
    values: &[Value],
    persistent: bool,
    written: &mut u64,
) -> Result<u64> {
    let (mut total, mut last) = (0, 0);
    for statement in translated(text) {
        let query = bound(statement, values, last)?.persistent(persistent);
        last = query.execute(&mut *connection).await?.rows_affected();
        total += last;
        *written += if statement.writes { last } else { 0 };
    }
    Ok(total)
}

/// The same. Returns the rows of all of them, in order.
pub(crate) async fn fetch_all(
    connection: &mut PgConnection,
    text: &str,
    values: &[Value],
    persistent: bool,
    written: &mut u64,
) -> Result<Vec<PgRow>> {
    let (mut rows, mut last) = (Vec::new(), 0);
    for statement in translated(text) {
        let query = bound(statement, values, last)?.persistent(persistent);
        let mut results = (&mut *connection).fetch_many(query);
        while let Some(result) = results.try_next().await? {
            match result {
                Either::Left(done) => last = done.rows_affected(),
                Either::Right(row) => rows.push(row),
            }
        }
        *written += if statement.writes { last } else { 0 };
    }
    Ok(rows)
}

/// A statement with its parameters. Each is sent with a type, so the server never has to guess it.
fn bound<'q>(
    statement: &Statement,
    values: &[Value],
    changes: u64,
) -> Result<Query<'q, Postgres, PgArguments>> {
    let mut arguments = PgArguments::default();
    arguments.reserve(statement.parameters.len(), 16 * statement.parameters.len());
    for parameter in &statement.parameters {
        let value = match *parameter {
            Parameter::Value(index) => values.get(index),
            Parameter::Changes => None,
        };
        match value {
            Some(Value::Null(Kind::Int)) => arguments.add(None::<i64>),
            Some(Value::Null(Kind::Real)) => arguments.add(None::<f64>),
            Some(Value::Null(Kind::Text)) => arguments.add(None::<&str>),
            Some(Value::Null(Kind::Bytes)) => arguments.add(None::<&[u8]>),
            Some(Value::Int(number)) => arguments.add(*number),
            Some(Value::Real(number)) => arguments.add(*number),
            // It stores no NUL.
            Some(Value::Text(text)) if text.contains('\0') => {
                arguments.add(text.replace('\0', "\u{fffd}"))
            }
            Some(Value::Text(text)) => arguments.add(text.as_str()),
            Some(Value::Bytes(bytes)) => arguments.add(bytes.as_slice()),
            None => arguments.add(i64::try_from(changes).unwrap_or(i64::MAX)),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(sqlx::query_with(statement.text, arguments))
}

/// A whole number or a condition.
pub(crate) fn number(row: &PgRow, index: usize) -> Result<Option<i64>> {
    let value = row.try_get_raw(index)?;
    if value.is_null() {
        return Ok(None);
    }
    Ok(Some(match value.type_info().name() {
        "INT8" => row.try_get(index)?,
        "INT4" => row.try_get::<i32, _>(index)?.into(),
        "BOOL" => row.try_get::<bool, _>(index)?.into(),
        other => {
            return Err(StoreError::Inconsistent(format!(
                "column {index} is {other} where a whole number belongs"
            )));
        }
    }))
}

/// A text, or JSON as text.
pub(crate) fn text(row: &PgRow, index: usize) -> Result<Option<&str>> {
    // JSON is not compatible with a text for sqlx, but is sent as one.
    Ok(row.try_get_unchecked(index)?)
}
