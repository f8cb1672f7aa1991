//! Conversations, from outside.

mod cable;
