//! Console accounts, memberships, invitations and console sessions.

use super::Result;
use async_trait::async_trait;
use belfry_domain::{
    Account, AccountDraft, AccountId, ApiKey, ConsoleSession, Digest, Invitation, Language,
    Membership, PasswordHash, Role, Site, SiteId, TimeZone, Timestamp,
};

/// Open invitations of a site; bounded so that all fit one list.
pub const MAX_OPEN_INVITATIONS: u32 = 200;

/// Outcome of changing a site's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberChangeOutcome {
    /// Changed.
    Done,
    /// The account is no member of the site.
    Unknown,
    /// A site must keep an owner.
    LastOwner,
}

/// Stores accounts, memberships, invitations and console sessions.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Whether any account exists.
    async fn has_accounts(&self) -> Result<bool>;
    /// Stores the secret that creates the first account, replacing an earlier one.
    async fn offer_set_up(&self, digest: &Digest, expires_at: Timestamp) -> Result<()>;
    /// Creates the first account and consumes the secret. `None` when the secret is unknown,
    /// expired or used, or an account exists.
    async fn set_up(
        &self,
        digest: &Digest,
        draft: &AccountDraft,
        now: Timestamp,
    ) -> Result<Option<AccountId>>;
    /// One account.
    async fn account(&self, account: AccountId) -> Result<Option<Account>>;
    /// The account with this e-mail address (lower case).
    async fn account_by_email(&self, email: &str) -> Result<Option<Account>>;
    /// Sets an account's name and console language and time zone.
    async fn set_profile(
        &self,
        account: AccountId,
        name: &str,
        language: &Language,
        time_zone: Option<&TimeZone>,
    ) -> Result<bool>;
    /// Replaces the password `former` and ends all sessions of the account except `keep`, in one
    /// transaction. `false` when the password has changed since; nothing is written then.
    async fn set_password(
        &self,
        account: AccountId,
        former: &PasswordHash,
        password: &PasswordHash,
        keep: Option<&Digest>,
    ) -> Result<bool>;
    /// Stores an unconfirmed second factor, replacing an earlier unconfirmed one. `false` when a
    /// confirmed one exists.
    async fn begin_second_factor(&self, account: AccountId, secret: &[u8]) -> Result<bool>;
    /// Counts an attempt as failed before the code is checked, so that concurrent attempts cannot
    /// bypass the limit. Returns the earliest time of the next attempt if this one is too early; it
    /// is not counted then. An attempt with `impatient` is counted and never delayed.
    async fn try_second_factor(
        &self,
        account: AccountId,
        now: Timestamp,
        impatient: bool,
    ) -> Result<Option<Timestamp>>;
    /// Consumes the code of this 30-second step, once: `false` if that step, or one up to two steps
    /// later, was used before. Still later steps were used while the clock was ahead, and do not
    /// block once it is right. Confirms the factor and resets the failed attempts. `false` also
    /// when the account's secret is no longer the one that the code was checked with.
    async fn use_second_factor(&self, account: AccountId, secret: &[u8], step: i64)
    -> Result<bool>;
    /// Consumes the code likewise and removes the second factor.
    async fn remove_second_factor(
        &self,
        account: AccountId,
        secret: &[u8],
        step: i64,
    ) -> Result<bool>;

    /// The sites of an account with its role on each.
    async fn roles(&self, account: AccountId) -> Result<Vec<(SiteId, Role)>>;
    /// The role of an account on a site.
    async fn role(&self, account: AccountId, site: SiteId) -> Result<Option<Role>>;
    /// The members of a site, by account id.
    async fn members(&self, site: SiteId) -> Result<Vec<Membership>>;
    /// Creates a site with its first key and its owner.
    async fn create_owned_site(&self, site: &Site, key: &ApiKey, owner: AccountId) -> Result<()>;
    /// Changes a member's role; a non-member is not added. A former owner's open invitations are
    /// revoked.
    async fn set_role(
        &self,
        site: SiteId,
        account: AccountId,
        role: Role,
    ) -> Result<MemberChangeOutcome>;
    /// Removes a member and revokes the invitations that they sent.
    async fn remove_member(&self, site: SiteId, account: AccountId) -> Result<MemberChangeOutcome>;

    /// Adds an invitation. `false` when the site has [`MAX_OPEN_INVITATIONS`] open ones.
    async fn add_invitation(&self, invitation: &Invitation, now: Timestamp) -> Result<bool>;
    /// The open invitations of a site, oldest first.
    async fn invitations(&self, site: SiteId, now: Timestamp) -> Result<Vec<Invitation>>;
    /// The open invitation with this digest, if its sender may still invite.
    async fn invitation(&self, digest: &Digest, now: Timestamp) -> Result<Option<Invitation>>;
    /// Revokes an open invitation by the [short name](Digest::short) of its digest. `false` when
    /// the site has none.
    async fn revoke_invitation(&self, site: SiteId, short: &str) -> Result<bool>;
    /// Accepts an invitation for an existing account; a member keeps the higher role. `None` when
    /// it is not open.
    async fn accept_invitation(
        &self,
        digest: &Digest,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<Invitation>>;
    /// Accepts an invitation and creates the account in one transaction. An e-mail address that has
    /// an account is a `Conflict`.
    async fn accept_as_new(
        &self,
        digest: &Digest,
        draft: &AccountDraft,
        now: Timestamp,
    ) -> Result<Option<(AccountId, Invitation)>>;

    /// Records a browser cookie and an address that an account signed in with; the oldest beyond
    /// the limit are deleted.
    async fn remember_browser(
        &self,
        account: AccountId,
        digests: &[Digest],
        expires_at: Timestamp,
    ) -> Result<()>;
    /// Which of these digests the account with this e-mail address signed in with.
    async fn trusted_browsers(
        &self,
        email: &str,
        digests: &[Digest],
        now: Timestamp,
    ) -> Result<Vec<Digest>>;

    /// Adds a session.
    async fn add_console_session(&self, session: &ConsoleSession) -> Result<()>;
    /// Updates a session; one that has ended is not restored.
    async fn save_console_session(&self, session: &ConsoleSession) -> Result<()>;
    /// The session with this digest, if it has not expired.
    async fn console_session(
        &self,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<ConsoleSession>>;
    /// Ends a session.
    async fn end_console_session(&self, digest: &Digest) -> Result<()>;
    /// Ends all sessions of an account except `keep`.
    async fn end_console_sessions(&self, account: AccountId, keep: Option<&Digest>) -> Result<()>;
}
