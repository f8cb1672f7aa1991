//! How often one may try a password: ten times a minute, per address and per account. Nobody is locked out for good.
//!
//! Pages that Belfry fetches for an account are counted likewise: nobody uses it to bother others.
//!
//! A page for one who is not signed in keeps a session, so those are counted, too.

use super::error::ConsoleError;
use crate::domain::AccountId;
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
/// New sessions of one address: so many a second, and so many at once.
const SESSIONS: (NonZeroU32, NonZeroU32) = (NonZeroU32::new(5).unwrap(), NonZeroU32::new(100).unwrap());

/// What is tried. Each kind counts apart: whoever makes an address up does not use up the tries of something else.
pub(super) enum Try<'a> {
    /// The password of whoever has this address.
    Password(&'a str),
    /// The second factor of this account.
    SecondFactor(AccountId),
    /// A code that nobody can guess and that is nobody's: only the caller is counted.
    Code,
}

pub(super) struct Throttle {
    addresses: DefaultKeyedRateLimiter<Option<IpAddr>>,
    accounts: DefaultKeyedRateLimiter<String>,
    sessions: DefaultKeyedRateLimiter<Option<IpAddr>>,
    passes: AtomicU32,
    clock: DefaultClock,
}

impl Throttle {
    pub(super) fn new() -> Self {
        let (quota, (rate, burst)) = (Quota::per_minute(TRIES), SESSIONS);
        Self {
            addresses: RateLimiter::keyed(quota),
            accounts: RateLimiter::keyed(quota),
            sessions: RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst)),
            passes: AtomicU32::new(0),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a try of this caller.
    pub(super) fn pass(&self, address: Option<IpAddr>, what: &Try<'_>) -> Result<(), ConsoleError> {
        self.tidy();
        self.addresses.check_key(&subscriber(address)).map_err(|until| self.wait(&until))?;
        let account = match what {
            Try::Password(email) => format!("password {}", email.trim().to_lowercase().chars().take(254).collect::<String>()),
            Try::SecondFactor(account) => format!("second factor {}", account.0),
            Try::Code => return Ok(()),
        };
        self.accounts.check_key(&account).map_err(|until| self.wait(&until))
    }

    /// Counts a page that is fetched for this account.
    pub(super) fn fetch(&self, account: AccountId) -> Result<(), ConsoleError> {
        self.tidy();
        self.accounts.check_key(&format!("page {}", account.0)).map_err(|until| self.wait(&until))
    }

    /// Counts a session of a stranger.
    pub(super) fn begin(&self, address: Option<IpAddr>) -> Result<(), ConsoleError> {
        self.tidy();
        self.sessions.check_key(&subscriber(address)).map_err(|until| self.wait(&until))
    }

    /// Those with a full allowance are forgotten now and then.
    fn tidy(&self) {
        if self.passes.fetch_add(1, Ordering::Relaxed) % 1_024 == 1_023 {
            self.addresses.retain_recent();
            self.accounts.retain_recent();
            self.sessions.retain_recent();
        }
    }

    fn wait(&self, until: &governor::NotUntil<<DefaultClock as governor::clock::Clock>::Instant>) -> ConsoleError {
        ConsoleError::TooMany(until.wait_time_from(self.clock.now()).as_secs() + 1)
    }
}

/// One subscriber has a whole /64 of IPv6.
fn subscriber(address: Option<IpAddr>) -> Option<IpAddr> {
    address.map(|address| match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        version_four @ IpAddr::V4(_) => version_four,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_made_up_uses_up_nothing_of_another_kind() {
        let throttle = Throttle::new();
        let from = |number: u8| Some(IpAddr::from([192, 0, 2, number]));
        for number in 0..10 {
            throttle.pass(from(number), &Try::Password("second factor 1")).unwrap();
            throttle.pass(from(number), &Try::Code).unwrap();
        }
        assert!(throttle.pass(from(20), &Try::Password(" Second Factor 1")).is_err());
        throttle.pass(from(21), &Try::SecondFactor(AccountId(1))).unwrap();
        throttle.pass(from(22), &Try::Code).unwrap();
    }

    #[test]
    fn a_stranger_fills_no_disk_with_sessions() {
        let throttle = Throttle::new();
        let network = |number: u16| Some(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, number]));
        let begun = (0..1_000).filter(|number| throttle.begin(network(*number)).is_ok()).count();
        assert!((100..300).contains(&begun), "{begun}");
        throttle.begin(Some(IpAddr::from([192, 0, 2, 1]))).unwrap();
    }
}
