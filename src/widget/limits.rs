//! Rate limits of writing requests, per reader and per site. Must not depend on what is written.
//!
//! A person does a few things per second at most, and a page marks a few dozen messages at once. A
//! script in a loop receives 429 and retries. Reads are not limited: they are mostly answered from
//! memory and block nobody.

use super::error::WidgetError;
use crate::{
    domain::{ContactId, SiteId},
    rate_limit::{Gate, Rate},
};
use std::time::Duration;

/// The rate limits of the widget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Writing requests of one contact of a site, including token exchanges.
    pub reader: Rate,
    /// Writing requests of all contacts of a site.
    pub site: Rate,
    /// New conversations of one contact of a site.
    pub conversations: Rate,
}

impl Limits {
    /// Limits that are never reached, for tests.
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

    /// Counts one writing request. A rejected request does not use up the site's limit.
    pub(super) fn check(&self, site: SiteId, contact: ContactId) -> Result<(), WidgetError> {
        let status = self.readers.pass(&(site, contact)).and_then(|_| self.sites.pass(&site));
        status.map(|_| ()).map_err(|refused| WidgetError::TooManyRequests(refused.reset))
    }

    /// Counts one new conversation.
    pub(super) fn check_conversation(&self, site: SiteId, contact: ContactId) -> Result<(), WidgetError> {
        let status = self.conversations.pass(&(site, contact));
        status.map(|_| ()).map_err(|refused| WidgetError::TooManyRequests(refused.reset))
    }
}
