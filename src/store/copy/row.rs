//! The rows of any table, and their checksum. A value is the same on both databases: flags are numbers,
//! JSON is text. `SQLite` stores no negative zero, which is zero for both. `PostgreSQL` stores no NUL in a text; it gets U+FFFD, which is what is compared then.

use super::schema::Table;
use crate::{
    Result, StoreError,
    db::{Kind, Row, Value},
};
use sha2::{Digest as _, Sha256};
use std::cmp::Ordering;

/// The values of a row, in the order of the table's columns.
pub(super) type Values = Vec<Value>;

/// Reads all columns of a table.
pub(super) fn read(row: &Row, table: &Table) -> Result<Values> {
    let value = |(index, column): (usize, &super::schema::Column)| {
        Ok(match column.kind {
            Kind::Int => row.try_get::<Option<i64>>(index)?.map(Value::Int),
            Kind::Real => {
                row.try_get::<Option<f64>>(index)?.map(|number| Value::Real(number + 0.0))
            }
            Kind::Bytes => row.try_get::<Option<Vec<u8>>>(index)?.map(Value::Bytes),
            Kind::Text => match row.try_get::<Option<String>>(index)? {
                Some(text) if table.loses_nul && text.contains('\0') => {
                    if table.key.contains(&index) {
                        return Err(StoreError::Inconsistent(format!(
                            "the key {} of a row has a NUL, which PostgreSQL can't store",
                            column.name
                        )));
                    }
                    Some(Value::Text(text.replace('\0', "\u{fffd}")))
                }
                text => text.map(Value::Text),
            },
        }
        .unwrap_or(Value::Null(column.kind)))
    };
    table.columns.iter().enumerate().map(value).collect()
}

/// The values of a row by which a table is walked.
pub(super) fn key_of(row: &Values, table: &Table) -> Values {
    table.key.iter().filter_map(|index| row.get(*index).cloned()).collect()
}

/// The order of two keys, which is that of both databases.
pub(super) fn compare(left: &Values, right: &Values) -> Ordering {
    let mut pairs = left.iter().zip(right).map(|pair| match pair {
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Bytes(left), Value::Bytes(right)) => left.cmp(right),
        _ => Ordering::Equal,
    });
    pairs.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// About how much memory a row takes.
pub(super) fn size(row: &Values) -> usize {
    let sizes = row.iter().map(|value| match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    });
    sizes.sum::<usize>() + row.len() * size_of::<Value>()
}

/// The number of rows, and a checksum that does not depend on their order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) rows: u64,
    checksum: u128,
}

impl Totals {
    pub(super) fn of(rows: &[Values]) -> Self {
        let mut totals = Self { rows: rows.len() as u64, checksum: 0 };
        for row in rows {
            totals.checksum = totals.checksum.wrapping_add(digest(row));
        }
        totals
    }

    pub(super) fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.checksum = self.checksum.wrapping_add(other.checksum);
    }

    pub(super) fn checksum(&self) -> String {
        format!("{:032x}", self.checksum)
    }
}

/// Of each value its type, its length, and itself.
fn digest(row: &Values) -> u128 {
    let mut hash = Sha256::new();
    let mut add = |kind: u8, length: usize, bytes: &[u8]| {
        hash.update([kind]);
        hash.update((length as u64).to_le_bytes());
        hash.update(bytes);
    };
    for value in row {
        match value {
            Value::Null(_) => add(0, 0, &[]),
            Value::Int(number) => add(1, 8, &number.to_le_bytes()),
            Value::Real(number) => add(2, 8, &number.to_bits().to_le_bytes()),
            Value::Text(text) => add(3, text.len(), text.as_bytes()),
            Value::Bytes(bytes) => add(4, bytes.len(), bytes),
        }
    }
    let digest = hash.finalize();
    digest.iter().take(16).fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_depends_on_values_and_not_on_the_order_of_rows() {
        let one = vec![Value::Int(1), Value::Text("a".to_owned())];
        let two = vec![Value::Int(2), Value::Null(Kind::Text)];
        let sum = |rows: &[&Values]| Totals::of(&rows.iter().copied().cloned().collect::<Vec<_>>());
        assert_eq!(sum(&[&one, &two]), sum(&[&two, &one]));
        for other in [
            vec![Value::Int(2), Value::Text(String::new())],
            vec![Value::Null(Kind::Int), Value::Int(2)],
            vec![Value::Int(2), Value::Bytes(vec![])],
            vec![Value::Int(3), Value::Null(Kind::Text)],
        ] {
            assert_ne!(sum(&[&one, &two]), sum(&[&one, &other]), "{other:?}");
        }
        assert_ne!(sum(&[&one]), sum(&[&one, &one]));
    }
}
