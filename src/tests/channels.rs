//! The surfaces of conversations, as their clients meet them.

mod public;
