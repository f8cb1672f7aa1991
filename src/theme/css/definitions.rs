//! The custom properties of a sheet, so that a `var()` can be checked against everything it may
//! expand to.
//!
//! Must not depend on the allow-lists.

use super::token::{Token, tokens};
use std::collections::BTreeMap;

/// The custom properties of a sheet, each with all its definitions.
#[derive(Default)]
pub(super) struct Definitions {
    by_name: BTreeMap<String, Vec<Vec<Token>>>,
}

impl Definitions {
    pub(super) fn add(&mut self, name: &str, value: &str) {
        if let Ok(value) = tokens(value) {
            let values = self.by_name.entry(name.to_owned()).or_default();
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }

    pub(super) fn count(&self) -> usize {
        self.by_name.len()
    }

    /// All values of a custom property.
    pub(super) fn values_of(&self, name: &str) -> impl Iterator<Item = &Vec<Token>> {
        self.by_name.get(name).into_iter().flatten()
    }
}
