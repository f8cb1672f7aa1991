//! Maps sqlx and `SQLite` errors to [`StoreError`].

use crate::{Conflict, StoreError};
use sqlx::migrate::MigrateError;

/// Result codes (sqlite.org/rescode.html). Extended codes contain the primary code in their low byte.
mod code {
    pub const BUSY: u32 = 5;
    pub const LOCKED: u32 = 6;
    pub const READONLY: u32 = 8;
    pub const INTERRUPT: u32 = 9;
    pub const IOERR: u32 = 10;
    pub const CORRUPT: u32 = 11;
    pub const FULL: u32 = 13;
    pub const CANTOPEN: u32 = 14;
    pub const CONSTRAINT: u32 = 19;
    pub const NOTADB: u32 = 26;
    pub const CONSTRAINT_PRIMARYKEY: u32 = 1_555;
    pub const CONSTRAINT_UNIQUE: u32 = 2_067;
    pub const CONSTRAINT_ROWID: u32 = 2_579;
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(database) = &error else {
            return match error {
                sqlx::Error::ColumnDecode { .. }
                | sqlx::Error::Decode(_)
                | sqlx::Error::ColumnNotFound(_)
                | sqlx::Error::ColumnIndexOutOfBounds { .. }
                | sqlx::Error::RowNotFound => Self::Inconsistent(error.to_string()),
                other => Self::Unavailable(other.to_string()),
            };
        };
        let text = database.message().to_owned();
        let extended = database.code().and_then(|extended| extended.parse::<u32>().ok());
        if let Some(
            code::CONSTRAINT_PRIMARYKEY | code::CONSTRAINT_UNIQUE | code::CONSTRAINT_ROWID,
        ) = extended
        {
            return Conflict::AlreadyExists(text).into();
        }
        match extended.map(|extended| extended & 0xff) {
            Some(code::BUSY | code::LOCKED) => {
                Self::Unavailable(format!("another program holds its lock ({text})"))
            }
            Some(code::INTERRUPT) => Self::TooLong("it was ended before it was answered"),
            Some(code::READONLY) => Self::NotWritable(format!(
                "the file or its folder is read-only for this user ({text})"
            )),
            Some(code::FULL) => Self::NotWritable(format!("no space is left ({text})")),
            Some(code::IOERR) => Self::NotWritable(text),
            Some(code::CONSTRAINT) => Conflict::Constraint(text).into(),
            Some(code::CORRUPT) => Self::Inconsistent(text),
            Some(code::NOTADB) => {
                Self::Inconsistent(format!("the file is not a SQLite database ({text})"))
            }
            Some(code::CANTOPEN) => Self::Unavailable(format!("the file can't be opened ({text})")),
            _ => Self::Unavailable(text),
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
