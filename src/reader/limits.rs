//! The allowances of this door: how much one reader may ask for, and how often an address may guess.

use super::ReaderError;
use crate::{
    allowance::{Gate, Rate, Subscriber},
    domain::{Family, SiteId},
};
use std::{hash::Hash, net::IpAddr, time::Duration};

/// The allowances of this door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of one family of tokens, or of one device.
    pub requests: Rate,
    /// Requests of all readers of a site.
    pub site: Rate,
    /// Requests without a valid proof, per address.
    pub failures: Rate,
}

impl Limits {
    /// Nobody reaches them.
    pub const fn plenty() -> Self {
        Self { requests: Rate::PLENTY, site: Rate::PLENTY, failures: Rate::PLENTY }
    }
}

impl Default for Limits {
    fn default() -> Self {
        // A page asks for the count each half a minute, and for some lists when it opens.
        Self {
            requests: Rate::new(60, Duration::from_millis(500)),
            site: Rate::new(50_000, Duration::from_micros(200)),
            failures: Rate::new(60, Duration::from_secs(1)),
        }
    }
}

/// The state of all allowances.
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

    /// Counts one request. A reader who is refused uses nothing of the site's.
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
