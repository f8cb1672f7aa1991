//! Channels on which agents begin conversations.

use crate::inbox::channel::ChannelError;

/// Why no conversation began.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The agent sees no such channel.
    #[error("there is no such channel")]
    UnknownChannel,
    /// The channel reaches nobody by this address.
    #[error("this is no address that the channel reaches")]
    InvalidAddress,
    /// Nobody can begin conversations on the channel.
    #[error("conversations can't begin on this channel")]
    NotInitiateable,
    /// The agent began too many in a short time.
    #[error("too many conversations were begun; wait a moment")]
    RateLimited,
    /// Something else.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}

impl StartError {
    /// The stable word for programs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::UnknownChannel => "unknown_channel",
            Self::InvalidAddress => "invalid_address",
            Self::NotInitiateable => "not_initiateable",
            Self::RateLimited => "rate_limited",
            Self::Channel(_) => "failed",
        }
    }
}
