//! How much one reader may ask for, and how often an address may guess. Kept in memory, per process: it protects the machine.

use super::ReaderError;
use crate::domain::Family;
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

/// The allowances of this door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of one family of tokens, or of one device: so many at once, and one more each so often.
    pub requests: (NonZeroU32, Duration),
    /// Requests without a valid proof, per address (IPv6: per /64, since that is what one subscriber has).
    pub failures: (NonZeroU32, Duration),
}

impl Limits {
    /// Nobody reaches them.
    pub const fn plenty() -> Self {
        let rate = (NonZeroU32::MAX, Duration::from_nanos(1));
        Self { requests: rate, failures: rate }
    }
}

impl Default for Limits {
    fn default() -> Self {
        // A page asks for the count each half a minute, and for some lists when it opens.
        let burst = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        Self { requests: (burst(60), Duration::from_millis(500)), failures: (burst(60), Duration::from_secs(1)) }
    }
}

/// The state of all allowances.
pub(super) struct Limiter {
    requests: Gate<Family>,
    failures: Gate<Option<IpAddr>>,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self { requests: Gate::new(limits.requests), failures: Gate::new(limits.failures) }
    }

    pub(super) fn request(&self, family: Family) -> Result<(), ReaderError> {
        self.requests.pass(&family)
    }

    pub(super) fn failure(&self, address: Option<IpAddr>) -> Result<(), ReaderError> {
        self.failures.pass(&address.map(subscriber))
    }
}

fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        version_four @ IpAddr::V4(_) => version_four,
    }
}

struct Gate<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    passes: AtomicU32,
}

impl<K: Hash + Eq + Clone> Gate<K> {
    fn new((burst, every): (NonZeroU32, Duration)) -> Self {
        let quota = Quota::with_period(every).unwrap_or(Quota::per_second(NonZeroU32::MAX)).allow_burst(burst);
        Self { limiter: RateLimiter::keyed(quota), passes: AtomicU32::new(0) }
    }

    fn pass(&self, key: &K) -> Result<(), ReaderError> {
        // Those with a full allowance are forgotten now and then; otherwise each that was ever seen would stay in memory.
        if self.passes.fetch_add(1, Ordering::Relaxed) % 4_096 == 4_095 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(key).map_err(|refusal| {
            let wait = refusal.wait_time_from(DefaultClock::default().now());
            ReaderError::too_many(wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_is_one_address_in_version_four_and_one_network_in_version_six() {
        let of = |address: &str| subscriber(address.parse().unwrap());
        assert_eq!(of("2001:db8:0:7::1"), of("2001:db8:0:7:ffff::2"));
        assert_ne!(of("2001:db8:0:7::1"), of("2001:db8:0:8::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.2"), of("192.0.2.1"));
    }
}
