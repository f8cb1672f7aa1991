//! How much one caller may ask for, so that no caller spoils it for another.
//!
//! Allowances are kept in memory, per process: they protect the machine, they are not an account of use. Must not know what is asked
//! for, nor how a refusal is worded: the doors do.

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
    /// Nobody uses it up.
    pub const PLENTY: Self = Self::new(u32::MAX, Duration::from_nanos(1));

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

/// The part of a peer's address that counts as one caller: one subscriber has an address of IPv4, and a whole /64 of IPv6. All whose
/// address is not known are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subscriber(Option<IpAddr>);

impl Subscriber {
    /// Whoever has this address.
    pub fn of(address: Option<IpAddr>) -> Self {
        Self(address.map(|address| match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
            version_four @ IpAddr::V4(_) => version_four,
        }))
    }
}

/// What is left to one caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// What is counted.
    pub name: &'static str,
    /// How many at once, with nothing used.
    pub quota: u32,
    /// After so many seconds all of them are back.
    pub window: u64,
    /// How many are left.
    pub left: u32,
    /// Seconds until those that were used are back; with nothing left, until the first of them is. At least one where one has to wait.
    pub reset: u64,
}

/// Counts the callers of one kind of request.
pub struct Gate<K: Hash + Eq + Clone> {
    name: &'static str,
    rate: Rate,
    limiter: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>,
    passes: AtomicU32,
}

impl<K: Hash + Eq + Clone> Gate<K> {
    /// A gate that has seen nobody.
    pub fn new(name: &'static str, rate: Rate) -> Self {
        Self { name, rate, limiter: RateLimiter::keyed(rate.quota()).with_middleware(), passes: AtomicU32::new(0) }
    }

    /// Counts a request of this caller. Gives what is left to it, also as the error when nothing was.
    pub fn pass(&self, caller: &K) -> Result<Allowance, Allowance> {
        // Callers with a full allowance are forgotten now and then; otherwise each address ever seen would stay in memory.
        if self.passes.fetch_add(1, Ordering::Relaxed) % 4_096 == 4_095 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        match self.limiter.check_key(caller) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                Ok(self.allowance(left, self.rate.every.saturating_mul(self.rate.burst.get().saturating_sub(left))))
            }
            Err(refusal) => {
                let wait = refusal.wait_time_from(DefaultClock::default().now());
                Err(self.allowance(0, wait.max(Duration::from_nanos(1))))
            }
        }
    }

    fn allowance(&self, left: u32, reset: Duration) -> Allowance {
        let window = whole_seconds(self.rate.every.saturating_mul(self.rate.burst.get())).max(1);
        Allowance { name: self.name, quota: self.rate.burst.get(), window, left, reset: whole_seconds(reset) }
    }
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscriber(address: &str) -> Subscriber {
        Subscriber::of(Some(address.parse().unwrap()))
    }

    #[test]
    fn a_subscriber_is_one_address_in_version_four_and_one_network_in_version_six() {
        assert_eq!(subscriber("2001:db8:0:7::1"), subscriber("2001:db8:0:7:ffff::2"));
        assert_ne!(subscriber("2001:db8:0:7::1"), subscriber("2001:db8:0:8::1"));
        assert_ne!(subscriber("192.0.2.1"), subscriber("192.0.2.2"));
        assert_eq!(subscriber("::ffff:192.0.2.1"), subscriber("192.0.2.1"));
    }

    #[test]
    fn one_callers_allowance_is_not_anothers() {
        let gate = Gate::new("failures", Rate::new(2, Duration::from_hours(1)));
        let (first, other) = (subscriber("192.0.2.1"), subscriber("192.0.2.2"));
        assert_eq!(gate.pass(&first).unwrap().left, 1);
        assert_eq!(gate.pass(&first).unwrap().left, 0);
        let refusal = gate.pass(&first).unwrap_err();
        assert!((3_590..=3_600).contains(&refusal.reset), "{refusal:?}");
        assert!(gate.pass(&other).is_ok());
    }

    #[test]
    fn callers_with_a_full_allowance_are_forgotten() {
        let gate = Gate::new("failures", Rate::new(1, Duration::from_nanos(1)));
        for number in 0..8_192_u32 {
            assert!(gate.pass(&number).is_ok());
        }
        assert!(gate.limiter.len() < 4_096, "{}", gate.limiter.len());
    }
}
