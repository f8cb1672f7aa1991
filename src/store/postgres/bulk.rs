//! Many rows in one statement, for a copy of a database: an array for each column, which the server
//! takes apart. Must not depend on what the rows are.

use super::PostgresConnection;
use crate::{
    Result,
    db::{Kind, Value},
};
use sqlx::{Arguments as _, AssertSqlSafe, postgres::PgArguments};

/// Runs a statement whose parameters are arrays: each has the values of one of `columns`, which are
/// indexes into the rows, with their types. Returns the number of rows that it wrote.
pub(crate) async fn insert_rows(
    connection: &mut PostgresConnection,
    text: String,
    columns: &[(usize, Kind)],
    rows: &[&Vec<Value>],
) -> Result<u64> {
    let mut arguments = PgArguments::default();
    for &(index, kind) in columns {
        let values = rows.iter().map(|row| row.get(index));
        match kind {
            Kind::Int => arguments.add(array(values, |value| match value {
                Value::Int(number) => Some(*number),
                _ => None,
            })),
            Kind::Real => arguments.add(array(values, |value| match value {
                Value::Real(number) => Some(*number),
                _ => None,
            })),
            Kind::Text => arguments.add(array(values, |value| match value {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            })),
            Kind::Bytes => arguments.add(array(values, |value| match value {
                Value::Bytes(bytes) => Some(bytes.as_slice()),
                _ => None,
            })),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    let query = sqlx::query_with(AssertSqlSafe(text), arguments);
    Ok(query.execute(connection.driver()?).await?.rows_affected())
}

/// The values of a column; `None` is NULL.
fn array<'v, T>(
    values: impl Iterator<Item = Option<&'v Value>>,
    as_type: impl Fn(&'v Value) -> Option<T>,
) -> Vec<Option<T>> {
    values.map(|value| value.and_then(&as_type)).collect()
}
