//! Rate limits of this API and their response headers.

use super::ApiError;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use belfry_app::rate_limit::{ClientPrefix, RateLimit, RateLimitStatus, RateLimiter};
use belfry_domain::KeyId;
use std::{hash::Hash, time::Duration};

/// Rate limits of this API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Requests of any kind, per API key.
    pub requests: RateLimit,
    /// Token requests, per API key: they reveal whether a contact exists.
    pub tokens: RateLimit,
    /// Theme uploads, per API key: each takes some milliseconds of CPU time.
    pub uploads: RateLimit,
    /// Requests without a valid key, per address.
    pub failures: RateLimit,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            requests: RateLimit::per_second(1_000),
            tokens: RateLimit::per_second(500),
            uploads: RateLimit::new(20, Duration::from_secs(2)),
            failures: RateLimit::new(30, Duration::from_secs(2)),
        }
    }
}

/// State of all rate limits.
pub(super) struct RateLimiters {
    requests: RateLimiter<KeyId>,
    tokens: RateLimiter<KeyId>,
    uploads: RateLimiter<KeyId>,
    failures: RateLimiter<ClientPrefix>,
}

impl RateLimiters {
    pub(super) fn new(limits: RateLimits) -> Self {
        Self {
            requests: RateLimiter::new("requests", limits.requests),
            tokens: RateLimiter::new("tokens", limits.tokens),
            uploads: RateLimiter::new("uploads", limits.uploads),
            failures: RateLimiter::new("failures", limits.failures),
        }
    }

    pub(super) fn request(&self, key: &KeyId) -> Result<RateLimitStatus, ApiError> {
        check(&self.requests, key)
    }

    pub(super) fn token(&self, key: &KeyId) -> Result<RateLimitStatus, ApiError> {
        check(&self.tokens, key)
    }

    pub(super) fn upload(&self, key: &KeyId) -> Result<RateLimitStatus, ApiError> {
        check(&self.uploads, key)
    }

    pub(super) fn failure(&self, caller: ClientPrefix) -> Result<RateLimitStatus, ApiError> {
        check(&self.failures, &caller)
    }
}

fn check<K: Hash + Eq + Clone>(
    gate: &RateLimiter<K>,
    caller: &K,
) -> Result<RateLimitStatus, ApiError> {
    gate.check(caller)
        .map_err(|rate_limit| ApiError::too_many(rate_limit.reset).with_rate_limit(rate_limit))
}

/// Adds the headers of `draft-ietf-httpapi-ratelimit-headers-10`: `q` is the burst quota, refilled
/// within `w` seconds; `r` requests remain, and after `t` seconds the quota is full again (or, if
/// none remain, the next request is allowed).
pub(super) fn write_headers(rate_limit: RateLimitStatus, headers: &mut HeaderMap) {
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
