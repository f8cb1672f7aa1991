//! The validation error of the whole domain. Surfaces turn it into their own error responses.

use belfry_locales::{LocalizedText, phrases::errors};
use std::fmt;

/// Why input was rejected: the field as the client named it (`content.en.title`), and the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ValidationError {
    /// Path of the field in the input; empty for the input as a whole.
    pub field: String,
    /// A clause without the field's name and without a full stop, such as `must be a UUID`.
    pub reason: LocalizedText,
}

impl ValidationError {
    /// An error of `field` with this reason.
    pub fn new(field: impl Into<String>, reason: LocalizedText) -> Self {
        Self { field: field.into(), reason }
    }

    /// The reason after the field's name, if there is one.
    pub fn text(&self) -> LocalizedText {
        if self.field.is_empty() {
            self.reason.clone()
        } else {
            errors::at_field(self.field.clone(), self.reason.clone())
        }
    }

    /// Prefixes the path: `title` under `content.en` becomes `content.en.title`.
    #[must_use]
    pub fn with_parent(mut self, parent: &str) -> Self {
        self.field = match (parent.is_empty(), self.field.is_empty()) {
            (true, _) => self.field,
            (false, true) => parent.to_owned(),
            (false, false) => format!("{parent}.{}", self.field),
        };
        self
    }
}

impl fmt::Display for ValidationError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.text(), out)
    }
}
