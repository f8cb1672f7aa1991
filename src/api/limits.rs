//! How much one caller may ask for, so that no caller spoils it for another.
//!
//! Allowances are kept in memory, per process: they protect the machine, they are not an account of use.

use super::ApiError;
use crate::domain::KeyId;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DefaultKeyedStateStore,
};
use std::{
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// An allowance: `burst` at once, and one more each `every`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    burst: NonZeroU32,
    every: Duration,
}

impl Rate {
    /// `burst` at once (at least one), and one more each `every`.
    pub const fn new(burst: u32, every: Duration) -> Self {
        let burst = match NonZeroU32::new(burst) {
            Some(burst) => burst,
            None => NonZeroU32::MIN,
        };
        Self { burst, every }
    }

    /// So many in each second, and twice as many at once.
    pub const fn per_second(count: u32) -> Self {
        let count = if count == 0 { 1 } else { count };
        Self::new(count.saturating_mul(2), Duration::from_nanos(1_000_000_000 / count as u64))
    }

    fn quota(self) -> Quota {
        Quota::with_period(self.every).unwrap_or(Quota::per_second(NonZeroU32::MAX)).allow_burst(self.burst)
    }
}

/// The allowances of this door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of any kind, per API key.
    pub requests: Rate,
    /// Token calls, per API key: they tell whether a contact exists.
    pub tokens: Rate,
    /// Uploads of themes, per API key: each takes a core for some milliseconds.
    pub uploads: Rate,
    /// Requests without a valid key, per address (IPv6: per /64, since that is what one subscriber has).
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

/// The part of a peer's address that is counted as one caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Caller(Option<IpAddr>);

impl Caller {
    pub(super) fn new(address: Option<IpAddr>) -> Self {
        Self(address.map(|address| match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
            version_four @ IpAddr::V4(_) => version_four,
        }))
    }
}

/// The state of all allowances.
pub(super) struct Limiter {
    requests: Gate<KeyId>,
    tokens: Gate<KeyId>,
    uploads: Gate<KeyId>,
    failures: Gate<Caller>,
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
        self.requests.pass(key)
    }

    pub(super) fn token(&self, key: &KeyId) -> Result<Allowance, ApiError> {
        self.tokens.pass(key)
    }

    pub(super) fn upload(&self, key: &KeyId) -> Result<Allowance, ApiError> {
        self.uploads.pass(key)
    }

    pub(super) fn failure(&self, caller: Caller) -> Result<Allowance, ApiError> {
        self.failures.pass(&caller)
    }
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0))
}

/// What is left to one caller, as `draft-ietf-httpapi-ratelimit-headers-10` writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    name: &'static str,
    quota: u32,
    window: u64,
    left: u32,
    reset: u64,
}

impl Allowance {
    /// Adds it to the headers of an answer: `q` at once, all of them back after `w` seconds; `r` are left, and after `t` seconds
    /// (with nothing left: the first of them) they are back.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        let Self { name, quota, window, left, reset } = self;
        let lines = [("ratelimit-policy", format!("\"{name}\";q={quota};w={window}")), ("ratelimit", format!("\"{name}\";r={left};t={reset}"))];
        for (header, line) in lines {
            if let Ok(line) = HeaderValue::try_from(line) {
                headers.append(HeaderName::from_static(header), line);
            }
        }
    }
}

struct Gate<K: Hash + Eq + Clone> {
    name: &'static str,
    rate: Rate,
    limiter: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>,
    passes: AtomicU32,
}

impl<K: Hash + Eq + Clone> Gate<K> {
    fn new(name: &'static str, rate: Rate) -> Self {
        Self { name, rate, limiter: RateLimiter::keyed(rate.quota()).with_middleware(), passes: AtomicU32::new(0) }
    }

    fn allowance(&self, left: u32, reset: Duration) -> Allowance {
        let window = whole_seconds(self.rate.every.saturating_mul(self.rate.burst.get())).max(1);
        Allowance { name: self.name, quota: self.rate.burst.get(), window, left, reset: whole_seconds(reset) }
    }

    fn pass(&self, key: &K) -> Result<Allowance, ApiError> {
        // Keys with a full allowance are forgotten now and then; otherwise each address ever seen would stay in memory.
        if self.passes.fetch_add(1, Ordering::Relaxed) % 4_096 == 4_095 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        match self.limiter.check_key(key) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                Ok(self.allowance(left, self.rate.every.saturating_mul(self.rate.burst.get().saturating_sub(left))))
            }
            Err(refusal) => {
                let wait = refusal.wait_time_from(DefaultClock::default().now());
                Err(ApiError::too_many(whole_seconds(wait)).counted(self.allowance(0, wait)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(address: &str) -> Caller {
        Caller::new(Some(address.parse().unwrap()))
    }

    #[test]
    fn a_subscriber_is_one_address_in_version_four_and_one_network_in_version_six() {
        assert_eq!(caller("2001:db8:0:7::1"), caller("2001:db8:0:7:ffff::2"));
        assert_ne!(caller("2001:db8:0:7::1"), caller("2001:db8:0:8::1"));
        assert_ne!(caller("192.0.2.1"), caller("192.0.2.2"));
        assert_eq!(caller("::ffff:192.0.2.1"), caller("192.0.2.1"));
    }

    #[test]
    fn one_callers_allowance_is_not_anothers() {
        let limiter = Limiter::new(Limits { failures: Rate::new(2, Duration::from_hours(1)), ..Limits::default() });
        assert!(limiter.failure(caller("192.0.2.1")).is_ok());
        assert!(limiter.failure(caller("192.0.2.1")).is_ok());
        assert!(limiter.failure(caller("192.0.2.1")).is_err());
        assert!(limiter.failure(caller("192.0.2.2")).is_ok());
    }

    #[test]
    fn callers_with_a_full_allowance_are_forgotten() {
        let limiter = Limiter::new(Limits { failures: Rate::new(1, Duration::from_nanos(1)), ..Limits::default() });
        for number in 0..8_192_u32 {
            assert!(limiter.failure(Caller::new(Some(std::net::Ipv4Addr::from(number).into()))).is_ok());
        }
        assert!(limiter.failures.limiter.len() < 4_096, "{}", limiter.failures.limiter.len());
    }
}
