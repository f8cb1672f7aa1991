//! How a thing is, in few letters: whether it is still as somebody was shown it can be told when they change it. Must not be kept: another
//! Belfry may write it otherwise.

use super::Digest;
use std::fmt::Debug;

/// The same for the same, and another one for another.
pub fn revision(shown: &impl Debug) -> String {
    Digest::of(&format!("{shown:?}")).hex()
}
