//! The one JSON shape in which the iframe's script is answered: the counts with their version, and what was asked for.

use crate::domain::{Marked, Tally};
use bytes::Bytes;
use serde::Serialize;

/// Counts, and whatever else was asked for.
#[derive(Debug, Default, Serialize)]
pub(super) struct Answer {
    version: i64,
    unread: u32,
    unseen: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bearer: Option<String>,
}

impl Answer {
    /// The counts alone.
    pub(super) fn of(tally: Tally) -> Self {
        Self { version: tally.version, unread: tally.unread, unseen: tally.unseen, ..Self::default() }
    }

    /// After a mark: the counts, the version that the reader was at before it, and the number by which it is undone, if it can be.
    pub(super) fn after(marked: Marked) -> Self {
        Self { since: Some(marked.since), undo: marked.undo, ..Self::of(marked.tally) }
    }

    /// With a part of the list and where the next part begins.
    pub(super) fn with_items(mut self, html: String, next: Option<i64>) -> Self {
        self.html = Some(html);
        self.next = next;
        self
    }

    /// As it goes over the wire.
    pub(super) fn to_json(&self) -> Bytes {
        // Numbers and texts under fixed names: there is nothing that could not be written.
        serde_json::to_vec(self).unwrap_or_default().into()
    }

    /// With a bearer for where cookies are refused.
    pub(super) fn with_bearer(mut self, bearer: &str) -> Self {
        self.bearer = Some(bearer.to_owned());
        self
    }
}
