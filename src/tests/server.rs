//! The real binary: startup, validation, shutdown, and connections.

mod command_line;
mod connection;
mod crowd;
mod headers;
pub mod process;
mod slow_readers;
mod start;
pub mod stop;
mod stream;
