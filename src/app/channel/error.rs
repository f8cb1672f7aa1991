//! Errors of the use cases for conversations.

use crate::{
    app::InboxError,
    domain::{Invalid, channel::Rejection},
    store::StoreError,
};

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
    /// `NotFound`: it does not exist or belongs to another site.
    pub const fn not_found(what: &'static str) -> Self {
        Self::Rejected(Rejection::NotFound(what))
    }
}

impl From<Invalid> for ChannelError {
    fn from(invalid: Invalid) -> Self {
        Self::Rejected(Rejection::Invalid(invalid))
    }
}

impl From<InboxError> for ChannelError {
    fn from(error: InboxError) -> Self {
        match error {
            InboxError::Store(error) => error.into(),
            InboxError::NotFound => Self::not_found("site"),
            InboxError::Unauthenticated => Self::Unauthenticated,
            InboxError::Invalid(invalid) => invalid.into(),
            other => Invalid::new("", other.to_string()).into(),
        }
    }
}
