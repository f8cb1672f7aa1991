//! A statement as the driver of `SQLite` runs it. Must not depend on what it does.

use crate::{
    Result,
    db::{Value, Values},
};
use sqlx::{Arguments as _, SqlStr, Sqlite, query::Query, sqlite::SqliteArguments};

/// The statement with its parameters. The text is run as it is.
pub(crate) fn statement<'q>(
    text: SqlStr,
    values: Values,
) -> Result<Query<'q, Sqlite, SqliteArguments>> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        match value {
            Value::Null(_) => arguments.add(None::<i64>),
            Value::Int(number) => arguments.add(number),
            Value::Real(number) => arguments.add(number),
            Value::Text(text) => arguments.add(text),
            Value::Bytes(bytes) => arguments.add(bytes),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(sqlx::query_with(text, arguments))
}
