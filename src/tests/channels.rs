//! Conversations, from outside.

mod cable;
pub mod site;
