//! How often one may try a password: ten times a minute, per address and per account. Nobody is locked out for good.
//!
//! Pages that Belfry fetches for an account are counted likewise: nobody uses it to bother others.
//!
//! A page for one who is not signed in keeps a session, so those are counted, too.

use super::error::ConsoleError;
use crate::{
    allowance::{Gate, Rate, Subscriber},
    domain::AccountId,
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
        pass(&self.addresses, &Subscriber::of(address))?;
        let account = match what {
            Try::Password(email) => format!("password {}", email.trim().to_lowercase().chars().take(254).collect::<String>()),
            Try::SecondFactor(account) => format!("second factor {}", account.0),
            Try::Code => return Ok(()),
        };
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
    fn a_stranger_fills_no_disk_with_sessions() {
        let throttle = Throttle::new();
        let network = |number: u16| Some(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, number]));
        let begun = (0..1_000).filter(|number| throttle.begin(network(*number)).is_ok()).count();
        assert!((100..300).contains(&begun), "{begun}");
        throttle.begin(Some(IpAddr::from([192, 0, 2, 1]))).unwrap();
    }
}
