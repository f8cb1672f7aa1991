//! How often one may try a password: ten times a minute, per address and per account.
//!
//! A browser in which the account signed in before, and the address from which it did, have allowances of their own, as has whoever is
//! signed in: no stranger who keeps guessing keeps an owner out.
//!
//! Pages that Belfry fetches for an account are counted likewise: nobody uses it to bother others.
//!
//! A page for one who is not signed in keeps a session, so those are counted, too.

use super::error::ConsoleError;
use crate::{
    allowance::{Gate, Rate, Subscriber},
    domain::{AccountId, Digest},
};
use std::{hash::Hash, net::IpAddr, time::Duration};

const TRIES: Rate = Rate::new(10, Duration::from_secs(6));
/// New sessions of one address.
const SESSIONS: Rate = Rate::new(100, Duration::from_millis(200));

/// What is tried. Each kind counts apart: whoever makes an address up does not use up the tries of something else.
pub(super) enum Try<'a> {
    /// The password of whoever has this address.
    Password(&'a str),
    /// The second factor of this account.
    SecondFactor(AccountId),
    /// A code that nobody can guess and that is nobody's: only the caller is counted.
    Code,
    /// The password or the second factor of this account, by a browser that is known to be its owner's.
    Known(AccountOf<'a>, Digest),
    /// The same by one who is signed in.
    SignedIn(AccountId),
}

/// Whose password or second factor is tried.
#[derive(Clone, Copy)]
pub(super) enum AccountOf<'a> {
    Email(&'a str),
    Id(AccountId),
}

fn short(email: &str) -> String {
    email.trim().to_lowercase().chars().take(254).collect()
}

pub(super) struct Throttle {
    addresses: Gate<Subscriber>,
    accounts: Gate<String>,
    sessions: Gate<Subscriber>,
}

impl Throttle {
    pub(super) fn new() -> Self {
        Self { addresses: Gate::new("tries", TRIES), accounts: Gate::new("tries", TRIES), sessions: Gate::new("sessions", SESSIONS) }
    }

    /// Counts a try of this caller.
    pub(super) fn pass(&self, address: Option<IpAddr>, what: &Try<'_>) -> Result<(), ConsoleError> {
        let account = match what {
            Try::Known(AccountOf::Email(email), browser) => return pass(&self.accounts, &format!("password {} {}", short(email), browser.hex())),
            Try::Known(AccountOf::Id(account), browser) => return pass(&self.accounts, &format!("second factor {} {}", account.0, browser.hex())),
            Try::SignedIn(account) => return pass(&self.accounts, &format!("signed in {}", account.0)),
            Try::Password(email) => Some(format!("password {}", short(email))),
            Try::SecondFactor(account) => Some(format!("second factor {}", account.0)),
            Try::Code => None,
        };
        pass(&self.addresses, &Subscriber::of(address))?;
        let Some(account) = account else { return Ok(()) };
        pass(&self.accounts, &account)
    }

    /// Counts a page that is fetched for this account.
    pub(super) fn fetch(&self, account: AccountId) -> Result<(), ConsoleError> {
        pass(&self.accounts, &format!("page {}", account.0))
    }

    /// Counts a session of a stranger.
    pub(super) fn begin(&self, address: Option<IpAddr>) -> Result<(), ConsoleError> {
        pass(&self.sessions, &Subscriber::of(address))
    }
}

fn pass<K: Hash + Eq + Clone>(gate: &Gate<K>, caller: &K) -> Result<(), ConsoleError> {
    gate.pass(caller).map(|_| ()).map_err(|allowance| ConsoleError::TooMany(allowance.reset))
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
    fn no_stranger_uses_up_what_a_known_browser_has() {
        let throttle = Throttle::new();
        let from = |number: u8| Some(IpAddr::from([192, 0, 2, number]));
        for number in 0..100 {
            let _ = throttle.pass(from(number % 3), &Try::Password("owner@example.com"));
            let _ = throttle.pass(from(number % 3), &Try::SecondFactor(AccountId(1)));
        }
        assert!(throttle.pass(from(9), &Try::Password("owner@example.com")).is_err());
        let browser = Digest::of("cookie");
        // Not even from the address that the guesses come from.
        throttle.pass(from(1), &Try::Known(AccountOf::Email("Owner@example.com"), browser)).unwrap();
        throttle.pass(from(1), &Try::Known(AccountOf::Id(AccountId(1)), browser)).unwrap();
        throttle.pass(from(1), &Try::SignedIn(AccountId(1))).unwrap();
        // And it has an end of its own.
        let tries = (0..100).filter(|_| throttle.pass(from(9), &Try::Known(AccountOf::Email("owner@example.com"), browser)).is_ok()).count();
        assert!((9..20).contains(&tries), "{tries}");
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
