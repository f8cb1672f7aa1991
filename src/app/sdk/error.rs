//! Errors of the Inbox SDK use cases.

use crate::channel::ChannelError;
use belfry_domain::sdk::SdkAuthError;
use belfry_store::StoreError;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum SdkError {
    /// The credential was rejected, for a reason that the caller may see.
    #[error(transparent)]
    Unauthorized(#[from] SdkAuthError),
    /// As with any other use case for conversations.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}

impl From<StoreError> for SdkError {
    fn from(error: StoreError) -> Self {
        Self::Channel(error.into())
    }
}
