//! The HTTP surfaces of conversations: what clients of the API channel call and listen to.
//!
//! Must not know of SQL. Each surface calls the use cases in [`crate::inbox`]; none imports another.

pub mod cable;
