//! Rate limits of this API: requests per reader and per site, and failed authentications per
//! address.

use super::ReaderError;
use crate::{
    domain::{Family, SiteId},
    rate_limit::{Gate, Rate, Subscriber},
};
use std::{hash::Hash, net::IpAddr, time::Duration};

/// Rate limits of this API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests per token family, or per device.
    pub requests: Rate,
    /// Requests of all readers of a site.
    pub site: Rate,
    /// Requests without valid credentials, per address.
    pub failures: Rate,
}

impl Limits {
    /// Limits that are high enough never to apply.
    pub const fn plenty() -> Self {
        Self { requests: Rate::PLENTY, site: Rate::PLENTY, failures: Rate::PLENTY }
    }
}

impl Default for Limits {
    fn default() -> Self {
        // A page requests the count every 30 seconds, and some lists when it opens.
        Self {
            requests: Rate::new(60, Duration::from_millis(500)),
            site: Rate::new(50_000, Duration::from_micros(200)),
            failures: Rate::new(60, Duration::from_secs(1)),
        }
    }
}

/// State of all rate limits.
pub(super) struct Limiter {
    requests: Gate<Family>,
    sites: Gate<SiteId>,
    failures: Gate<Subscriber>,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            requests: Gate::new("requests", limits.requests),
            sites: Gate::new("site", limits.site),
            failures: Gate::new("failures", limits.failures),
        }
    }

    /// Counts one request. A rejected reader does not count against the site's limit.
    pub(super) fn request(&self, site: SiteId, family: Family) -> Result<(), ReaderError> {
        pass(&self.requests, &family)?;
        pass(&self.sites, &site)
    }

    pub(super) fn failure(&self, address: Option<IpAddr>) -> Result<(), ReaderError> {
        pass(&self.failures, &Subscriber::of(address))
    }
}

fn pass<K: Hash + Eq + Clone>(gate: &Gate<K>, caller: &K) -> Result<(), ReaderError> {
    gate.pass(caller).map(|_| ()).map_err(|allowance| ReaderError::too_many(allowance.reset))
}
