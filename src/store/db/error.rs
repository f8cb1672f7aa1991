//! Maps errors of sqlx to [`StoreError`]. Those of a database are mapped in its folder.

use crate::{StoreError, postgres, sqlite};
use sqlx::{migrate::MigrateError, postgres::PgDatabaseError};

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => {
                match database.try_downcast_ref::<PgDatabaseError>() {
                    Some(error) => postgres::store_error(error),
                    None => sqlite::store_error(database.as_ref()),
                }
            }
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::RowNotFound => Self::Inconsistent(error.to_string()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => Self::Inconsistent(other.to_string()),
        }
    }
}
