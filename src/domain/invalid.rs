//! The one way to say that something a person wrote can't be accepted.

use std::fmt;

/// Why an input was refused: the field, as the person wrote it (`content.en.title`), and a reason they can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Invalid {
    /// Path of the field inside the input; empty when the whole input is meant.
    pub field: String,
    /// One clause in plain words, without the field's name and without a full stop.
    pub reason: String,
}

impl Invalid {
    /// A refusal of `field` for `reason`.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }

    /// The same refusal, seen from outside: `title` under `content.en` becomes `content.en.title`.
    #[must_use]
    pub fn under(mut self, parent: &str) -> Self {
        self.field = match (parent.is_empty(), self.field.is_empty()) {
            (true, _) => self.field,
            (false, true) => parent.to_owned(),
            (false, false) => format!("{parent}.{}", self.field),
        };
        self
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() { out.write_str(&self.reason) } else { write!(out, "{}: {}", self.field, self.reason) }
    }
}
