//! A change on its way to many streams, with what is the same for all of them made once.

use crate::domain::Change;
use bytes::Bytes;
use std::sync::{Mutex, PoisonError};

/// A change, and the forms it was rendered in so far (one for each language, say), shared by all streams.
#[derive(Debug)]
pub struct Notice {
    /// What happened.
    pub change: Change,
    forms: Mutex<Vec<(String, Bytes)>>,
}

impl Notice {
    /// A change that was not rendered yet.
    pub fn new(change: Change) -> Self {
        Self { change, forms: Mutex::default() }
    }

    /// The form of this name, if someone has made it.
    pub fn known(&self, name: &str) -> Option<Bytes> {
        let forms = self.forms.lock().unwrap_or_else(PoisonError::into_inner);
        forms.iter().find(|(known, _)| known == name).map(|(_, form)| form.clone())
    }

    /// The change in a form, made by the first who asks: ten thousand streams of one language cost one rendering.
    pub fn form(&self, name: &str, make: impl FnOnce() -> Bytes) -> Bytes {
        let mut forms = self.forms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, form)) = forms.iter().find(|(known, _)| known == name) {
            return form.clone();
        }
        let form = make();
        forms.push((name.to_owned(), form.clone()));
        form
    }
}
