//! The second factor: six digits from a device that shares a key with us (RFC 6238). Digits work once.

use crate::{
    domain::{Account, Actor, Invalid},
    inbox::{Inbox, InboxError},
    store::StoreError,
};
use std::time::Duration;
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
    /// Begins a second factor; it is asked for once it is confirmed. The key before it is forgotten.
    pub async fn begin_second_factor(&self, account: &Account) -> Result<(), InboxError> {
        let mut secret = [0; 20];
        self.entropy.fill(&mut secret);
        self.store.set_second_factor(account.id, Some(&secret)).await?;
        Ok(())
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
        let done = self.take_digits(account, digits).await;
        if matches!(done, Err(InboxError::Invalid(_))) && account.second_factor.is_some() {
            self.record(Actor::Account(account.id), None, "second-factor.failed", "", None).await;
        }
        done
    }

    async fn take_digits(&self, account: &Account, digits: &str) -> Result<(), InboxError> {
        let refuse = || InboxError::Invalid(Invalid::new("code", "is not right, or was used before; wait for the next one"));
        let factor = account.second_factor.as_ref().ok_or_else(refuse)?;
        let digits: String = digits.chars().filter(|character| !character.is_whitespace()).collect();
        let seconds = u64::try_from(self.now().millis() / 1_000).unwrap_or(0);
        let step = totp(account, &factor.secret)?.check(&digits, seconds).ok_or_else(refuse)?;
        let step = i64::try_from(step).map_err(|_| refuse())?;
        let using = self.store.use_second_factor(account.id, step);
        let used = if factor.confirmed {
            using.await?
        } else {
            self.acting(Actor::Account(account.id), None, "second-factor.enabled", "", None, using).await?
        };
        if used { Ok(()) } else { Err(refuse()) }
    }

    /// Takes the second factor away.
    pub async fn remove_second_factor(&self, account: &Account) -> Result<(), InboxError> {
        let removal = self.store.set_second_factor(account.id, None);
        self.acting(Actor::Account(account.id), None, "second-factor.removed", "", None, removal).await?;
        Ok(())
    }
}
