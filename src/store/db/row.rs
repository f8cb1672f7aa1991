//! A row of a result, and the types that its columns are read as. Must not depend on what they mean.

use crate::Result;
use sqlx::{Row as _, sqlite::SqliteRow};

/// A row of any database.
pub(crate) enum Row {
    Sqlite(SqliteRow),
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
        let missing = || sqlx::Error::ColumnNotFound(name.to_owned());
        match self {
            Self::Sqlite(row) => Ok(row
                .columns()
                .iter()
                .position(|column| sqlx::Column::name(column) == name)
                .ok_or_else(missing)?),
        }
    }
}

/// A type that a column can be read as.
pub(crate) trait Column<'r>: Sized + Send {
    fn get(row: &'r Row, index: usize) -> Result<Self>;
}

/// Types that the drivers read alike.
macro_rules! column {
    ($($type:ty),+ $(,)?) => {
        $(impl<'r> Column<'r> for $type {
            #[inline]
            fn get(row: &'r Row, index: usize) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => Ok(row.try_get(index)?),
                }
            }
        }

        impl<'r> Column<'r> for Option<$type> {
            #[inline]
            fn get(row: &'r Row, index: usize) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => Ok(row.try_get(index)?),
                }
            }
        })+
    };
}

column!(bool, i64, u8, u16, u32, f64, String, &'r str, Vec<u8>, &'r [u8]);

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
