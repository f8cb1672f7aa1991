//! Why a use case of the Inbox SDK did nothing.

use crate::{domain::sdk::SdkRefusal, inbox::channel::ChannelError, store::StoreError};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum SdkError {
    /// The credential is refused, for a reason that the caller is told.
    #[error(transparent)]
    Refused(#[from] SdkRefusal),
    /// As with any other use case of conversations.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}

impl From<StoreError> for SdkError {
    fn from(error: StoreError) -> Self {
        Self::Channel(error.into())
    }
}
