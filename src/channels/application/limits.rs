//! The rate limits of this API, and the headers that report them.

use super::error::ApplicationError;
use crate::{
    domain::{SiteId, channel::AgentId},
    rate_limit::{Allowance, Gate, Rate, Subscriber},
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::{hash::Hash, time::Duration};

/// The rate limits of this API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of any kind, per agent.
    pub requests: Rate,
    /// Searches of contacts, per site.
    pub searches: Rate,
    /// Requests without a valid token, per address.
    pub failures: Rate,
}

impl Limits {
    /// Limits that no client reaches; for tests and benchmarks.
    pub const fn plenty() -> Self {
        Self { requests: Rate::PLENTY, searches: Rate::PLENTY, failures: Rate::PLENTY }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: Rate::per_second(200),
            // The limit that clients of existing products expect: 100 in a minute.
            searches: Rate::new(100, Duration::from_millis(600)),
            failures: Rate::new(30, Duration::from_secs(2)),
        }
    }
}

/// The state of all rate limits.
pub(super) struct Limiter {
    requests: Gate<AgentId>,
    searches: Gate<SiteId>,
    failures: Gate<Subscriber>,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            requests: Gate::new("requests", limits.requests),
            searches: Gate::new("searches", limits.searches),
            failures: Gate::new("failures", limits.failures),
        }
    }

    pub(super) fn request(&self, agent: AgentId) -> Result<Allowance, ApplicationError> {
        pass(&self.requests, &agent)
    }

    pub(super) fn search(&self, site: SiteId) -> Result<Allowance, ApplicationError> {
        pass(&self.searches, &site)
    }

    pub(super) fn failure(&self, caller: Subscriber) -> Result<Allowance, ApplicationError> {
        pass(&self.failures, &caller)
    }
}

fn pass<K: Hash + Eq + Clone>(gate: &Gate<K>, caller: &K) -> Result<Allowance, ApplicationError> {
    gate.pass(caller).map_err(|allowance| ApplicationError::too_many(allowance.reset).counted(allowance))
}

/// Adds the rate limit headers of `draft-ietf-httpapi-ratelimit-headers-10`.
pub(super) fn write(allowance: Allowance, headers: &mut HeaderMap) {
    let Allowance { name, quota, window, left, reset } = allowance;
    let lines = [("ratelimit-policy", format!("\"{name}\";q={quota};w={window}")), ("ratelimit", format!("\"{name}\";r={left};t={reset}"))];
    for (header, line) in lines {
        if let Ok(line) = HeaderValue::try_from(line) {
            headers.append(HeaderName::from_static(header), line);
        }
    }
}
