//! Maps errors of `SQLite` to [`StoreError`].

use crate::{Conflict, StoreError};
use sqlx::error::DatabaseError;

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

pub(crate) fn store_error(database: &dyn DatabaseError) -> StoreError {
    let text = database.message().to_owned();
    let extended = database.code().and_then(|extended| extended.parse::<u32>().ok());
    if let Some(code::CONSTRAINT_PRIMARYKEY | code::CONSTRAINT_UNIQUE | code::CONSTRAINT_ROWID) =
        extended
    {
        return Conflict::AlreadyExists(text).into();
    }
    match extended.map(|extended| extended & 0xff) {
        Some(code::BUSY | code::LOCKED) => {
            StoreError::Unavailable(format!("another program holds its lock ({text})"))
        }
        Some(code::INTERRUPT) => StoreError::TooLong("it was ended before it was answered"),
        Some(code::READONLY) => StoreError::NotWritable(format!(
            "the file or its folder is read-only for this user ({text})"
        )),
        Some(code::FULL) => StoreError::NotWritable(format!("no space is left ({text})")),
        Some(code::IOERR) => StoreError::NotWritable(text),
        Some(code::CONSTRAINT) => Conflict::Constraint(text).into(),
        Some(code::CORRUPT) => StoreError::Inconsistent(text),
        Some(code::NOTADB) => {
            StoreError::Inconsistent(format!("the file is not a SQLite database ({text})"))
        }
        Some(code::CANTOPEN) => {
            StoreError::Unavailable(format!("the file can't be opened ({text})"))
        }
        _ => StoreError::Unavailable(text),
    }
}
