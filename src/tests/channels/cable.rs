//! `/cable`, over real sockets to a real server.

mod bounds;
mod client;
mod events;
mod frames;
pub mod server;
mod subscriptions;
