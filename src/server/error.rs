//! Startup errors. Each message is one sentence that says what to do.

use belfry_domain::ValidationError;
use belfry_store::StoreError;
use std::{io, net::SocketAddr};

/// The process can't start or continue.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A flag or an environment variable is invalid.
    #[error("--{}: {}", .0.field, .0.reason)]
    Configuration(#[from] ValidationError),
    /// The address is in use.
    #[error(
        "can't listen on {0}: another program uses the address; stop it, or choose another address with --listen"
    )]
    AddressTaken(SocketAddr),
    /// The address can't be used.
    #[error("can't listen on {0}: {1}; choose another address with --listen")]
    Address(SocketAddr, io::Error),
    /// The database can't be opened.
    #[error("can't open the database {place}: {reason}")]
    Database {
        /// The file or URL.
        place: String,
        /// The reason.
        reason: StoreError,
    },
    /// A system call failed.
    #[error("the operating system refused {0}: {1}")]
    System(&'static str, io::Error),
}

impl StartError {
    /// 2 for invalid configuration, 1 for anything else.
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Self::Configuration(_)) { 2 } else { 1 }
    }

    pub(super) fn listen(address: SocketAddr, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::AddrInUse {
            Self::AddressTaken(address)
        } else {
            Self::Address(address, error)
        }
    }
}
