//! Rate limits: bound how many requests one caller may send, so that no caller slows down another.
//!
//! Limits are held in memory, per process. They protect the machine; they are not usage accounting.
//! This module must not depend on HTTP: the surfaces choose the keys and word the error. Called by
//! the HTTP surfaces and the server.

use governor::{
    Quota, RateLimiter as KeyedLimiter,
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

/// A token bucket: `burst` requests at once, refilled by one every `interval`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    burst: NonZeroU32,
    interval: Duration,
}

impl RateLimit {
    /// Practically unlimited.
    pub const PLENTY: Self = Self::new(u32::MAX, Duration::from_nanos(1));

    /// At least one in a burst.
    pub const fn new(burst: u32, interval: Duration) -> Self {
        let burst = match NonZeroU32::new(burst) {
            Some(burst) => burst,
            None => NonZeroU32::MIN,
        };
        Self { burst, interval }
    }

    /// `count` requests a second on average (at least one), twice as many in a burst.
    pub const fn per_second(count: u32) -> Self {
        let count = if count == 0 { 1 } else { count };
        Self::new(count.saturating_mul(2), Duration::from_nanos(1_000_000_000 / count as u64))
    }

    fn quota(self) -> Quota {
        Quota::with_period(self.interval)
            .unwrap_or(Quota::per_second(NonZeroU32::MAX))
            .allow_burst(self.burst)
    }
}

/// The part of a peer's address that identifies one client: the whole address for IPv4, the /64
/// network for IPv6. All clients with an unknown address share one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientPrefix(Option<IpAddr>);

impl ClientPrefix {
    /// Converts IPv4-mapped IPv6 addresses to IPv4 first.
    pub fn of(address: Option<IpAddr>) -> Self {
        Self(address.map(|address| match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
            version_four @ IpAddr::V4(_) => version_four,
        }))
    }
}

/// The state of one caller's limit after a request; surfaces put it into response headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimitStatus {
    /// The name of the limit.
    pub name: &'static str,
    /// Burst size: requests available when nothing was used.
    pub quota: u32,
    /// Seconds until an empty bucket is full again.
    pub window: u64,
    /// Requests that remain.
    pub remaining: u32,
    /// Seconds until the bucket is full again; when the request was rejected, until the next one is
    /// accepted (then at least 1).
    pub reset: u64,
}

/// Limits requests of one kind by caller.
pub struct RateLimiter<K: Hash + Eq + Clone> {
    name: &'static str,
    rate: RateLimit,
    limiter: KeyedLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>,
    calls_since_cleanup: AtomicU32,
}

impl<K: Hash + Eq + Clone> RateLimiter<K> {
    /// A limiter without history.
    pub fn new(name: &'static str, rate: RateLimit) -> Self {
        Self {
            name,
            rate,
            limiter: KeyedLimiter::keyed(rate.quota()).with_middleware(),
            calls_since_cleanup: AtomicU32::new(0),
        }
    }

    /// Counts a request of this caller. Returns the state of its limit, as the error when the
    /// request exceeds it.
    pub fn check(&self, caller: &K) -> Result<RateLimitStatus, RateLimitStatus> {
        // Full buckets are dropped now and then; otherwise each address ever seen would stay in
        // memory.
        if self.calls_since_cleanup.fetch_add(1, Ordering::Relaxed) % 4_096 == 4_095 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        match self.limiter.check_key(caller) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                Ok(self.status(
                    left,
                    self.rate.interval.saturating_mul(self.rate.burst.get().saturating_sub(left)),
                ))
            }
            Err(rejection) => {
                let wait = rejection.wait_time_from(DefaultClock::default().now());
                Err(self.status(0, wait.max(Duration::from_nanos(1))))
            }
        }
    }

    fn status(&self, remaining: u32, reset: Duration) -> RateLimitStatus {
        let window = whole_seconds(self.rate.interval.saturating_mul(self.rate.burst.get())).max(1);
        RateLimitStatus {
            name: self.name,
            quota: self.rate.burst.get(),
            window,
            remaining,
            reset: whole_seconds(reset),
        }
    }
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscriber(address: &str) -> ClientPrefix {
        ClientPrefix::of(Some(address.parse().unwrap()))
    }

    #[test]
    fn client_prefix_is_ipv4_address_or_ipv6_network() {
        assert_eq!(subscriber("2001:db8:0:7::1"), subscriber("2001:db8:0:7:ffff::2"));
        assert_ne!(subscriber("2001:db8:0:7::1"), subscriber("2001:db8:0:8::1"));
        assert_ne!(subscriber("192.0.2.1"), subscriber("192.0.2.2"));
        assert_eq!(subscriber("::ffff:192.0.2.1"), subscriber("192.0.2.1"));
    }

    #[test]
    fn callers_are_limited_separately() {
        let gate = RateLimiter::new("failures", RateLimit::new(2, Duration::from_hours(1)));
        let (first, other) = (subscriber("192.0.2.1"), subscriber("192.0.2.2"));
        assert_eq!(gate.check(&first).unwrap().remaining, 1);
        assert_eq!(gate.check(&first).unwrap().remaining, 0);
        let rejection = gate.check(&first).unwrap_err();
        assert!((3_590..=3_600).contains(&rejection.reset), "{rejection:?}");
        assert!(gate.check(&other).is_ok());
    }

    #[test]
    fn full_buckets_are_dropped() {
        let gate = RateLimiter::new("failures", RateLimit::new(1, Duration::from_nanos(1)));
        for number in 0..8_192_u32 {
            assert!(gate.check(&number).is_ok());
        }
        assert!(gate.limiter.len() < 4_096, "{}", gate.limiter.len());
    }
}
