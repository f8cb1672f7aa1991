//! How often one may try a password: ten times a minute, per address and per account. Nobody is locked out for good.

use super::error::ConsoleError;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

const TRIES: NonZeroU32 = NonZeroU32::new(10).unwrap();

pub(super) struct Throttle {
    addresses: DefaultKeyedRateLimiter<Option<IpAddr>>,
    accounts: DefaultKeyedRateLimiter<String>,
    tries: AtomicU32,
    clock: DefaultClock,
}

impl Throttle {
    pub(super) fn new() -> Self {
        let quota = Quota::per_minute(TRIES);
        Self { addresses: RateLimiter::keyed(quota), accounts: RateLimiter::keyed(quota), tries: AtomicU32::new(0), clock: DefaultClock::default() }
    }

    /// Counts a try of this caller at this account.
    pub(super) fn pass(&self, address: Option<IpAddr>, account: &str) -> Result<(), ConsoleError> {
        if self.tries.fetch_add(1, Ordering::Relaxed) % 1_024 == 1_023 {
            self.addresses.retain_recent();
            self.accounts.retain_recent();
        }
        // One subscriber has a whole /64 of IPv6.
        let address = address.map(|address| match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
            version_four @ IpAddr::V4(_) => version_four,
        });
        let account: String = account.trim().to_lowercase().chars().take(254).collect();
        let now = self.clock.now();
        let wait = |until: governor::NotUntil<_>| ConsoleError::TooMany(until.wait_time_from(now).as_secs() + 1);
        self.addresses.check_key(&address).map_err(wait)?;
        self.accounts.check_key(&account).map_err(wait)
    }
}
