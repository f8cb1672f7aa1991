//! The surfaces for conversations, as their clients meet them.

pub mod application;
mod cable;
mod edges;
mod public;
mod sdk;
pub mod site;
mod window;
