//! How much one caller may ask for, so that no caller spoils it for another.
//!
//! Allowances are kept in memory, per process: they protect the machine, they are not an account of use.

use super::ApiError;
use crate::domain::KeyId;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
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
            requests: Gate::new(limits.requests),
            tokens: Gate::new(limits.tokens),
            uploads: Gate::new(limits.uploads),
            failures: Gate::new(limits.failures),
        }
    }

    pub(super) fn request(&self, key: &KeyId) -> Result<(), ApiError> {
        self.requests.pass(key)
    }

    pub(super) fn token(&self, key: &KeyId) -> Result<(), ApiError> {
        self.tokens.pass(key)
    }

    pub(super) fn upload(&self, key: &KeyId) -> Result<(), ApiError> {
        self.uploads.pass(key)
    }

    pub(super) fn failure(&self, caller: Caller) -> Result<(), ApiError> {
        self.failures.pass(&caller)
    }
}

struct Gate<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    passes: AtomicU32,
}

impl<K: Hash + Eq + Clone> Gate<K> {
    fn new(rate: Rate) -> Self {
        Self { limiter: RateLimiter::keyed(rate.quota()), passes: AtomicU32::new(0) }
    }

    fn pass(&self, key: &K) -> Result<(), ApiError> {
        // Keys with a full allowance are forgotten now and then; otherwise each address ever seen would stay in memory.
        if self.passes.fetch_add(1, Ordering::Relaxed) % 4_096 == 4_095 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(key).map_err(|refusal| {
            let wait = refusal.wait_time_from(DefaultClock::default().now());
            ApiError::too_many(wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)))
        })
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
