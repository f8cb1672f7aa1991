//! Rate limits of this API: requests per reader and per site, and failed authentications per
//! address.

use super::AppInboxError;
use belfry_app::rate_limit::{ClientPrefix, RateLimit, RateLimiter};
use belfry_domain::{SiteId, TokenFamily};
use std::{hash::Hash, net::IpAddr, time::Duration};

/// Rate limits of this API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Requests per token family, or per device.
    pub requests: RateLimit,
    /// Requests of all readers of a site.
    pub site: RateLimit,
    /// Requests without valid credentials, per address.
    pub failures: RateLimit,
}

impl RateLimits {
    /// Limits that are high enough never to apply.
    pub const fn unlimited() -> Self {
        Self { requests: RateLimit::PLENTY, site: RateLimit::PLENTY, failures: RateLimit::PLENTY }
    }
}

impl Default for RateLimits {
    fn default() -> Self {
        // A page requests the count every 30 seconds, and some lists when it opens.
        Self {
            requests: RateLimit::new(60, Duration::from_millis(500)),
            site: RateLimit::new(50_000, Duration::from_micros(200)),
            failures: RateLimit::new(60, Duration::from_secs(1)),
        }
    }
}

/// State of all rate limits.
pub(super) struct RateLimiters {
    requests: RateLimiter<TokenFamily>,
    sites: RateLimiter<SiteId>,
    failures: RateLimiter<ClientPrefix>,
}

impl RateLimiters {
    pub(super) fn new(limits: RateLimits) -> Self {
        Self {
            requests: RateLimiter::new("requests", limits.requests),
            sites: RateLimiter::new("site", limits.site),
            failures: RateLimiter::new("failures", limits.failures),
        }
    }

    /// Counts one request. A rejected reader does not count against the site's limit.
    pub(super) fn request(&self, site: SiteId, family: TokenFamily) -> Result<(), AppInboxError> {
        check(&self.requests, &family)?;
        check(&self.sites, &site)
    }

    pub(super) fn failure(&self, address: Option<IpAddr>) -> Result<(), AppInboxError> {
        check(&self.failures, &ClientPrefix::of(address))
    }
}

fn check<K: Hash + Eq + Clone>(gate: &RateLimiter<K>, caller: &K) -> Result<(), AppInboxError> {
    gate.check(caller).map(|_| ()).map_err(|rate_limit| AppInboxError::too_many(rate_limit.reset))
}
