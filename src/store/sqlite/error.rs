//! Maps sqlx and `SQLite` errors to [`StoreError`].

use crate::store::StoreError;
use sqlx::migrate::MigrateError;

/// Primary result codes (sqlite.org/rescode.html). Extended codes contain them in their low byte.
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
        match database
            .code()
            .and_then(|extended| extended.parse::<u32>().ok())
            .map(|extended| extended & 0xff)
        {
            Some(code::BUSY | code::LOCKED) => {
                Self::Unavailable(format!("another program holds its lock ({text})"))
            }
            Some(code::INTERRUPT) => Self::TooLong("it was ended before it was answered"),
            Some(code::READONLY) => Self::NotWritable(format!(
                "the file or its folder is read-only for this user ({text})"
            )),
            Some(code::FULL) => Self::NotWritable(format!("no space is left ({text})")),
            Some(code::IOERR) => Self::NotWritable(text),
            Some(code::CONSTRAINT) => Self::Conflict(text),
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

/// A copy of the error, for each of the callers that waited for one commit.
pub(super) fn duplicate(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(text) => StoreError::Unavailable(text.clone()),
        StoreError::NotWritable(text) => StoreError::NotWritable(text.clone()),
        StoreError::Conflict(text) => StoreError::Conflict(text.clone()),
        StoreError::Changed => StoreError::Changed,
        StoreError::Limit(invalid) => StoreError::Limit(invalid.clone()),
        StoreError::TooLong(what) => StoreError::TooLong(what),
        StoreError::Newer { found, known } => StoreError::Newer { found: *found, known: *known },
        StoreError::SecretKey { file, reason } => {
            StoreError::SecretKey { file: file.clone(), reason: reason.clone() }
        }
        StoreError::Inconsistent(text) => StoreError::Inconsistent(text.clone()),
    }
}
