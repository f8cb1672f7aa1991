//! People who run sites: how the first account is made, how one signs in, and what ends a session.
//!
//! Whoever does not get in is told the same, in the same time, whatever the reason. How often one may try is the door's to count.

mod factor;
mod member;
mod password;

pub use factor::Enrolment;
pub use member::{Guest, SiteRole};

use super::{Inbox, InboxError};
use crate::domain::{
    Account, AccountDraft, AccountId, Actor, ConsoleSession, Digest, EmailAddress, Invalid, Language, Password, Secret, SecretKind, TimeZone,
    Timestamp,
};
use crate::store::Call;
use std::time::Duration;

/// How long the right to make the first account lasts.
pub const SET_UP_LIFE: Duration = Duration::from_hours(24);
/// How long an invitation opens a site.
pub const INVITATION_LIFE: Duration = Duration::from_hours(7 * 24);
/// How long a console session lives after something in it changed.
pub const CONSOLE_LIFE: Duration = Duration::from_hours(7 * 24);
/// How long it lives at most, however much changes in it.
pub const LONGEST_CONSOLE_LIFE: Duration = Duration::from_hours(30 * 24);
/// How long a browser, or an address, is known as one that an account signed in from.
pub const KNOWN_BROWSER_LIFE: Duration = Duration::from_hours(400 * 24);

/// What a person says of themselves when their account is made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Their address.
    pub email: EmailAddress,
    /// What they are called.
    pub name: String,
    /// Their password.
    pub password: Password,
    /// The language of their console.
    pub language: Language,
}

impl NewAccount {
    /// Checks the four together.
    pub fn new(email: &str, name: &str, password: &str, language: Language) -> Result<Self, Invalid> {
        let email = EmailAddress::parse(email)?;
        Ok(Self { name: Account::check_name(name)?, password: Password::new(password, &email)?, email, language })
    }

    async fn into_draft(self, is_operator: bool) -> Result<AccountDraft, InboxError> {
        let Self { email, name, password, language } = self;
        Ok(AccountDraft { email, name, password: password::hash(password).await?, language, is_operator })
    }
}

impl Inbox {
    /// Gives the secret that makes the first account, in place of any given before; `None` when there is an account.
    pub async fn offer_set_up(&self) -> Result<Option<Secret>, InboxError> {
        if self.store.has_accounts().await? {
            return Ok(None);
        }
        let secret = Secret::generate(SecretKind::SetUp, &*self.entropy);
        self.store.offer_set_up(&secret.digest(), self.now().plus(SET_UP_LIFE)).await?;
        Ok(Some(secret))
    }

    /// Whether the first account is still to be made.
    pub async fn awaits_set_up(&self) -> Result<bool, InboxError> {
        Ok(!self.store.has_accounts().await?)
    }

    /// Makes the first account, whose the instance is. The secret works once.
    pub async fn set_up(&self, secret: &str, account: NewAccount) -> Result<AccountId, InboxError> {
        let draft = account.into_draft(true).await?;
        let digest = Digest::of(secret.trim());
        let creation = self.store.set_up(&digest, &draft, self.now());
        self.acting(Actor::System, None, "account.created", draft.email.as_str(), None, creation).await?.ok_or(InboxError::Unauthenticated)
    }

    /// Who has this address and password. An address that nobody has takes as long as a wrong password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Account, InboxError> {
        let account = self.store.account_by_email(&email.trim().to_lowercase()).await?;
        let hash = account.as_ref().map(|account| account.password.clone());
        let right = password::verify(password.to_owned(), hash).await?;
        account.filter(|_| right).ok_or(InboxError::Unauthenticated)
    }

    /// One account.
    pub async fn account(&self, account: AccountId) -> Result<Account, InboxError> {
        self.store.account(account).await?.ok_or(InboxError::NotFound)
    }

    /// Sets a person's name, and the language and time zone of their console; no time zone is that of the browser.
    pub async fn set_profile(&self, account: AccountId, name: &str, language: &Language, time_zone: Option<&TimeZone>) -> Result<(), InboxError> {
        let name = Account::check_name(name)?;
        if self.store.set_profile(account, &name, language, time_zone).await? { Ok(()) } else { Err(InboxError::NotFound) }
    }

    /// Changes a password for one who knows the present one, and ends their sessions in other browsers.
    pub async fn change_password(&self, account: &Account, present: &str, new: &str, keep: Option<&Digest>) -> Result<(), InboxError> {
        let wrong = || InboxError::Invalid(Invalid::new("present", "is not your present password"));
        if !password::verify(present.to_owned(), Some(account.password.clone())).await? {
            return Err(wrong());
        }
        let hash = password::hash(Password::new(new, &account.email)?).await?;
        let change = self.store.set_password(account.id, &account.password, &hash, keep);
        let changed = self.acting(Actor::Account(account.id), None, "password.changed", "", None, change).await?;
        // Somebody else changed it since it was looked at.
        if changed { Ok(()) } else { Err(wrong()) }
    }

    /// Gives the account with this address another password, whatever the present one is, and ends its sessions. For whoever runs the server.
    pub async fn reset_password(&self, email: &str, new: &str) -> Result<AccountId, InboxError> {
        let account = self.store.account_by_email(&email.trim().to_lowercase()).await?.ok_or(InboxError::NotFound)?;
        let hash = password::hash(Password::new(new, &account.email)?).await?;
        let change = self.store.set_password(account.id, &account.password, &hash, None);
        // Where somebody changed it since it was looked at, they have the word.
        let changed = self.acting(Actor::Operator, None, "password.changed", "", None, change).await?;
        if changed { Ok(account.id) } else { Err(InboxError::Conflict("the password was changed in this moment; try again")) }
    }

    /// Ends all sessions of an account but `keep`.
    pub async fn sign_out_everywhere(&self, account: AccountId, keep: Option<&Digest>) -> Result<(), InboxError> {
        let end = self.store.end_console_sessions(account, keep);
        self.acting(Actor::Account(account), None, "sessions.ended", "", None, end).await?;
        Ok(())
    }

    /// Which of two allowances for tries is that of this browser alone: it has a cookie, or an address, with which the account signed in before.
    pub async fn known_browser(&self, email: &str, cookie: Option<&Secret>, address: &str) -> Result<Option<Digest>, InboxError> {
        let email = email.trim().to_lowercase();
        let asked: Vec<Digest> = cookie.map(Secret::digest).into_iter().chain([address_of(&email, address)]).collect();
        let known = self.store.known_browsers(&email, &asked, self.now()).await?;
        Ok(asked.into_iter().find(|digest| known.contains(digest)))
    }

    /// Notes that this browser signed in, from this address. Gives the cookie by which it is known from then on.
    pub async fn remember_browser(&self, account: &Account, cookie: Option<Secret>, address: &str) -> Result<Secret, InboxError> {
        let cookie = cookie.unwrap_or_else(|| Secret::generate(SecretKind::KnownBrowser, &*self.entropy));
        let digests = [cookie.digest(), address_of(account.email.as_str(), address)];
        self.store.remember_browser(account.id, &digests, self.now().plus(KNOWN_BROWSER_LIFE)).await?;
        Ok(cookie)
    }

    /// Keeps a browser's session. It lives for long only when someone is signed in; `account` may be about to be.
    pub async fn keep_session(
        &self,
        digest: Digest,
        (account, signed_in): (Option<AccountId>, bool),
        data: String,
        new: bool,
    ) -> Result<(), InboxError> {
        let ends_at = self.now().plus(LONGEST_CONSOLE_LIFE);
        let session = ConsoleSession { digest, account, data, expires_at: self.session_end(signed_in), ends_at };
        Ok(Call::apart(if new { self.store.add_console_session(&session) } else { self.store.save_console_session(&session) }).await?)
    }

    /// A browser's session, when it is not over.
    pub async fn console_session(&self, digest: &Digest) -> Result<Option<ConsoleSession>, InboxError> {
        // One that ends later was made while the clock was ahead.
        let lives = |session: &ConsoleSession| session.expires_at <= self.now().plus(CONSOLE_LIFE);
        Ok(self.store.console_session(digest, self.now()).await?.filter(lives))
    }

    /// Ends a browser's session.
    pub async fn end_session(&self, digest: &Digest) -> Result<(), InboxError> {
        Ok(self.store.end_console_session(digest).await?)
    }

    fn session_end(&self, signed_in: bool) -> Timestamp {
        self.now().plus(if signed_in { CONSOLE_LIFE } else { Duration::from_hours(1) })
    }
}

/// What is kept of an address that an account signed in from. Only with the account: it says nothing of other people.
fn address_of(email: &str, address: &str) -> Digest {
    Digest::of(&format!("sign-in of {email} from {address}"))
}
