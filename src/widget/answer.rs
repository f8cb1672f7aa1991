//! The one JSON response of the endpoints called by the iframe's script: the counts with their
//! version, and what was requested.

use belfry_domain::{ActionOutcome, Cursor, UnreadCounts, Version};
use bytes::Bytes;
use serde::Serialize;

#[derive(Debug, Default, Serialize)]
pub(super) struct CountsResponse {
    version: Version,
    unread: u32,
    unseen: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Cursor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bearer: Option<String>,
}

impl CountsResponse {
    /// Only the counts.
    pub(super) fn new(counts: UnreadCounts) -> Self {
        Self {
            version: counts.version,
            unread: counts.unread,
            unseen: counts.unseen,
            ..Self::default()
        }
    }

    /// After an action: the counts, the reader's version before it, and the undo number if it can
    /// be undone.
    pub(super) fn after_action(marked: ActionOutcome) -> Self {
        Self { since: Some(marked.since), undo: marked.undo, ..Self::new(marked.counts) }
    }

    /// Adds a page of the list and the cursor of the next one.
    pub(super) fn with_items(mut self, html: String, next: Option<Cursor>) -> Self {
        self.html = Some(html);
        self.next = next;
        self
    }

    pub(super) fn to_json(&self) -> Bytes {
        // Numbers and strings under fixed keys: serialization cannot fail.
        serde_json::to_vec(self).unwrap_or_default().into()
    }

    /// Adds a bearer for browsers that refuse cookies.
    pub(super) fn with_bearer(mut self, bearer: &str) -> Self {
        self.bearer = Some(bearer.to_owned());
        self
    }
}
