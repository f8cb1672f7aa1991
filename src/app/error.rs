//! Errors of the use cases, which each surface maps to its own responses.

use belfry_domain::{ErrorKind, ValidationError};
use belfry_locales::{LocalizedText, phrases::errors};
use belfry_runtime::blocking::BlockingError;
use belfry_store::StoreError;
use belfry_theme::Diagnostics;
use std::fmt;

/// Seconds until an import that was rejected as one too many can be retried.
const IMPORT_RETRY_SECONDS: u64 = 10;
/// Seconds until a message to many contacts that was rejected as one too many can be retried.
const FAN_OUT_RETRY_SECONDS: u64 = 1;

/// Why a use case failed.
#[derive(Debug)]
pub enum AppError {
    /// Invalid input.
    ValidationError(ValidationError),
    /// The object does not exist or is not the caller's; the two are indistinguishable.
    NotFound,
    /// The credential is missing, invalid, expired or revoked.
    Unauthenticated,
    /// The idempotency key was used for a different request.
    KeyReused,
    /// The message is no longer scheduled.
    NotScheduled,
    /// There is no draft to publish.
    NoDraft,
    /// The published theme version cannot be deleted.
    ThemePublished,
    /// A draft was never published, so it is no target for a rollback.
    ThemeIsDraft,
    /// The site has a segment of this name already.
    SegmentExists,
    /// Messages are addressed to the segment.
    SegmentInUse,
    /// The number of segments in use has reached its limit.
    TooManySegments,
    /// The upload is not a valid theme.
    ThemeRejected(Box<Diagnostics>),
    /// The number of unfinished imports has reached its limit.
    TooManyImports,
    /// The number of unfinished fan-outs has reached its limit.
    TooManyFanOuts,
    /// The object was changed since the caller read it.
    Changed,
    /// It conflicts with the current state.
    Conflict(LocalizedText),
    /// The store failed.
    Store(StoreError),
}

impl AppError {
    /// The class, which decides the HTTP status.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::ValidationError(_) => ErrorKind::Invalid,
            Self::NotFound => ErrorKind::NotFound,
            Self::Unauthenticated => ErrorKind::Unauthenticated,
            Self::KeyReused | Self::ThemeRejected(_) => ErrorKind::Unprocessable,
            Self::NotScheduled
            | Self::NoDraft
            | Self::ThemePublished
            | Self::ThemeIsDraft
            | Self::SegmentExists
            | Self::SegmentInUse
            | Self::TooManySegments
            | Self::Changed
            | Self::Conflict(_) => ErrorKind::Conflict,
            // Transient, so it must not be stored for an `Idempotency-Key`.
            Self::TooManyImports => ErrorKind::TooMany { retry_after: IMPORT_RETRY_SECONDS },
            Self::TooManyFanOuts => ErrorKind::TooMany { retry_after: FAN_OUT_RETRY_SECONDS },
            Self::Store(error) => error.kind(),
        }
    }
}

impl AppError {
    /// What the caller is told; `None` for invalid input, which also names a field, and for failures
    /// of the store, whose details are for the log.
    pub fn text(&self) -> Option<LocalizedText> {
        Some(match self {
            Self::ValidationError(_) | Self::Store(_) => return None,
            Self::NotFound => errors::NOT_FOUND,
            Self::Unauthenticated => errors::NOT_AUTHENTICATED,
            Self::KeyReused => errors::KEY_REUSED,
            Self::NotScheduled => errors::NOT_SCHEDULED,
            Self::NoDraft => errors::NO_DRAFT,
            Self::ThemePublished => errors::THEME_PUBLISHED,
            Self::ThemeIsDraft => errors::THEME_IS_DRAFT,
            Self::SegmentExists => errors::SEGMENT_EXISTS,
            Self::SegmentInUse => errors::SEGMENT_IN_USE,
            Self::TooManySegments => errors::TOO_MANY_SEGMENTS_IN_USE,
            Self::ThemeRejected(_) => errors::THEME_REJECTED,
            Self::TooManyImports => errors::TOO_MANY_IMPORTS,
            Self::TooManyFanOuts => errors::TOO_MANY_FAN_OUTS,
            Self::Changed => errors::CHANGED,
            Self::Conflict(text) => text.clone(),
        })
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ValidationError(invalid) => fmt::Display::fmt(invalid, out),
            Self::Store(error) => fmt::Display::fmt(error, out),
            other => other.text().map_or(Ok(()), |text| fmt::Display::fmt(&text, out)),
        }
    }
}

impl std::error::Error for AppError {}

impl From<ValidationError> for AppError {
    fn from(invalid: ValidationError) -> Self {
        Self::ValidationError(invalid)
    }
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
