//! The surfaces for conversations, as their clients meet them.

pub mod application;
mod cable;
pub mod site;
