//! A reader's list by number of page, for programs; and which pages may ask for one.
//!
//! The list is read by [`crate::store::Store::page`] in one piece of at most [`LISTED`] messages, so that a page and the number of pages are
//! of one moment and whatever that verb learns to show is shown here, too.

use super::{Inbox, InboxError, Reader};
use crate::domain::{Contact, ContactLookup, Filter, Item, Origin, PageRequest};

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
    /// The page with this number, from 0, of lists of `size` messages. One past the end is empty.
    pub async fn listing(&self, reader: &Reader, opened: Opened, page: u32, size: u32) -> Result<Listing, InboxError> {
        let size = size.max(1);
        let filter = if opened == Opened::No { Filter::Unread } else { Filter::All };
        let seen = self.store.seen_position(reader.site, reader.contact).await?;
        let mut items = self.page(reader, PageRequest { filter, before: None, limit: LISTED }).await?.items;
        if opened == Opened::Yes {
            items.retain(|item| item.read);
        }
        let pages = u32::try_from(items.len()).unwrap_or(LISTED).div_ceil(size);
        let skipped = usize::try_from(page.saturating_mul(size)).unwrap_or(usize::MAX);
        let on_page = usize::try_from(size).unwrap_or(usize::MAX);
        let listed = items.into_iter().skip(skipped).take(on_page);
        Ok(Listing { listed: listed.map(|item| Listed { new: !item.read && item.message.position > seen, item }).collect(), pages })
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
