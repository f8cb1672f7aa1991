//! Errors of the use cases, which each surface maps to its own responses.

use crate::{
    blocking::BlockingError, domain::ValidationError, store::StoreError, theme::Diagnostics,
};

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Invalid input.
    #[error(transparent)]
    ValidationError(#[from] ValidationError),
    /// The object does not exist or is not the caller's; the two are indistinguishable.
    #[error("not found")]
    NotFound,
    /// The credential is missing, invalid, expired or revoked.
    #[error("not authenticated")]
    Unauthenticated,
    /// The idempotency key was used for a different request.
    #[error("this Idempotency-Key was used before with a different request")]
    KeyReused,
    /// The message is no longer scheduled.
    #[error("the message is no longer scheduled; recall it instead")]
    NotScheduled,
    /// There is no draft to publish.
    #[error("there is no draft to publish; upload one first")]
    NoDraft,
    /// The published theme version cannot be deleted.
    #[error("this version is published; publish or roll back to another one first")]
    ThemeInForce,
    /// A draft was never published, so it is no target for a rollback.
    #[error("this version is a draft; publish it instead")]
    ThemeIsDraft,
    /// The site has a segment of this name already.
    #[error(
        "the site already has a segment with this name; choose another name, or change that segment"
    )]
    SegmentExists,
    /// Messages are addressed to the segment.
    #[error("the segment is the audience of messages, so it can't be deleted; recall them first")]
    SegmentInUse,
    /// The number of segments in use has reached its limit.
    #[error(
        "published and scheduled messages already use 100 different segments; recall some, or wait until they expire"
    )]
    TooManySegments,
    /// The upload is not a valid theme.
    #[error("the theme was rejected")]
    ThemeRefused(Box<Diagnostics>),
    /// The number of unfinished imports has reached its limit.
    #[error("20 imports of this site are in progress; retry when one of them is finished")]
    TooManyImports,
    /// The number of unfinished fan-outs has reached its limit.
    #[error("20 messages to many contacts are still being delivered; retry in a second")]
    TooManyFanOuts,
    /// The object was changed since the caller read it.
    #[error("it was changed by another request in the meantime; reload it first")]
    Changed,
    /// It conflicts with the current state.
    #[error("{0}")]
    Conflict(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Changed => Self::Changed,
            other => Self::Store(other),
        }
    }
}

impl From<BlockingError> for AppError {
    /// Reported as unavailable: a retry may succeed.
    fn from(error: BlockingError) -> Self {
        Self::Store(StoreError::Unavailable(error.to_string()))
    }
}
