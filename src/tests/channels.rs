//! The conversation surfaces, as their clients use them.

pub mod application;
pub mod cable;
mod edge_cases;
mod public;
pub mod sdk;
pub mod site;
mod window;
