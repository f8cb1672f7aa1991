//! The real binary: how it starts, what it refuses, how it ends, and what survives when it is killed.

mod command_line;
mod connection;
mod headers;
mod kill;
mod process;
mod start;
mod stop;
mod stream;
