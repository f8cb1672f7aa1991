//! The surfaces for conversations, as their clients meet them.

pub mod application;
pub mod cable;
mod edges;
mod public;
pub mod sdk;
pub mod site;
mod window;
