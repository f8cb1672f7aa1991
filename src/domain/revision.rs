//! Revisions for optimistic concurrency control: an edit is rejected if the object changed since
//! the form was shown.
//!
//! Must not be stored: another version of Belfry may compute it differently.

use super::Digest;
use std::fmt::Debug;

/// A digest of the value's `Debug` output; equal for equal values.
pub fn revision(shown: &impl Debug) -> String {
    Digest::of(&format!("{shown:?}")).hex()
}
