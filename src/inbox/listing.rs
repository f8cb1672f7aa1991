//! A reader's list by number of page, for programs; and which pages may ask for one.
//!
//! Where the messages stand is read in one piece for at most [`LISTED`] of them, so that a page and the number of pages are of one moment; what they say
//! is read for those of the page alone, and in one language.

use super::{Inbox, InboxError, Reader};
use crate::domain::{Contact, ContactLookup, Item, Language, Origin};
use std::{collections::HashMap, sync::Arc};

/// Messages that a list goes back to, the newest first; older ones are on no page.
pub const LISTED: u32 = 1_000;

/// Which messages are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Opened {
    /// All that are not archived.
    #[default]
    Either,
    /// Those that were read.
    Yes,
    /// Those that were not.
    No,
}

/// One message of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The message as the reader has it.
    pub item: Item,
    /// Whether it is counted as new: neither read nor ever on the screen.
    pub new: bool,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Its messages, pinned ones first, then the newest.
    pub listed: Vec<Listed>,
    /// How many pages there are.
    pub pages: u32,
}

impl Inbox {
    /// The page with this number, from 0, of lists of `size` messages, in the language of those two that each is in. One past the end is empty.
    pub async fn listing(
        &self,
        reader: &Reader,
        opened: Opened,
        (page, size): (u32, u32),
        (language, usual): (&Language, &Language),
    ) -> Result<Listing, InboxError> {
        let size = size.max(1);
        let seen = self.store.seen_position(reader.site, reader.contact).await?;
        let mut entries = self.store.list_entries(reader.site, reader.contact, opened == Opened::No, LISTED, self.now()).await?;
        if opened == Opened::Yes {
            entries.retain(|entry| entry.read);
        }
        let pages = u32::try_from(entries.len()).unwrap_or(LISTED).div_ceil(size);
        let skipped = usize::try_from(page.saturating_mul(size)).unwrap_or(usize::MAX);
        let on_page: Vec<_> = entries.into_iter().skip(skipped).take(usize::try_from(size).unwrap_or(usize::MAX)).collect();
        let ids: Vec<_> = on_page.iter().map(|entry| entry.message).collect();
        let messages = self.store.messages_in_language(reader.site, reader.contact, &ids, language, usual).await?;
        let mut messages: HashMap<_, _> = messages.into_iter().map(|message| (message.id, Arc::new(message))).collect();
        let listed = on_page.into_iter().filter_map(|entry| {
            let item = Item { message: messages.remove(&entry.message)?, read: entry.read, archived: false };
            Some(Listed { new: !entry.read && entry.position > seen, item })
        });
        Ok(Listing { listed: listed.collect(), pages })
    }

    /// Who the reader is, as the site's backend has told it.
    pub async fn contact_of(&self, reader: &Reader) -> Result<Contact, InboxError> {
        self.contact(reader.site, &ContactLookup::Id(reader.contact)).await
    }

    /// Whether any site is shown on pages of this origin.
    pub async fn is_origin_of_a_site(&self, origin: &Origin) -> Result<bool, InboxError> {
        Ok(self.store.is_origin_of_a_site(origin).await?)
    }
}
