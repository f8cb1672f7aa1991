//! How much a reader, and all readers of a site together, may write through this API. Must not know what is written.
//!
//! A person does a few things a second at most, and a page that marks what it shows some dozens at once; a script in a loop is refused with 429 and
//! tries again. What is only read is not counted: it is answered from memory mostly, and holds up nobody.

use super::error::WidgetError;
use crate::{
    allowance::{Gate, Rate},
    domain::{ContactId, SiteId},
};
use std::time::Duration;

/// The rate limits of this API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Writing requests of one contact of a site, exchanges of tokens among them.
    pub reader: Rate,
    /// Those of all contacts of a site.
    pub site: Rate,
    /// Conversations that one contact of a site begins.
    pub conversations: Rate,
}

impl Limits {
    /// Nobody reaches them.
    pub const fn plenty() -> Self {
        Self { reader: Rate::PLENTY, site: Rate::PLENTY, conversations: Rate::PLENTY }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            reader: Rate::new(100, Duration::from_millis(100)),
            site: Rate::new(50_000, Duration::from_micros(200)),
            conversations: Rate::new(20, Duration::from_mins(3)),
        }
    }
}

/// The state of the rate limits.
pub(super) struct Limiter {
    readers: Gate<(SiteId, ContactId)>,
    sites: Gate<SiteId>,
    conversations: Gate<(SiteId, ContactId)>,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            readers: Gate::new("reader", limits.reader),
            sites: Gate::new("site", limits.site),
            conversations: Gate::new("new conversations of a reader", limits.conversations),
        }
    }

    /// Counts one writing request. A reader who is refused uses nothing of the site's.
    pub(super) fn check(&self, site: SiteId, contact: ContactId) -> Result<(), WidgetError> {
        let status = self.readers.pass(&(site, contact)).and_then(|_| self.sites.pass(&site));
        status.map(|_| ()).map_err(|refused| WidgetError::TooManyRequests(refused.reset))
    }

    /// Counts one conversation that begins.
    pub(super) fn check_conversation(&self, site: SiteId, contact: ContactId) -> Result<(), WidgetError> {
        let status = self.conversations.pass(&(site, contact));
        status.map(|_| ()).map_err(|refused| WidgetError::TooManyRequests(refused.reset))
    }
}
