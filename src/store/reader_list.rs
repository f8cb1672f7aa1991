//! Numbered pages of a reader's list, for the App Inbox API.

use super::Result;
use async_trait::async_trait;
use belfry_domain::{ContactId, Language, Message, MessageId, Position, SiteId, Timestamp};
use std::collections::BTreeMap;

/// Chooses the language in which a reader gets a message, from those that it has.
#[expect(clippy::zero_sized_map_values, reason = "languages are negotiated over a map of contents")]
pub type ChooseLanguage<'c> =
    &'c (dyn Fn(&BTreeMap<Language, ()>) -> Option<Language> + Send + Sync);

/// The position of a message in a list, and the reader's state of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListEntry {
    /// The message.
    pub message: MessageId,
    /// Whether the reader read it.
    pub is_read: bool,
    /// Whether it is pinned.
    pub is_pinned: bool,
    /// Its position.
    pub position: Position,
}

/// Reads lists for numbered pages.
#[async_trait]
pub trait ReaderListStore: Send + Sync {
    /// Up to which position a reader has seen messages; 0 for an unknown contact.
    async fn seen_position(&self, site: SiteId, contact: ContactId) -> Result<Position>;
    /// The newest `limit` messages of a list in the order of [`super::Store::page`], without
    /// contents: all that are not archived, or only the unread ones.
    async fn list_entries(
        &self,
        site: SiteId,
        contact: ContactId,
        unread: bool,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<ListEntry>>;
    /// The contents of messages of such a list, each in the language that `choose` returns.
    /// Unordered; messages deleted in between are missing.
    async fn messages_in_language(
        &self,
        site: SiteId,
        contact: ContactId,
        messages: &[MessageId],
        choose: ChooseLanguage<'_>,
    ) -> Result<Vec<Message>>;
}
