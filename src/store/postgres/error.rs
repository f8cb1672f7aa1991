//! Maps errors of `PostgreSQL` to [`StoreError`] by their SQLSTATE
//! (postgresql.org/docs/current/errcodes-appendix.html).

use crate::{Conflict, StoreError};
use sqlx::postgres::PgDatabaseError;

pub(crate) fn store_error(error: &PgDatabaseError) -> StoreError {
    let text = error.message().to_owned();
    match error.code() {
        "23505" => Conflict::AlreadyExists(text).into(),
        // The time limit of a report, or its caller is gone.
        "57014" => StoreError::TooLong("it was ended before it was answered"),
        // PgBouncer, and it is not known to be one.
        "08P01" if text.contains("startup parameter") => StoreError::Unavailable(format!(
            "{text}; behind PgBouncer, --database-direct-url names the server itself"
        )),
        // A full disk, and a server that only answers reads.
        "53100" | "25006" => StoreError::NotWritable(text),
        code if code.starts_with("23") => Conflict::Constraint(text).into(),
        // A statement or a value that the server does not accept: a defect of this program.
        code if ["22", "42", "0A"].iter().any(|class| code.starts_with(class)) => {
            StoreError::Inconsistent(format!("{text} (SQLSTATE {code})"))
        }
        // Connections that were ended or refused, deadlocks, and what is not listed here.
        code => StoreError::Unavailable(format!("{text} (SQLSTATE {code})")),
    }
}
