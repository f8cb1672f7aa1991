//! `/cable`, over real sockets of a real server.

mod bounds;
mod client;
mod events;
mod frames;
pub mod server;
mod subscriptions;
