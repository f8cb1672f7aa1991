//! Numbered pages of a reader's list, for the App Inbox API, and which origins may request them.
//!
//! The positions of up to [`MAX_LISTED_MESSAGES`] messages are read in one query, so that a page
//! and the number of pages are consistent; contents are read only for the messages of the page, in
//! one language.

use super::{App, AppError, Reader};
use belfry_domain::{Contact, ContactLookup, Language, Origin, ReaderMessage, negotiate};
use std::{collections::HashMap, sync::Arc};

/// Messages that a list contains, the newest first; older ones are on no page.
pub const MAX_LISTED_MESSAGES: u32 = 1_000;

/// Filter by read state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Opened {
    /// All that are not archived.
    #[default]
    Any,
    /// Read ones.
    Read,
    /// Unread ones.
    Unread,
}

/// One message of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedItem {
    /// The message as the reader has it.
    pub item: ReaderMessage,
    /// Whether it counts as new: neither read nor seen.
    pub is_new: bool,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// Its messages, pinned ones first, then the newest.
    pub items: Vec<ListedItem>,
    /// Number of pages.
    pub pages: u32,
}

impl App {
    /// Page `number`, from 0, of pages of `size` messages. Each message is in the first of the two
    /// languages that it has. A page past the end is empty.
    pub async fn listing(
        &self,
        reader: &Reader,
        opened: Opened,
        (page, size): (u32, u32),
        (language, usual): (&Language, &Language),
    ) -> Result<ListPage, AppError> {
        let size = size.max(1);
        let seen = self.store.seen_position(reader.site, reader.contact).await?;
        let mut entries = self
            .store
            .list_entries(
                reader.site,
                reader.contact,
                opened == Opened::Unread,
                MAX_LISTED_MESSAGES,
                self.now(),
            )
            .await?;
        if opened == Opened::Read {
            entries.retain(|entry| entry.is_read);
        }
        let pages = u32::try_from(entries.len()).unwrap_or(MAX_LISTED_MESSAGES).div_ceil(size);
        let skipped = usize::try_from(page.saturating_mul(size)).unwrap_or(usize::MAX);
        let on_page: Vec<_> = entries
            .into_iter()
            .skip(skipped)
            .take(usize::try_from(size).unwrap_or(usize::MAX))
            .collect();
        let ids: Vec<_> = on_page.iter().map(|entry| entry.message).collect();
        let messages = self
            .store
            .messages_in_language(reader.site, reader.contact, &ids, &|languages| {
                negotiate(languages, language, usual).map(|(language, ())| language.clone())
            })
            .await?;
        let mut messages: HashMap<_, _> =
            messages.into_iter().map(|message| (message.id, Arc::new(message))).collect();
        let listed = on_page.into_iter().filter_map(|entry| {
            let item = ReaderMessage {
                message: messages.remove(&entry.message)?,
                is_read: entry.is_read,
                is_archived: false,
            };
            Some(ListedItem { is_new: !entry.is_read && entry.position > seen, item })
        });
        Ok(ListPage { items: listed.collect(), pages })
    }

    /// The reader's contact.
    pub async fn contact_of(&self, reader: &Reader) -> Result<Contact, AppError> {
        self.contact(reader.site, &ContactLookup::Id(reader.contact)).await
    }

    /// Whether any site allows this origin.
    pub async fn is_origin_of_a_site(&self, origin: &Origin) -> Result<bool, AppError> {
        Ok(self.store.is_origin_of_a_site(origin).await?)
    }
}
