//! `/cable`, over real sockets of a real server.

mod bounds;
mod client;
mod frames;
mod server;
