//! The surfaces for conversations, as their clients meet them.

pub mod application;
mod cable;
mod edges;
mod public;
pub mod site;
