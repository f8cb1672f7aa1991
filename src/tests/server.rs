//! The real binary: how it starts, what it refuses, how it ends, and what survives when it is killed.

mod command_line;
mod connection;
mod crowd;
mod headers;
mod kill;
mod process;
mod slow_readers;
mod start;
mod stop;
mod stream;
