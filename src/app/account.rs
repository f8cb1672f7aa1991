//! Console accounts: first set-up, sign-in, and what ends a session.
//!
//! A failed sign-in returns the same error in the same time, whatever the reason. Rate limits are
//! up to the surface. Called by the console and the command line.

mod member;
mod password;
mod second_factor;

use belfry_locales::phrases::errors;
pub use member::{Invitee, SiteRole};
pub use second_factor::TotpEnrollment;

use super::{App, AppError};
use belfry_domain::{
    Account, AccountDraft, AccountId, Actor, ConsoleSession, Digest, EmailAddress, Language,
    Password, Secret, SecretKind, TimeZone, Timestamp, ValidationError,
};
use belfry_store::RequestCancellation;
use std::time::Duration;

/// How long the set-up secret for the first account is valid.
pub const SETUP_TTL: Duration = Duration::from_hours(24);
/// How long an invitation is valid.
pub const INVITATION_TTL: Duration = Duration::from_hours(7 * 24);
/// How long a console session lives after its last change.
pub const CONSOLE_SESSION_TTL: Duration = Duration::from_hours(7 * 24);
/// Maximum age of a console session, however active it is.
pub const MAX_CONSOLE_SESSION_AGE: Duration = Duration::from_hours(30 * 24);
/// How long a browser or an address counts as known to an account.
pub const TRUSTED_BROWSER_TTL: Duration = Duration::from_hours(400 * 24);

/// The fields of a new account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The e-mail address.
    pub email: EmailAddress,
    /// The name.
    pub name: String,
    /// The password.
    pub password: Password,
    /// The language of the console.
    pub language: Language,
}

impl NewAccount {
    /// Validates the fields.
    pub fn new(
        email: &str,
        name: &str,
        password: &str,
        language: Language,
    ) -> Result<Self, ValidationError> {
        let email = EmailAddress::parse(email)?;
        Ok(Self {
            name: Account::check_name(name)?,
            password: Password::new(password, &email)?,
            email,
            language,
        })
    }

    async fn into_draft(self, is_operator: bool) -> Result<AccountDraft, AppError> {
        let Self { email, name, password, language } = self;
        Ok(AccountDraft {
            email,
            name,
            password: password::hash(password).await?,
            language,
            is_operator,
        })
    }
}

impl App {
    /// Creates the set-up secret for the first account, replacing an earlier one; `None` when an
    /// account exists.
    pub async fn offer_set_up(&self) -> Result<Option<Secret>, AppError> {
        if self.store.has_accounts().await? {
            return Ok(None);
        }
        let secret = Secret::generate(SecretKind::SetUp, &*self.rng);
        self.store.offer_set_up(&secret.digest(), self.now().plus(SETUP_TTL)).await?;
        Ok(Some(secret))
    }

    /// Whether no account exists yet.
    pub async fn needs_set_up(&self) -> Result<bool, AppError> {
        Ok(!self.store.has_accounts().await?)
    }

    /// Creates the first account, which owns the instance. The secret works once.
    pub async fn set_up(&self, secret: &str, account: NewAccount) -> Result<AccountId, AppError> {
        let draft = account.into_draft(true).await?;
        let digest = Digest::of(secret.trim());
        let creation = self.store.set_up(&digest, &draft, self.now());
        self.with_audit(
            Actor::System,
            None,
            "account.created",
            draft.email.as_str(),
            None,
            creation,
        )
        .await?
        .ok_or(AppError::Unauthenticated)
    }

    /// The account with this e-mail address and password. An unknown address takes as long as a
    /// wrong password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Account, AppError> {
        let account = self.store.account_by_email(&email.trim().to_lowercase()).await?;
        let hash = account.as_ref().map(|account| account.password.clone());
        let right = password::verify(password.to_owned(), hash).await?;
        account.filter(|_| right).ok_or(AppError::Unauthenticated)
    }

    /// One account.
    pub async fn account(&self, account: AccountId) -> Result<Account, AppError> {
        self.store.account(account).await?.ok_or(AppError::NotFound)
    }

    /// Sets an account's name, console language and time zone; `None` means the browser's zone.
    pub async fn set_profile(
        &self,
        account: AccountId,
        name: &str,
        language: &Language,
        time_zone: Option<&TimeZone>,
    ) -> Result<(), AppError> {
        let name = Account::check_name(name)?;
        if self.store.set_profile(account, &name, language, time_zone).await? {
            Ok(())
        } else {
            Err(AppError::NotFound)
        }
    }

    /// Changes a password, given the present one, and ends the account's sessions except `keep`.
    pub async fn change_password(
        &self,
        account: &Account,
        present: &str,
        new: &str,
        keep: Option<&Digest>,
    ) -> Result<(), AppError> {
        let wrong =
            || AppError::ValidationError(ValidationError::new("present", errors::WRONG_PASSWORD));
        if !password::verify(present.to_owned(), Some(account.password.clone())).await? {
            return Err(wrong());
        }
        let hash = password::hash(Password::new(new, &account.email)?).await?;
        let change = self.store.set_password(account.id, &account.password, &hash, keep);
        let changed = self
            .with_audit(Actor::Account(account.id), None, "password.changed", "", None, change)
            .await?;
        // The password was changed by another request since it was read.
        if changed { Ok(()) } else { Err(wrong()) }
    }

    /// Sets an account's password without the present one and ends its sessions. For the operator.
    pub async fn reset_password(&self, email: &str, new: &str) -> Result<AccountId, AppError> {
        let account = self
            .store
            .account_by_email(&email.trim().to_lowercase())
            .await?
            .ok_or(AppError::NotFound)?;
        let hash = password::hash(Password::new(new, &account.email)?).await?;
        let change = self.store.set_password(account.id, &account.password, &hash, None);
        // If another request changed it in between, that change wins.
        let changed =
            self.with_audit(Actor::Operator, None, "password.changed", "", None, change).await?;
        if changed { Ok(account.id) } else { Err(AppError::Conflict(errors::PASSWORD_CHANGED)) }
    }

    /// Ends all sessions of an account except `keep`.
    pub async fn sign_out_everywhere(
        &self,
        account: AccountId,
        keep: Option<&Digest>,
    ) -> Result<(), AppError> {
        let end = self.store.end_console_sessions(account, keep);
        self.with_audit(Actor::Account(account), None, "sessions.ended", "", None, end).await?;
        Ok(())
    }

    /// Digest of the cookie or the address with which the account signed in before; it selects the
    /// rate limit of this browser instead of the shared one. `None` for any other browser.
    pub async fn trusted_browser(
        &self,
        email: &str,
        cookie: Option<&Secret>,
        address: &str,
    ) -> Result<Option<Digest>, AppError> {
        let email = email.trim().to_lowercase();
        let digests: Vec<Digest> = cookie
            .map(Secret::digest)
            .into_iter()
            .chain([address_digest(&email, address)])
            .collect();
        let matches = self.store.trusted_browsers(&email, &digests, self.now()).await?;
        Ok(digests.into_iter().find(|digest| matches.contains(digest)))
    }

    /// Records that this browser signed in, from this address. Returns the cookie that identifies
    /// it from then on.
    pub async fn remember_browser(
        &self,
        account: &Account,
        cookie: Option<Secret>,
        address: &str,
    ) -> Result<Secret, AppError> {
        let cookie =
            cookie.unwrap_or_else(|| Secret::generate(SecretKind::TrustedBrowser, &*self.rng));
        let digests = [cookie.digest(), address_digest(account.email.as_str(), address)];
        self.store
            .remember_browser(account.id, &digests, self.now().plus(TRUSTED_BROWSER_TTL))
            .await?;
        Ok(cookie)
    }

    /// Stores a browser's session. It lives long only when an account is signed in; `account` may
    /// be in the middle of signing in.
    pub async fn store_session(
        &self,
        digest: Digest,
        (account, signed_in): (Option<AccountId>, bool),
        data: String,
        new: bool,
    ) -> Result<(), AppError> {
        let ends_at = self.now().plus(MAX_CONSOLE_SESSION_AGE);
        let session = ConsoleSession {
            digest,
            account,
            data,
            expires_at: self.session_expiry(signed_in),
            ends_at,
        };
        Ok(RequestCancellation::unscoped(if new {
            self.store.add_console_session(&session)
        } else {
            self.store.save_console_session(&session)
        })
        .await?)
    }

    /// A browser's session, if it has not expired.
    pub async fn console_session(
        &self,
        digest: &Digest,
    ) -> Result<Option<ConsoleSession>, AppError> {
        // A session with a later expiry was created while the clock was ahead.
        let lives =
            |session: &ConsoleSession| session.expires_at <= self.now().plus(CONSOLE_SESSION_TTL);
        Ok(self.store.console_session(digest, self.now()).await?.filter(lives))
    }

    /// Ends a browser's session.
    pub async fn end_session(&self, digest: &Digest) -> Result<(), AppError> {
        Ok(self.store.end_console_session(digest).await?)
    }

    fn session_expiry(&self, signed_in: bool) -> Timestamp {
        self.now().plus(if signed_in { CONSOLE_SESSION_TTL } else { Duration::from_hours(1) })
    }
}

/// What is stored of an address that an account signed in from. It is hashed with the account's
/// e-mail address, so it cannot be linked to other accounts.
fn address_digest(email: &str, address: &str) -> Digest {
    Digest::of(&format!("sign-in of {email} from {address}"))
}
