//! Rate limits of writing requests, per reader and per site. Must not depend on what is written.
//!
//! A person does a few things per second at most, and a page marks a few dozen messages at once. A
//! script in a loop receives 429 and retries. Reads are not limited: they are mostly answered from
//! memory and block nobody.

use super::error::WidgetError;
use belfry_app::rate_limit::{RateLimit, RateLimiter};
use belfry_domain::{ContactId, ReaderKey, SiteId};
use std::time::Duration;

/// The rate limits of the widget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Writing requests of one contact of a site, including token exchanges.
    pub reader: RateLimit,
    /// Writing requests of all contacts of a site.
    pub site: RateLimit,
    /// New conversations of one contact of a site.
    pub conversations: RateLimit,
}

impl Limits {
    /// Limits that are never reached, for tests.
    pub const fn unlimited() -> Self {
        Self {
            reader: RateLimit::PLENTY,
            site: RateLimit::PLENTY,
            conversations: RateLimit::PLENTY,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            reader: RateLimit::new(100, Duration::from_millis(100)),
            site: RateLimit::new(50_000, Duration::from_micros(200)),
            conversations: RateLimit::new(20, Duration::from_mins(3)),
        }
    }
}

/// The state of the rate limits.
pub(super) struct WidgetLimiter {
    readers: RateLimiter<ReaderKey>,
    sites: RateLimiter<SiteId>,
    conversations: RateLimiter<ReaderKey>,
}

impl WidgetLimiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            readers: RateLimiter::new("reader", limits.reader),
            sites: RateLimiter::new("site", limits.site),
            conversations: RateLimiter::new("new conversations of a reader", limits.conversations),
        }
    }

    /// Counts one writing request. A rejected request does not use up the site's limit.
    pub(super) fn check(&self, site: SiteId, contact: ContactId) -> Result<(), WidgetError> {
        let status =
            self.readers.check(&ReaderKey { site, contact }).and_then(|_| self.sites.check(&site));
        status.map(|_| ()).map_err(|refused| WidgetError::TooManyRequests(refused.reset))
    }

    /// Counts one new conversation.
    pub(super) fn check_conversation(
        &self,
        site: SiteId,
        contact: ContactId,
    ) -> Result<(), WidgetError> {
        let status = self.conversations.check(&ReaderKey { site, contact });
        status.map(|_| ()).map_err(|refused| WidgetError::TooManyRequests(refused.reset))
    }
}
