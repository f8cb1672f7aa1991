//! The rate limits of this API, and the headers that report them.

use super::error::ApplicationError;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use belfry_app::rate_limit::{ClientPrefix, RateLimit, RateLimitStatus, RateLimiter};
use belfry_domain::{SiteId, channel::AgentId};
use std::{hash::Hash, time::Duration};

/// The rate limits of this API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of any kind, per agent.
    pub requests: RateLimit,
    /// Searches of contacts, per site.
    pub searches: RateLimit,
    /// Requests without a valid token, per address.
    pub failures: RateLimit,
}

impl Limits {
    /// Limits that no client reaches; for tests and benchmarks.
    pub const fn unlimited() -> Self {
        Self {
            requests: RateLimit::PLENTY,
            searches: RateLimit::PLENTY,
            failures: RateLimit::PLENTY,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: RateLimit::per_second(200),
            // The limit that clients of existing products expect: 100 in a minute.
            searches: RateLimit::new(100, Duration::from_millis(600)),
            failures: RateLimit::new(30, Duration::from_secs(2)),
        }
    }
}

/// The state of all rate limits.
pub(super) struct Limiter {
    requests: RateLimiter<AgentId>,
    searches: RateLimiter<SiteId>,
    failures: RateLimiter<ClientPrefix>,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            requests: RateLimiter::new("requests", limits.requests),
            searches: RateLimiter::new("searches", limits.searches),
            failures: RateLimiter::new("failures", limits.failures),
        }
    }

    pub(super) fn request(&self, agent: AgentId) -> Result<RateLimitStatus, ApplicationError> {
        check(&self.requests, &agent)
    }

    pub(super) fn search(&self, site: SiteId) -> Result<RateLimitStatus, ApplicationError> {
        check(&self.searches, &site)
    }

    pub(super) fn failure(
        &self,
        caller: ClientPrefix,
    ) -> Result<RateLimitStatus, ApplicationError> {
        check(&self.failures, &caller)
    }
}

fn check<K: Hash + Eq + Clone>(
    gate: &RateLimiter<K>,
    caller: &K,
) -> Result<RateLimitStatus, ApplicationError> {
    gate.check(caller).map_err(|rate_limit| {
        ApplicationError::too_many(rate_limit.reset).with_rate_limit(rate_limit)
    })
}

/// Adds the rate limit headers of `draft-ietf-httpapi-ratelimit-headers-10`.
pub(super) fn write(rate_limit: RateLimitStatus, headers: &mut HeaderMap) {
    let RateLimitStatus { name, quota, window, remaining, reset } = rate_limit;
    let lines = [
        ("ratelimit-policy", format!("\"{name}\";q={quota};w={window}")),
        ("ratelimit", format!("\"{name}\";r={remaining};t={reset}")),
    ];
    for (header, line) in lines {
        if let Ok(line) = HeaderValue::try_from(line) {
            headers.append(HeaderName::from_static(header), line);
        }
    }
}
