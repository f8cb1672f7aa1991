//! An event shared by many streams, encoded once per encoding.

use belfry_domain::InboxEvent;
use bytes::Bytes;
use std::sync::{Mutex, PoisonError};

/// An event with its encodings so far (one per language, for example), shared by all streams.
#[derive(Debug)]
pub struct SharedEvent {
    /// The event.
    pub event: InboxEvent,
    encodings: Mutex<Vec<(String, Bytes)>>,
}

impl SharedEvent {
    /// An event without encodings.
    pub fn new(event: InboxEvent) -> Self {
        Self { event, encodings: Mutex::default() }
    }

    /// The encoding of this name, if it exists.
    pub fn get(&self, name: &str) -> Option<Bytes> {
        let forms = self.encodings.lock().unwrap_or_else(PoisonError::into_inner);
        forms.iter().find(|(known, _)| known == name).map(|(_, form)| form.clone())
    }

    /// The encoding of this name, made by the first caller: ten thousand streams of one language
    /// cost one rendering.
    pub fn encoded(&self, name: &str, make: impl FnOnce() -> Bytes) -> Bytes {
        let mut forms = self.encodings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, form)) = forms.iter().find(|(known, _)| known == name) {
            return form.clone();
        }
        let form = make();
        forms.push((name.to_owned(), form.clone()));
        form
    }
}
