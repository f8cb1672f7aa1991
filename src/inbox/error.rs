//! Why a rule said no, in terms a door can turn into its own answer.

use crate::{blocking::BlockingError, domain::Invalid, store::StoreError, theme::Refusal};

/// Why a rule said no.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// Something the caller wrote.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// What was asked for is not there, or not the caller's: the two can't be told apart.
    #[error("not found")]
    NotFound,
    /// The proof of identity is missing, wrong, expired or revoked.
    #[error("not authenticated")]
    Unauthenticated,
    /// The same idempotency key was used for another request.
    #[error("this Idempotency-Key was used before with a different request")]
    KeyReused,
    /// The message does not wait for its time any more.
    #[error("the message is no longer scheduled; recall it instead")]
    NotScheduled,
    /// There is no draft that could be published.
    #[error("there is no draft to publish; upload one first")]
    NoDraft,
    /// What readers see can't be deleted.
    #[error("this version is published; publish or roll back to another one first")]
    ThemeInForce,
    /// A draft was never in force, so there is no going back to it.
    #[error("this version is a draft; publish it instead")]
    ThemeIsDraft,
    /// A segment of this name is there already.
    #[error("the site already has a segment with this name; choose another name, or change that segment")]
    SegmentExists,
    /// Messages go to this segment.
    #[error("the segment is the audience of messages, so it can't be deleted; recall them first")]
    SegmentInUse,
    /// As many segments as may be have messages that are shown or wait.
    #[error("published and scheduled messages already use 100 different segments; recall some, or wait until they expire")]
    TooManySegments,
    /// An upload that can't become a theme.
    #[error("the theme was rejected")]
    ThemeRefused(Box<Refusal>),
    /// As many imports as may be are not finished.
    #[error("20 imports of this site are in progress; retry when one of them is finished")]
    TooManyImports,
    /// As many messages as may be are on their way to many contacts.
    #[error("20 messages to many contacts are still being delivered; retry in a second")]
    TooManyFanOuts,
    /// Somebody else changed it since it was looked at.
    #[error("it was changed by another request in the meantime; reload it first")]
    Changed,
    /// It can't be done as things are.
    #[error("{0}")]
    Conflict(&'static str),
    /// Something below failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for InboxError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Changed => Self::Changed,
            other => Self::Store(other),
        }
    }
}

impl From<BlockingError> for InboxError {
    /// Worth another try a moment later, like a store that is busy.
    fn from(error: BlockingError) -> Self {
        Self::Store(StoreError::Unavailable(error.to_string()))
    }
}
