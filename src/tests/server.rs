//! The real binary: startup, validation, shutdown, and connections.

mod bus_encryption;
mod command_line;
mod connection;
mod connection_limits;
mod headers;
mod noisy_site;
pub mod process;
mod processes;
pub mod rolling_restart;
mod several_processes;
pub mod shutdown;
mod slow_clients;
mod standby;
mod startup;
mod stream;
