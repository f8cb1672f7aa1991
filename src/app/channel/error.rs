//! Errors of the use cases for conversations.

use crate::AppError;
use belfry_domain::{ErrorKind, ValidationError, channel::Rejection};
use belfry_locales::phrases::errors;
use belfry_store::StoreError;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// Rejected, for a reason that the caller may see.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The token is invalid.
    #[error("Invalid Access Token")]
    Unauthenticated,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ChannelError {
    /// The class, which decides the HTTP status.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Rejected(rejection) => rejection.kind(),
            Self::Unauthenticated => ErrorKind::Unauthenticated,
            Self::Store(error) => error.kind(),
        }
    }

    /// `NotFound`: it does not exist or belongs to another site.
    pub const fn not_found(what: &'static str) -> Self {
        Self::Rejected(Rejection::NotFound(what))
    }
}

impl From<ValidationError> for ChannelError {
    fn from(invalid: ValidationError) -> Self {
        Self::Rejected(Rejection::Invalid(invalid))
    }
}

impl From<AppError> for ChannelError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Store(error) => error.into(),
            AppError::NotFound => Self::not_found("site"),
            AppError::Unauthenticated => Self::Unauthenticated,
            AppError::ValidationError(invalid) => invalid.into(),
            other => ValidationError::new("", other.text().unwrap_or(errors::INVALID)).into(),
        }
    }
}
