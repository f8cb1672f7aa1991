//! The second factor: six digits from a device that shares a key with us (RFC 6238). Digits work once.

use crate::{
    domain::{Account, Actor, Invalid, SecondFactor, Timestamp},
    inbox::{Inbox, InboxError},
    store::StoreError,
};
use std::{future::Future, time::Duration};
use totp_rs::{Builder, Secret, Totp};

/// What a person needs to teach their device.
#[derive(Clone)]
pub struct Enrolment {
    /// The key in base 32, to be typed.
    pub key: String,
    /// The same as an `otpauth:` address, to be shown as a picture.
    pub address: String,
}

fn totp(account: &Account, secret: &[u8]) -> Result<Totp, InboxError> {
    // A colon would end the name where the address is read.
    let name = account.email.as_str().replace(':', " ");
    Builder::new()
        .with_secret(secret.to_vec())
        .with_account_name(name)
        .with_issuer(Some("Belfry"))
        .build()
        .map_err(|error| StoreError::Inconsistent(error.to_string()).into())
}

impl Inbox {
    /// Begins a second factor; it is asked for once it is confirmed. A key that was begun with before is forgotten.
    pub async fn begin_second_factor(&self, account: &Account) -> Result<(), InboxError> {
        let mut secret = [0; 20];
        self.entropy.fill(&mut secret);
        if self.store.begin_second_factor(account.id, &secret).await? { Ok(()) } else { Err(InboxError::Conflict("two-step sign-in is on already")) }
    }

    /// What to show for a second factor that was begun and not confirmed.
    pub fn enrolment(&self, account: &Account) -> Result<Option<Enrolment>, InboxError> {
        let Some(factor) = account.second_factor.as_ref().filter(|factor| !factor.confirmed) else { return Ok(None) };
        let key = Secret::from(factor.secret.clone()).to_base32();
        let address = totp(account, &factor.secret)?.to_url().map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        Ok(Some(Enrolment { key, address: address.clone() }))
    }

    /// Counts a try of the digits before they are looked at. Gives for how long it is too early for one: after some wrong ones in a row, twice
    /// as long each time. Not for a browser in which the account signed in before, which nobody can use who only has the password.
    pub async fn try_second_factor(&self, account: &Account, known_browser: bool) -> Result<Option<Duration>, InboxError> {
        let now = self.now();
        Ok(self.store.try_second_factor(account.id, now, known_browser).await?.map(|until| now.until(until)))
    }

    /// Takes six digits, once. The first that are right confirm the factor. Wrong ones go on record.
    pub async fn check_second_factor(&self, account: &Account, digits: &str) -> Result<(), InboxError> {
        let taken = async {
            let (factor, step) = right(account, digits, self.now())?;
            let using = self.store.use_second_factor(account.id, &factor.secret, step);
            Ok(if factor.confirmed {
                using.await?
            } else {
                self.acting(Actor::Account(account.id), None, "second-factor.enabled", "", None, using).await?
            })
        };
        self.recording_wrong(account, taken).await
    }

    /// Takes six digits likewise, and the second factor away with them.
    pub async fn remove_second_factor(&self, account: &Account, digits: &str) -> Result<(), InboxError> {
        let taken = async {
            let (factor, step) = right(account, digits, self.now())?;
            let removal = self.store.remove_second_factor(account.id, &factor.secret, step);
            Ok(self.acting(Actor::Account(account.id), None, "second-factor.removed", "", None, removal).await?)
        };
        self.recording_wrong(account, taken).await
    }

    async fn recording_wrong(&self, account: &Account, taken: impl Future<Output = Result<bool, InboxError>>) -> Result<(), InboxError> {
        let done = taken.await.and_then(|taken| if taken { Ok(()) } else { Err(wrong()) });
        if matches!(done, Err(InboxError::Invalid(_))) && account.second_factor.is_some() {
            self.record(Actor::Account(account.id), None, "second-factor.failed", "", None).await;
        }
        done
    }
}

fn wrong() -> InboxError {
    Invalid::new("code", "is wrong or was already used; wait for the next one").into()
}

/// The half minute whose digits these are. Whether the factor is still this one is for the store to say.
fn right<'a>(account: &'a Account, digits: &str, now: Timestamp) -> Result<(&'a SecondFactor, i64), InboxError> {
    let factor = account.second_factor.as_ref().ok_or_else(wrong)?;
    let digits: String = digits.chars().filter(|character| !character.is_whitespace()).collect();
    let seconds = u64::try_from(now.millis() / 1_000).unwrap_or(0);
    let step = totp(account, &factor.secret)?.check(&digits, seconds).ok_or_else(wrong)?;
    Ok((factor, i64::try_from(step).map_err(|_| wrong())?))
}
