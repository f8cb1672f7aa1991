//! The real binary: how it starts, what it refuses, how it ends, and what it does with connections.

mod command_line;
mod connection;
mod crowd;
mod headers;
pub mod process;
mod slow_readers;
mod start;
pub mod stop;
mod stream;
