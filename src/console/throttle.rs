//! Rate limits of sign-in: ten attempts a minute, per IP address and per account.
//!
//! Trusted browsers, known addresses and signed-in sessions of an account have limits of their own,
//! so that a stranger's guesses never lock its owner out. Pages fetched on behalf of an account and
//! new sessions of visitors are limited, too.

use super::error::ConsoleError;
use belfry_app::{
    App,
    rate_limit::{ClientPrefix, RateLimit, RateLimiter},
};
use belfry_domain::{AccountId, Digest};
use belfry_store::AttemptLimit;
use std::{hash::Hash, net::IpAddr, time::Duration};

const ATTEMPT_LIMIT: AttemptLimit = AttemptLimit { burst: 10, interval: Duration::from_secs(6) };
const ATTEMPT_RATE: RateLimit = RateLimit::new(ATTEMPT_LIMIT.burst, ATTEMPT_LIMIT.interval);
/// New sessions per address.
const SESSION_RATE: RateLimit = RateLimit::new(100, Duration::from_millis(200));

/// What an attempt is for. Each kind is limited separately, so attempts with made-up addresses
/// don't use up others.
pub(super) enum Attempt<'a> {
    /// The password of the account with this e-mail address.
    Password(&'a str),
    /// The second factor of this account.
    SecondFactor(AccountId),
    /// An unguessable code that belongs to no account: only the caller is limited.
    Code,
    /// The password or second factor, from a browser that is known for the account.
    KnownBrowser(AccountKey<'a>, Digest),
    /// The same in a signed-in session.
    SignedIn(AccountId),
}

/// The account of an attempt.
#[derive(Clone, Copy)]
pub(super) enum AccountKey<'a> {
    Email(&'a str),
    Id(AccountId),
}

fn truncated_email(email: &str) -> String {
    email.trim().to_lowercase().chars().take(254).collect()
}

pub(super) struct SignInRateLimits {
    addresses: RateLimiter<ClientPrefix>,
    accounts: RateLimiter<String>,
    sessions: RateLimiter<ClientPrefix>,
}

impl SignInRateLimits {
    pub(super) fn new() -> Self {
        Self {
            addresses: RateLimiter::new("tries", ATTEMPT_RATE),
            accounts: RateLimiter::new("tries", ATTEMPT_RATE),
            sessions: RateLimiter::new("sessions", SESSION_RATE),
        }
    }

    /// Counts an attempt; an error when the limit is reached. Attempts on an account are also
    /// counted for all processes on the database, so that several allow no more than one.
    pub(super) async fn check(
        &self,
        app: &App,
        address: Option<IpAddr>,
        what: &Attempt<'_>,
    ) -> Result<(), ConsoleError> {
        let Some(account) = self.check_here(address, what)? else { return Ok(()) };
        match app.count_attempt(&account, ATTEMPT_LIMIT).await? {
            None => Ok(()),
            Some(wait) => Err(ConsoleError::TooMany(wait.as_secs().saturating_add(1))),
        }
    }

    /// The same for this process alone. Returns the account of the attempt.
    fn check_here(
        &self,
        address: Option<IpAddr>,
        what: &Attempt<'_>,
    ) -> Result<Option<String>, ConsoleError> {
        let account = match what {
            Attempt::KnownBrowser(AccountKey::Email(email), browser) => {
                Some(format!("password {} {}", truncated_email(email), browser.hex()))
            }
            Attempt::KnownBrowser(AccountKey::Id(account), browser) => {
                Some(format!("second factor {} {}", account.0, browser.hex()))
            }
            Attempt::SignedIn(account) => Some(format!("signed in {}", account.0)),
            Attempt::Password(email) => Some(format!("password {}", truncated_email(email))),
            Attempt::SecondFactor(account) => Some(format!("second factor {}", account.0)),
            Attempt::Code => None,
        };
        // A browser that is known has a limit of its own, whatever its address.
        if !matches!(what, Attempt::KnownBrowser(..) | Attempt::SignedIn(_)) {
            pass(&self.addresses, &ClientPrefix::of(address))?;
        }
        if let Some(account) = &account {
            pass(&self.accounts, account)?;
        }
        Ok(account)
    }

    /// Counts a page fetched on behalf of this account.
    pub(super) fn check_page_fetch(&self, account: AccountId) -> Result<(), ConsoleError> {
        pass(&self.accounts, &format!("page {}", account.0))
    }

    /// Counts a new session of a visitor who is not signed in.
    pub(super) fn check_new_session(&self, address: Option<IpAddr>) -> Result<(), ConsoleError> {
        pass(&self.sessions, &ClientPrefix::of(address))
    }
}

fn pass<K: Hash + Eq + Clone>(gate: &RateLimiter<K>, caller: &K) -> Result<(), ConsoleError> {
    gate.check(caller).map(|_| ()).map_err(|rate_limit| ConsoleError::TooMany(rate_limit.reset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_made_up_uses_up_nothing_of_another_kind() {
        let throttle = SignInRateLimits::new();
        let from = |number: u8| Some(IpAddr::from([192, 0, 2, number]));
        for number in 0..10 {
            throttle.check_here(from(number), &Attempt::Password("second factor 1")).unwrap();
            throttle.check_here(from(number), &Attempt::Code).unwrap();
        }
        assert!(throttle.check_here(from(20), &Attempt::Password(" Second Factor 1")).is_err());
        throttle.check_here(from(21), &Attempt::SecondFactor(AccountId(1))).unwrap();
        throttle.check_here(from(22), &Attempt::Code).unwrap();
    }

    #[test]
    fn no_stranger_uses_up_what_a_trusted_browser_has() {
        let throttle = SignInRateLimits::new();
        let from = |number: u8| Some(IpAddr::from([192, 0, 2, number]));
        for number in 0..100 {
            let _ = throttle.check_here(from(number % 3), &Attempt::Password("owner@example.com"));
            let _ = throttle.check_here(from(number % 3), &Attempt::SecondFactor(AccountId(1)));
        }
        assert!(throttle.check_here(from(9), &Attempt::Password("owner@example.com")).is_err());
        let browser = Digest::of("cookie");
        // Not even from the address of the guesses.
        throttle
            .check_here(
                from(1),
                &Attempt::KnownBrowser(AccountKey::Email("Owner@example.com"), browser),
            )
            .unwrap();
        throttle
            .check_here(from(1), &Attempt::KnownBrowser(AccountKey::Id(AccountId(1)), browser))
            .unwrap();
        throttle.check_here(from(1), &Attempt::SignedIn(AccountId(1))).unwrap();
        // Trusted browsers are limited, too.
        let tries = (0..100)
            .filter(|_| {
                throttle
                    .check_here(
                        from(9),
                        &Attempt::KnownBrowser(AccountKey::Email("owner@example.com"), browser),
                    )
                    .is_ok()
            })
            .count();
        assert!((9..20).contains(&tries), "{tries}");
    }

    #[test]
    fn a_stranger_fills_no_disk_with_sessions() {
        let throttle = SignInRateLimits::new();
        let network = |number: u16| Some(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, number]));
        let begun = (0..1_000)
            .filter(|number| throttle.check_new_session(network(*number)).is_ok())
            .count();
        assert!((100..300).contains(&begun), "{begun}");
        throttle.check_new_session(Some(IpAddr::from([192, 0, 2, 1]))).unwrap();
    }
}
