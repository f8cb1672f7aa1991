//! The custom properties of a sheet, so that a `var()` can be judged by all that it may bring.
//!
//! Must not know what is allowed.

use super::token::{Token, tokens};
use std::collections::BTreeMap;

/// What the custom properties of a sheet may hold, each in all its definitions.
#[derive(Default)]
pub(super) struct Definitions {
    by_name: BTreeMap<String, Vec<Vec<Token>>>,
}

impl Definitions {
    pub(super) fn add(&mut self, name: &str, value: &str) {
        if let Ok(value) = tokens(value) {
            let known = self.by_name.entry(name.to_owned()).or_default();
            if !known.contains(&value) {
                known.push(value);
            }
        }
    }

    pub(super) fn count(&self) -> usize {
        self.by_name.len()
    }

    /// Everything that a custom property may hold.
    pub(super) fn of(&self, name: &str) -> impl Iterator<Item = &Vec<Token>> {
        self.by_name.get(name).into_iter().flatten()
    }
}
