//! The Inbox SDK: who gets in with which credential and the keys that sign them, and what agents see and do from inside another tool.
//!
//! Whoever is in is a [`SignedInAgent`](crate::domain::channel::SignedInAgent) with the access of their key, for whom the use cases of
//! conversations do the same as for any other agent. Must not know of HTTP, sockets or SQL. The surface of the SDK, the console and the command line
//! call it.

mod authenticate;
mod channels;
mod code;
mod error;
mod jwt;
mod keys;
mod lists;
mod session;
mod window;

pub use channels::StartError;
pub(super) use channels::Starts;
pub use error::SdkError;
pub use jwt::{MAX_JWT_BYTES, sign_jwt};
pub use keys::CreatedSdkKey;
