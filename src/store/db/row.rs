//! A row of a result, and the types that its columns are read as. Must not depend on what they mean.

use crate::{Result, StoreError, postgres};
use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};

/// A row of any database.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// The column at this index, from 0.
    pub(crate) fn try_get<'r, T: Column<'r>>(&'r self, index: usize) -> Result<T> {
        T::get(self, index)
    }

    /// The column of this name.
    pub(crate) fn try_get_named<'r, T: Column<'r>>(&'r self, name: &str) -> Result<T> {
        T::get(self, self.index_of(name)?)
    }

    fn index_of(&self, name: &str) -> Result<usize> {
        fn position<C: sqlx::Column>(columns: &[C], name: &str) -> Option<usize> {
            columns.iter().position(|column| column.name() == name)
        }
        let position = match self {
            Self::Sqlite(row) => position(row.columns(), name),
            Self::Postgres(row) => position(row.columns(), name),
        };
        Ok(position.ok_or_else(|| sqlx::Error::ColumnNotFound(name.to_owned()))?)
    }
}

/// A type that a column can be read as.
pub(crate) trait Column<'r>: Sized + Send {
    fn get(row: &'r Row, index: usize) -> Result<Self>;
}

/// The types of columns, and how each is read from a row of `PostgreSQL`, where it may be NULL.
macro_rules! column {
    ($($type:ty = |$row:ident, $index:ident| $postgres:expr),+ $(,)?) => {
        $(impl<'r> Column<'r> for Option<$type> {
            #[inline]
            fn get(row: &'r Row, index: usize) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => Ok(row.try_get(index)?),
                    Row::Postgres($row) => {
                        let $index = index;
                        $postgres
                    }
                }
            }
        }

        impl<'r> Column<'r> for $type {
            #[inline]
            fn get(row: &'r Row, index: usize) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => Ok(row.try_get(index)?),
                    Row::Postgres(_) => {
                        Option::<$type>::get(row, index)?.ok_or_else(|| null_error(index))
                    }
                }
            }
        })+
    };
}

fn null_error(index: usize) -> StoreError {
    StoreError::Inconsistent(format!("column {index} is NULL"))
}

/// A number of a narrower type.
fn narrow<T: TryFrom<i64>>(row: &PgRow, index: usize) -> Result<Option<T>> {
    let narrowed = |number: i64| {
        let error = |_| StoreError::Inconsistent(format!("column {index} is {number}"));
        T::try_from(number).map_err(error)
    };
    postgres::number(row, index)?.map(narrowed).transpose()
}

column! {
    bool = |row, index| Ok(postgres::number(row, index)?.map(|number| number != 0)),
    i64 = |row, index| postgres::number(row, index),
    u8 = |row, index| narrow(row, index),
    u16 = |row, index| narrow(row, index),
    u32 = |row, index| narrow(row, index),
    f64 = |row, index| Ok(row.try_get(index)?),
    String = |row, index| Ok(postgres::text(row, index)?.map(str::to_owned)),
    &'r str = |row, index| postgres::text(row, index),
    Vec<u8> = |row, index| Ok(row.try_get(index)?),
    &'r [u8] = |row, index| Ok(row.try_get(index)?),
}

/// A type that a whole row can be read as.
pub(crate) trait FromRow: Sized + Send {
    fn from_row(row: Row) -> Result<Self>;
}

impl FromRow for Row {
    #[inline]
    fn from_row(row: Row) -> Result<Self> {
        Ok(row)
    }
}

/// A row of which only the first column is read.
pub(crate) struct First<T>(pub(super) T);

impl<T: for<'r> Column<'r>> FromRow for First<T> {
    #[inline]
    fn from_row(row: Row) -> Result<Self> {
        Ok(Self(row.try_get(0)?))
    }
}

macro_rules! tuple {
    ($($type:ident $index:literal),+) => {
        impl<$($type: for<'r> Column<'r>),+> FromRow for ($($type,)+) {
            #[inline]
            fn from_row(row: Row) -> Result<Self> {
                Ok(($(row.try_get::<$type>($index)?,)+))
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
