//! The Inbox SDK: authentication by JWT and token, signing keys, and what agents see and do from
//! inside another tool.
//!
//! An authenticated agent is a [`SignedInAgent`](belfry_domain::channel::SignedInAgent) with the
//! access of its key; the use cases for conversations treat it like any other agent. Must not
//! depend on HTTP, sockets or SQL. Called by the SDK surface, the console and the command line.

mod authenticate;
mod channels;
mod error;
mod jwt;
mod keys;
mod lists;
mod session;
mod window;
mod window_code;

pub use channels::StartError;
pub(super) use channels::StartLimiter;
pub use error::SdkError;
pub use jwt::{MAX_JWT_BYTES, sign_jwt};
pub use keys::CreatedSdkKey;
