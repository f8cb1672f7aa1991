//! The second factor: six-digit TOTP codes (RFC 6238). A code works once.

use crate::{App, AppError};
use belfry_domain::{Account, Actor, SecondFactor, Timestamp, ValidationError};
use belfry_locales::phrases::errors;
use belfry_store::StoreError;
use std::{future::Future, time::Duration};
use totp_rs::{Builder, Secret, Totp};

/// What a person needs to set up their authenticator.
#[derive(Clone)]
pub struct TotpEnrollment {
    /// The key in base 32, to be typed.
    pub key: String,
    /// The `otpauth:` URL, to be displayed as a QR code.
    pub url: String,
}

fn totp(account: &Account, secret: &[u8]) -> Result<Totp, AppError> {
    // A colon would end the account name when the URL is parsed.
    let name = account.email.as_str().replace(':', " ");
    Builder::new()
        .with_secret(secret.to_vec())
        .with_account_name(name)
        .with_issuer(Some("Belfry"))
        .build()
        .map_err(|error| StoreError::Inconsistent(error.to_string()).into())
}

impl App {
    /// Begins a second factor, which is required after its confirmation. Replaces an unconfirmed
    /// one.
    pub async fn begin_second_factor(&self, account: &Account) -> Result<(), AppError> {
        let mut secret = [0; 20];
        self.rng.fill(&mut secret);
        if self.store.begin_second_factor(account.id, &secret).await? {
            Ok(())
        } else {
            Err(AppError::Conflict(errors::SECOND_FACTOR_ON))
        }
    }

    /// The enrollment of an unconfirmed second factor.
    pub fn totp_enrollment(&self, account: &Account) -> Result<Option<TotpEnrollment>, AppError> {
        let Some(factor) = account.second_factor.as_ref().filter(|factor| !factor.confirmed) else {
            return Ok(None);
        };
        let key = Secret::from(factor.secret.clone()).to_base32();
        let address = totp(account, &factor.secret)?
            .to_url()
            .map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        Ok(Some(TotpEnrollment { key, url: address.clone() }))
    }

    /// Counts an attempt before the code is checked. Returns the remaining delay if it is too
    /// early: after several wrong codes in a row the delay doubles each time. A trusted browser is
    /// not delayed, because an attacker who only has the password cannot use one.
    pub async fn try_second_factor(
        &self,
        account: &Account,
        trusted_browser: bool,
    ) -> Result<Option<Duration>, AppError> {
        let now = self.now();
        Ok(self
            .store
            .try_second_factor(account.id, now, trusted_browser)
            .await?
            .map(|until| now.until(until)))
    }

    /// Checks a code, once. The first correct one confirms the factor. Wrong ones are written to
    /// the audit log.
    pub async fn check_second_factor(
        &self,
        account: &Account,
        digits: &str,
    ) -> Result<(), AppError> {
        let check = async {
            let (factor, step) = matching_step(account, digits, self.now())?;
            let consume = self.store.use_second_factor(account.id, &factor.secret, step);
            Ok(if factor.confirmed {
                consume.await?
            } else {
                self.with_audit(
                    Actor::Account(account.id),
                    None,
                    "second-factor.enabled",
                    "",
                    None,
                    consume,
                )
                .await?
            })
        };
        self.audit_wrong_code(account, check).await
    }

    /// Checks a code likewise and removes the second factor.
    pub async fn remove_second_factor(
        &self,
        account: &Account,
        digits: &str,
    ) -> Result<(), AppError> {
        let check = async {
            let (factor, step) = matching_step(account, digits, self.now())?;
            let removal = self.store.remove_second_factor(account.id, &factor.secret, step);
            Ok(self
                .with_audit(
                    Actor::Account(account.id),
                    None,
                    "second-factor.removed",
                    "",
                    None,
                    removal,
                )
                .await?)
        };
        self.audit_wrong_code(account, check).await
    }

    async fn audit_wrong_code(
        &self,
        account: &Account,
        check: impl Future<Output = Result<bool, AppError>>,
    ) -> Result<(), AppError> {
        let outcome = check.await.and_then(|check| if check { Ok(()) } else { Err(wrong_code()) });
        if matches!(outcome, Err(AppError::ValidationError(_))) && account.second_factor.is_some() {
            self.record(Actor::Account(account.id), None, "second-factor.failed", "", None).await;
        }
        outcome
    }
}

fn wrong_code() -> AppError {
    ValidationError::new("code", errors::WRONG_CODE).into()
}

/// The 30-second step of a code. The store checks that the factor has not changed meanwhile.
fn matching_step<'a>(
    account: &'a Account,
    digits: &str,
    now: Timestamp,
) -> Result<(&'a SecondFactor, i64), AppError> {
    let factor = account.second_factor.as_ref().ok_or_else(wrong_code)?;
    let digits: String = digits.chars().filter(|character| !character.is_whitespace()).collect();
    let seconds = u64::try_from(now.millis() / 1_000).unwrap_or(0);
    let step = totp(account, &factor.secret)?.check(&digits, seconds).ok_or_else(wrong_code)?;
    Ok((factor, i64::try_from(step).map_err(|_| wrong_code())?))
}
