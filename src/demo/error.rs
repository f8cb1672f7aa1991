//! Startup errors of the demo.

use crate::server::StartError;
use belfry_app::{AppError, channel::ChannelError};
use belfry_domain::ValidationError;
use std::{io, net::SocketAddr, path::PathBuf};

/// The demo can't start. The message is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Belfry can't start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The shop's address can't be used.
    #[error("the shop can't listen on {0}: {1}; choose another address with --shop-listen")]
    ShopAddress(SocketAddr, io::Error),
    /// The back office's address can't be used.
    #[error(
        "the back office can't listen on {0}: {1}; choose another address with --back-office-listen"
    )]
    BackOfficeAddress(SocketAddr, io::Error),
    /// The folder of the demo's database can't be used.
    #[error("the folder {0} can't be used: {1}; name a database with --database-url")]
    Folder(PathBuf, io::Error),
    /// The data could not be written.
    #[error("the demo's data could not be created: {0}")]
    Seed(#[from] AppError),
    /// The inbox or the agent could not be created.
    #[error("the demo's inbox could not be created: {0}")]
    Conversations(#[from] ChannelError),
    /// The demo's own messages are malformed: a bug.
    #[error("the demo's messages can't be read: {0}")]
    Messages(#[from] serde_json::Error),
}

impl From<ValidationError> for DemoError {
    fn from(invalid: ValidationError) -> Self {
        Self::Seed(invalid.into())
    }
}

impl DemoError {
    /// 2 for invalid arguments, 1 for anything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Start(error) => error.exit_code(),
            _ => 1,
        }
    }
}
