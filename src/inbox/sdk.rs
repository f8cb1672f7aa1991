//! The Inbox SDK: what agents see and do from inside another tool.
//!
//! Must not know of sockets, HTTP or SQL.

mod channels;
mod lists;
mod window;

pub use channels::StartError;
