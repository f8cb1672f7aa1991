//! People who run sites, and their browsers.

use super::Result;
use crate::domain::{
    Account, AccountDraft, AccountId, ApiKey, ConsoleSession, Digest, Invitation, Language, Membership, PasswordHash, Role, Site, SiteId, TimeZone,
    Timestamp,
};
use async_trait::async_trait;

/// Most invitations of a site that are open at once, so that all of them can be looked at.
pub const INVITATIONS: u32 = 200;

/// What became of the wish to change who belongs to a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberChange {
    /// Done.
    Done,
    /// They don't belong to the site.
    Unknown,
    /// A site is never left without an owner.
    LastOwner,
}

/// The part of the seam that keeps accounts, memberships, invitations and console sessions.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Whether there is any account.
    async fn has_accounts(&self) -> Result<bool>;
    /// Keeps the right to make the first account, in place of any before it.
    async fn offer_set_up(&self, digest: &Digest, expires_at: Timestamp) -> Result<()>;
    /// Makes the first account and uses up the right to. `None` when the right is unknown, over or used, or there is an account.
    async fn set_up(&self, digest: &Digest, draft: &AccountDraft, now: Timestamp) -> Result<Option<AccountId>>;
    /// One account.
    async fn account(&self, account: AccountId) -> Result<Option<Account>>;
    /// The account with this address (lower case).
    async fn account_by_email(&self, email: &str) -> Result<Option<Account>>;
    /// Sets what a person is called and the language of their console.
    async fn set_profile(&self, account: AccountId, name: &str, language: &Language, time_zone: Option<&TimeZone>) -> Result<bool>;
    /// Sets a password in place of `former` and ends all sessions of the account but `keep`, in one step. `false`, and nothing is done, when the
    /// password is another one by now.
    async fn set_password(&self, account: AccountId, former: &PasswordHash, password: &PasswordHash, keep: Option<&Digest>) -> Result<bool>;
    /// Keeps a second factor that is not confirmed yet, in place of another such. `false` when there is one that is confirmed.
    async fn begin_second_factor(&self, account: AccountId, secret: &[u8]) -> Result<bool>;
    /// Counts a try of a second factor as a wrong one, before it is looked at, so that of many at once none is free. `impatient` ones are
    /// counted and never put off. Gives from when on one may try again, where it is too early; that is not counted.
    async fn try_second_factor(&self, account: AccountId, now: Timestamp, impatient: bool) -> Result<Option<Timestamp>>;
    /// Takes the digits of this half minute, once: `false` when they or ones of up to two later were taken before. Ones that are later still were
    /// taken while the clock was ahead, and are not in the way once it is right. Confirms the factor and forgets the wrong tries. `false`, too,
    /// when the account has another secret than the one by which the digits were found right.
    async fn use_second_factor(&self, account: AccountId, secret: &[u8], step: i64) -> Result<bool>;
    /// Takes the digits in the same way, and the factor away with them.
    async fn remove_second_factor(&self, account: AccountId, secret: &[u8], step: i64) -> Result<bool>;

    /// The sites of an account with its role on each.
    async fn roles(&self, account: AccountId) -> Result<Vec<(SiteId, Role)>>;
    /// What an account may do on a site.
    async fn role(&self, account: AccountId, site: SiteId) -> Result<Option<Role>>;
    /// Who belongs to a site, in the order of their accounts.
    async fn members(&self, site: SiteId) -> Result<Vec<Membership>>;
    /// Makes a site with its first key and its owner.
    async fn create_owned_site(&self, site: &Site, key: &ApiKey, owner: AccountId) -> Result<()>;
    /// Changes what a member may do. Someone who is none does not become one. Who is no owner any more has no open invitations either.
    async fn set_role(&self, site: SiteId, account: AccountId, role: Role) -> Result<MemberChange>;
    /// Takes someone's membership away, and the invitations that they sent out.
    async fn remove_member(&self, site: SiteId, account: AccountId) -> Result<MemberChange>;

    /// Keeps an invitation. `false` when the site has [`INVITATIONS`] that are open.
    async fn add_invitation(&self, invitation: &Invitation, now: Timestamp) -> Result<bool>;
    /// All invitations of a site that still open something, the newest last.
    async fn invitations(&self, site: SiteId, now: Timestamp) -> Result<Vec<Invitation>>;
    /// The invitation with this digest, when it still opens something: whoever sent it may still invite.
    async fn invitation(&self, digest: &Digest, now: Timestamp) -> Result<Option<Invitation>>;
    /// Takes an invitation back, by the [short name](Digest::short) of its digest. `false` when the site has none such that is open.
    async fn revoke_invitation(&self, site: SiteId, short: &str) -> Result<bool>;
    /// Uses an invitation for an account that exists. A member keeps the greater of the two roles. `None` when it opens nothing.
    async fn accept_invitation(&self, digest: &Digest, account: AccountId, now: Timestamp) -> Result<Option<Invitation>>;
    /// Uses an invitation for a new account, made in the same step. An address that has an account is a `Conflict`.
    async fn accept_as_new(&self, digest: &Digest, draft: &AccountDraft, now: Timestamp) -> Result<Option<(AccountId, Invitation)>>;

    /// Notes that this account signed in with these: the cookie of a browser, an address. The oldest go where there are too many.
    async fn remember_browser(&self, account: AccountId, digests: &[Digest], expires_at: Timestamp) -> Result<()>;
    /// Which of these the account with this address once signed in with.
    async fn known_browsers(&self, email: &str, digests: &[Digest], now: Timestamp) -> Result<Vec<Digest>>;

    /// Keeps a new session.
    async fn add_console_session(&self, session: &ConsoleSession) -> Result<()>;
    /// Keeps what a session says now; one that has ended is not brought back.
    async fn save_console_session(&self, session: &ConsoleSession) -> Result<()>;
    /// The session with this digest, when it is not over.
    async fn console_session(&self, digest: &Digest, now: Timestamp) -> Result<Option<ConsoleSession>>;
    /// Ends a session.
    async fn end_console_session(&self, digest: &Digest) -> Result<()>;
    /// Ends all sessions of an account but `keep`.
    async fn end_console_sessions(&self, account: AccountId, keep: Option<&Digest>) -> Result<()>;
}
