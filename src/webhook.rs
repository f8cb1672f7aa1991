//! Sends to sites what they want to hear of: takes what is due from the store, and keeps what came of it.
//!
//! An event is sent at least once, and about one contact in order: the next delivery of a contact goes when the one before it was taken
//! or given up. Endpoints are independent of each other. One that is slow or dead holds a single place of many until it answers again.
//!
//! Must not know of SQL, nor how a request gets onto the wire; that is [`crate::domain::Outbound`].

mod conversation;
mod courier;
mod request;
mod retry;

pub use courier::Courier;
