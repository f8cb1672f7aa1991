//! Errors of the store. Which verb failed and how is for the log; callers match on the cases and
//! never compare texts.
//!
//! Must not depend on a backend. Made by the backends, mapped by the use cases.

use belfry_domain::{ErrorKind, ValidationError};

/// Why a verb failed. The details are for the log and are never sent to a client.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database could not be reached or is busy; a retry may succeed.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The disk is full or the file is not writable; reads still work.
    #[error("the database can't be written: {0}")]
    NotWritable(String),
    /// The write contradicts what is stored; nothing was written.
    #[error("conflict: {0}")]
    Conflict(#[from] Conflict),
    /// A quota of a site or a contact is exhausted; names the limit.
    #[error("{0}")]
    Limit(ValidationError),
    /// The object was changed since the caller read it; nothing was written.
    #[error("it was changed in the meantime")]
    Changed,
    /// The query would have exceeded its time limit.
    #[error("the query takes too long: {0}")]
    TooLong(&'static str),
    /// The database was written by a newer version of Belfry.
    #[error(
        "the database was made by a newer version of Belfry (its schema is at {found}, this program knows {supported}): start that version, or restore a backup"
    )]
    Newer {
        /// Schema version in the file.
        found: i64,
        /// Newest schema version that this program supports.
        supported: i64,
    },
    /// A copy of another database that was not completed.
    #[error(
        "it is an unfinished copy of {0}: give the same `belfry copy` again to finish it, or delete it"
    )]
    UnfinishedCopy(String),
    /// An encrypted value cannot be decrypted: the key is missing or is another one.
    #[error("the secret key file {file} can't be used: {reason}")]
    SecretKey {
        /// Path of the key file.
        file: String,
        /// The cause.
        reason: String,
    },
    /// Stored data that this program cannot read: a defect.
    #[error("the database contains unexpected data: {0}")]
    Inconsistent(String),
}

impl StoreError {
    /// The class, which decides the HTTP status.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::NotWritable(_) => ErrorKind::NotWritable,
            Self::Conflict(_) | Self::Changed => ErrorKind::Conflict,
            // Without a field it concerns the state of the site, not the request.
            Self::Limit(invalid) if invalid.field.is_empty() => ErrorKind::Conflict,
            Self::Limit(_) => ErrorKind::Invalid,
            Self::TooLong(_) => ErrorKind::TimedOut,
            Self::Newer { .. }
            | Self::UnfinishedCopy(_)
            | Self::SecretKey { .. }
            | Self::Inconsistent(_) => ErrorKind::Internal,
        }
    }
}

/// How a write contradicts what is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The site does not exist.
    #[error("there is no such site")]
    UnknownSite,
    /// The site has no such contact.
    #[error("the site has no such contact")]
    UnknownContact,
    /// The site has no such segment.
    #[error("the site has no such segment")]
    UnknownSegment,
    /// The API key was revoked.
    #[error("the key was revoked")]
    KeyRevoked,
    /// The site has no such contact, or the API key was revoked.
    #[error("there is no such contact or the key was revoked")]
    UnknownContactOrKey,
    /// An identifier belongs to another contact.
    #[error("an identifier belongs to another contact")]
    IdentifierTaken,
    /// The message was published or recalled.
    #[error("the message is not scheduled any more")]
    NotScheduled,
    /// The site has [`Segment::IN_USE`](belfry_domain::Segment::IN_USE) segments in use.
    #[error("too many segments are in use")]
    TooManySegments,
    /// The site has [`MAX_FAN_OUTS`](super::MAX_FAN_OUTS) unfinished fan-outs.
    #[error("too many messages are on their way to many contacts")]
    TooManyFanOuts,
    /// The site has [`MAX_UNFINISHED_IMPORTS`](super::MAX_UNFINISHED_IMPORTS) unfinished imports.
    #[error("too many imports are not finished")]
    TooManyImports,
    /// The import has more rows than can be counted.
    #[error("more rows than an import can have")]
    TooManyRows,
    /// The contact would mute more than [`MAX_MUTES`](super::MAX_MUTES) categories.
    #[error("a contact mutes at most {} categories", super::MAX_MUTES)]
    TooManyMutes,
    /// Another object has this unique value already; the backend's message.
    #[error("{0}")]
    AlreadyExists(String),
    /// Another constraint of the database is violated, for example a reference to a deleted object;
    /// the backend's message.
    #[error("{0}")]
    Constraint(String),
}
