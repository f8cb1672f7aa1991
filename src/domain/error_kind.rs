//! The class of a failure, from which HTTP surfaces derive the status. Without HTTP types.
//!
//! Must not depend on a surface. Given by the errors of the store and of the use cases; mapped to a
//! status in `web::error_status`.

/// The class of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The input is invalid.
    Invalid,
    /// The credential is missing, invalid, expired or revoked.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// The object does not exist or is not the caller's.
    NotFound,
    /// It conflicts with the current state.
    Conflict,
    /// The input is well-formed, but is rejected as a whole.
    Unprocessable,
    /// A limit of simultaneous or frequent work is reached.
    TooMany {
        /// Seconds until a retry can succeed.
        retry_after: u64,
    },
    /// Temporarily unavailable.
    Unavailable,
    /// It takes too long; a smaller request may succeed.
    TimedOut,
    /// Nothing can be written; reads still work.
    NotWritable,
    /// A defect. The details are for the log.
    Internal,
}

/// Seconds until a retry when the store is temporarily unavailable.
const UNAVAILABLE_RETRY_SECONDS: u64 = 2;
/// Seconds until a retry of what took too long.
const TIMED_OUT_RETRY_SECONDS: u64 = 10;

impl ErrorKind {
    /// Seconds until a retry can succeed, if waiting helps.
    pub const fn retry_after(self) -> Option<u64> {
        match self {
            Self::TooMany { retry_after } => Some(retry_after),
            Self::Unavailable => Some(UNAVAILABLE_RETRY_SECONDS),
            Self::TimedOut => Some(TIMED_OUT_RETRY_SECONDS),
            Self::Invalid
            | Self::Unauthenticated
            | Self::Forbidden
            | Self::NotFound
            | Self::Conflict
            | Self::Unprocessable
            | Self::NotWritable
            | Self::Internal => None,
        }
    }

    /// The same class, or [`Internal`](Self::Internal) for a conflict, where the requests of a
    /// surface can't conflict with anything.
    #[must_use]
    pub const fn without_conflicts(self) -> Self {
        match self {
            Self::Conflict => Self::Internal,
            other => other,
        }
    }

    /// The same class for a reader's request. Most rules concern the administration of a site, so
    /// their violation is [`Internal`](Self::Internal) here.
    #[must_use]
    pub const fn of_reader(self) -> Self {
        match self {
            Self::Invalid
            | Self::Unauthenticated
            | Self::NotFound
            | Self::Unavailable
            | Self::NotWritable => self,
            Self::Forbidden
            | Self::Conflict
            | Self::Unprocessable
            | Self::TooMany { .. }
            | Self::TimedOut
            | Self::Internal => Self::Internal,
        }
    }
}
