//! `/cable`, over real sockets to a real server.

mod client;
mod events;
mod frames;
mod limits;
pub mod server;
mod subscriptions;
