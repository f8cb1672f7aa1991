//! Rate limits of this API and their response headers.

use super::ApiError;
use crate::{
    domain::KeyId,
    rate_limit::{Allowance, Gate, Rate, Subscriber},
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::{hash::Hash, time::Duration};

/// Rate limits of this API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of any kind, per API key.
    pub requests: Rate,
    /// Token requests, per API key: they reveal whether a contact exists.
    pub tokens: Rate,
    /// Theme uploads, per API key: each takes some milliseconds of CPU time.
    pub uploads: Rate,
    /// Requests without a valid key, per address.
    pub failures: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: Rate::per_second(1_000),
            tokens: Rate::per_second(500),
            uploads: Rate::new(20, Duration::from_secs(2)),
            failures: Rate::new(30, Duration::from_secs(2)),
        }
    }
}

/// State of all rate limits.
pub(super) struct Limiter {
    requests: Gate<KeyId>,
    tokens: Gate<KeyId>,
    uploads: Gate<KeyId>,
    failures: Gate<Subscriber>,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            requests: Gate::new("requests", limits.requests),
            tokens: Gate::new("tokens", limits.tokens),
            uploads: Gate::new("uploads", limits.uploads),
            failures: Gate::new("failures", limits.failures),
        }
    }

    pub(super) fn request(&self, key: &KeyId) -> Result<Allowance, ApiError> {
        pass(&self.requests, key)
    }

    pub(super) fn token(&self, key: &KeyId) -> Result<Allowance, ApiError> {
        pass(&self.tokens, key)
    }

    pub(super) fn upload(&self, key: &KeyId) -> Result<Allowance, ApiError> {
        pass(&self.uploads, key)
    }

    pub(super) fn failure(&self, caller: Subscriber) -> Result<Allowance, ApiError> {
        pass(&self.failures, &caller)
    }
}

fn pass<K: Hash + Eq + Clone>(gate: &Gate<K>, caller: &K) -> Result<Allowance, ApiError> {
    gate.pass(caller).map_err(|allowance| ApiError::too_many(allowance.reset).counted(allowance))
}

/// Adds the headers of `draft-ietf-httpapi-ratelimit-headers-10`: `q` is the burst quota, refilled
/// within `w` seconds; `r` requests remain, and after `t` seconds the quota is full again (or, if
/// none remain, the next request is allowed).
pub(super) fn write(allowance: Allowance, headers: &mut HeaderMap) {
    let Allowance { name, quota, window, left, reset } = allowance;
    let lines = [("ratelimit-policy", format!("\"{name}\";q={quota};w={window}")), ("ratelimit", format!("\"{name}\";r={left};t={reset}"))];
    for (header, line) in lines {
        if let Ok(line) = HeaderValue::try_from(line) {
            headers.append(HeaderName::from_static(header), line);
        }
    }
}
