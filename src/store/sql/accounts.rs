//! Console accounts: profile, password, sessions and trusted browsers. Implements [`AccountStore`].

mod factor;
mod membership;
mod profile;
mod sessions;

use super::{SqlStore, secret_locations};
use crate::{
    AccountStore, MemberChangeOutcome, Result, StoreError,
    db::{Columns, Connection, Row, query, to_json},
    vault::Vault,
};
use async_trait::async_trait;
use belfry_domain::{
    Account, AccountDraft, AccountId, ApiKey, ConsoleSession, Digest, EmailAddress, Invitation,
    Language, Membership, PasswordHash, Role, SecondFactor, Site, SiteId, TimeZone, Timestamp,
};
use futures_util::FutureExt as _;
use membership::{
    accept, accept_as_new, add_invitation, create_owned_site, invitation, remove_member,
    revoke_invitation, set_role,
};
use profile::{has_accounts, offer_set_up, set_password, set_profile, set_up};
use sessions::{add_session, end_session, end_sessions, remember_browser, save_session};

#[cfg(test)]
pub(super) use membership::REVOKE_INVITATIONS;
#[cfg(test)]
pub(super) use sessions::{DELETE_OLD_BROWSERS, END_SESSIONS};

macro_rules! account_columns {
    () => {
        "account.id, email, name, password, totp_secret, totp_confirmed, totp_step, totp_failures, totp_failed_at, language, time_zone, is_operator, created_at"
    };
}

// Statements that every console request runs.
pub(super) const ACCOUNT: &str =
    concat!("SELECT ", account_columns!(), " FROM account WHERE id = ?1");
pub(super) const ROLE: &str = "SELECT role FROM membership WHERE site_id = ?1 AND account_id = ?2";
pub(super) const SESSION: &str = "SELECT digest, account_id, data, expires_at, ends_at FROM console_session WHERE digest = ?1 AND expires_at > ?2";
// Statements over rows that an account or site may have many of.
pub(super) const OPEN_INVITATIONS: &str =
    "SELECT digest, site_id, role, email, invited_by, expires_at FROM invitation
    WHERE site_id = ?1 AND expires_at > ?2 AND used_at IS NULL ORDER BY expires_at";
pub(super) const TRUSTED_BROWSERS: &str = "SELECT browser.digest FROM account CROSS JOIN json_each(?2) AS input CROSS JOIN trusted_browser AS browser
    WHERE account.email = ?1 AND browser.account_id = account.id AND browser.digest = unhex(input.value) AND browser.expires_at > ?3";

#[async_trait]
impl AccountStore for SqlStore {
    async fn has_accounts(&self) -> Result<bool> {
        has_accounts(&mut *self.read_connection().await?).await
    }

    async fn offer_set_up(&self, digest: &Digest, expires_at: Timestamp) -> Result<()> {
        let digest = *digest;
        self.writer.run(move |tx| offer_set_up(tx, digest, expires_at).boxed()).await
    }

    async fn set_up(
        &self,
        digest: &Digest,
        draft: &AccountDraft,
        now: Timestamp,
    ) -> Result<Option<AccountId>> {
        let (digest, draft) = (*digest, draft.clone());
        self.writer.run(move |tx| set_up(tx, digest, draft, now).boxed()).await
    }

    async fn account(&self, account: AccountId) -> Result<Option<Account>> {
        let row = query(ACCOUNT)
            .bind(account.0)
            .fetch_optional(&mut *self.read_connection().await?)
            .await?;
        row.map(|row| read_account(&mut Columns::new(&row), &self.vault)).transpose()
    }

    async fn account_by_email(&self, email: &str) -> Result<Option<Account>> {
        let row = query(concat!("SELECT ", account_columns!(), " FROM account WHERE email = ?1"))
            .bind(email)
            .fetch_optional(&mut *self.read_connection().await?)
            .await?;
        row.map(|row| read_account(&mut Columns::new(&row), &self.vault)).transpose()
    }

    async fn set_profile(
        &self,
        account: AccountId,
        name: &str,
        language: &Language,
        time_zone: Option<&TimeZone>,
    ) -> Result<bool> {
        let (name, language, time_zone) = (name.to_owned(), language.clone(), time_zone.cloned());
        self.writer.run(move |tx| set_profile(tx, account, name, language, time_zone).boxed()).await
    }

    async fn set_password(
        &self,
        account: AccountId,
        former: &PasswordHash,
        password: &PasswordHash,
        keep: Option<&Digest>,
    ) -> Result<bool> {
        let (former, password, keep) = (former.clone(), password.clone(), keep.copied());
        self.writer.run(move |tx| set_password(tx, account, former, password, keep).boxed()).await
    }

    async fn begin_second_factor(&self, account: AccountId, secret: &[u8]) -> Result<bool> {
        let (secret, vault) = (secret.to_vec(), self.vault.clone());
        self.writer
            .run(move |tx| async move { factor::begin(tx, &vault, account, &secret).await }.boxed())
            .await
    }

    async fn try_second_factor(
        &self,
        account: AccountId,
        now: Timestamp,
        impatient: bool,
    ) -> Result<Option<Timestamp>> {
        self.writer.run(move |tx| factor::count_attempt(tx, account, now, impatient).boxed()).await
    }

    async fn use_second_factor(
        &self,
        account: AccountId,
        secret: &[u8],
        step: i64,
    ) -> Result<bool> {
        let (secret, vault) = (secret.to_vec(), self.vault.clone());
        self.writer
            .run(move |tx| {
                async move { factor::use_code(tx, &vault, account, &secret, step).await }.boxed()
            })
            .await
    }

    async fn remove_second_factor(
        &self,
        account: AccountId,
        secret: &[u8],
        step: i64,
    ) -> Result<bool> {
        let (secret, vault) = (secret.to_vec(), self.vault.clone());
        self.writer
            .run(move |tx| {
                async move { factor::remove(tx, &vault, account, &secret, step).await }.boxed()
            })
            .await
    }

    async fn roles(&self, account: AccountId) -> Result<Vec<(SiteId, Role)>> {
        query("SELECT site_id, role FROM membership WHERE account_id = ?1 ORDER BY site_id")
            .bind(account.0)
            .fetch_all(&mut *self.read_connection().await?)
            .await?
            .iter()
            .map(|row| {
                let mut columns = Columns::new(row);
                Ok((columns.site()?, columns.parse()?))
            })
            .collect()
    }

    async fn role(&self, account: AccountId, site: SiteId) -> Result<Option<Role>> {
        role(&mut *self.read_connection_for(site).await?, account, site).await
    }

    async fn members(&self, site: SiteId) -> Result<Vec<Membership>> {
        query(concat!(
            "SELECT role, ",
            account_columns!(),
            " FROM membership JOIN account ON account.id = membership.account_id WHERE site_id = ?1 ORDER BY account_id"
        ))
        .bind(site.as_bytes())
        .fetch_all(&mut *self.read_connection_for(site).await?)
        .await?
        .iter()
        .map(|row| {
            let mut columns = Columns::new(row);
            let role = columns.parse()?;
            Ok(Membership { account: read_account(&mut columns, &self.vault)?, role })
        })
        .collect()
    }

    async fn set_role(
        &self,
        site: SiteId,
        account: AccountId,
        role: Role,
    ) -> Result<MemberChangeOutcome> {
        self.writer.for_site(site).run(move |tx| set_role(tx, site, account, role).boxed()).await
    }

    async fn create_owned_site(&self, site: &Site, key: &ApiKey, owner: AccountId) -> Result<()> {
        let (site, key) = (site.clone(), key.clone());
        self.writer.run(move |tx| create_owned_site(tx, site, key, owner).boxed()).await
    }

    async fn remove_member(&self, site: SiteId, account: AccountId) -> Result<MemberChangeOutcome> {
        self.writer.for_site(site).run(move |tx| remove_member(tx, site, account).boxed()).await
    }

    async fn add_invitation(&self, invitation: &Invitation, now: Timestamp) -> Result<bool> {
        let invitation = invitation.clone();
        self.writer.run(move |tx| add_invitation(tx, invitation, now).boxed()).await
    }

    async fn invitations(&self, site: SiteId, now: Timestamp) -> Result<Vec<Invitation>> {
        query(OPEN_INVITATIONS)
            .bind(site.as_bytes())
            .bind(now.millis())
            .fetch_all(&mut *self.read_connection_for(site).await?)
            .await?
            .iter()
            .map(read_invitation)
            .collect()
    }

    async fn invitation(&self, digest: &Digest, now: Timestamp) -> Result<Option<Invitation>> {
        invitation(&mut *self.read_connection().await?, *digest, now).await
    }

    async fn revoke_invitation(&self, site: SiteId, short: &str) -> Result<bool> {
        let Ok(leading) = u64::from_str_radix(short, 16) else { return Ok(false) };
        self.writer.for_site(site).run(move |tx| revoke_invitation(tx, site, leading).boxed()).await
    }

    async fn accept_invitation(
        &self,
        digest: &Digest,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<Invitation>> {
        let digest = *digest;
        self.writer.run(move |tx| accept(tx, digest, account, now).boxed()).await
    }

    async fn accept_as_new(
        &self,
        digest: &Digest,
        draft: &AccountDraft,
        now: Timestamp,
    ) -> Result<Option<(AccountId, Invitation)>> {
        let (digest, draft) = (*digest, draft.clone());
        self.writer.run(move |tx| accept_as_new(tx, digest, draft, now).boxed()).await
    }

    async fn remember_browser(
        &self,
        account: AccountId,
        digests: &[Digest],
        expires_at: Timestamp,
    ) -> Result<()> {
        let digests = digests.to_vec();
        self.writer.run(move |tx| remember_browser(tx, account, digests, expires_at).boxed()).await
    }

    async fn trusted_browsers(
        &self,
        email: &str,
        digests: &[Digest],
        now: Timestamp,
    ) -> Result<Vec<Digest>> {
        let asked: Vec<String> = digests.iter().map(Digest::hex).collect();
        let query = query(TRUSTED_BROWSERS).bind(email).bind(to_json(&asked)?).bind(now.millis());
        query
            .fetch_all(&mut *self.read_connection().await?)
            .await?
            .iter()
            .map(|row| Columns::new(row).digest())
            .collect()
    }

    async fn add_console_session(&self, session: &ConsoleSession) -> Result<()> {
        let session = session.clone();
        self.writer.run(move |tx| add_session(tx, session).boxed()).await
    }

    async fn save_console_session(&self, session: &ConsoleSession) -> Result<()> {
        let session = session.clone();
        self.writer.run(move |tx| save_session(tx, session).boxed()).await
    }

    async fn console_session(
        &self,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<ConsoleSession>> {
        let row = query(SESSION)
            .bind(digest.0.as_slice())
            .bind(now.millis())
            .fetch_optional(&mut *self.read_connection().await?)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut columns = Columns::new(&row);
        Ok(Some(ConsoleSession {
            digest: columns.digest()?,
            account: columns.value::<Option<i64>>()?.map(AccountId),
            data: columns.value()?,
            expires_at: columns.time()?,
            ends_at: columns.time()?,
        }))
    }

    async fn end_console_session(&self, digest: &Digest) -> Result<()> {
        let digest = *digest;
        self.writer.run(move |tx| end_session(tx, digest).boxed()).await
    }

    async fn end_console_sessions(&self, account: AccountId, keep: Option<&Digest>) -> Result<()> {
        let keep = keep.copied();
        self.writer.run(move |tx| end_sessions(tx, account, keep).boxed()).await
    }
}

fn read_account(columns: &mut Columns<'_>, vault: &Vault) -> Result<Account> {
    let id = columns.account()?;
    let email = EmailAddress::parse(columns.value()?)
        .map_err(|invalid| StoreError::Inconsistent(invalid.to_string()))?;
    let (name, password) = (columns.value()?, PasswordHash(columns.value()?));
    let sealed: Option<Vec<u8>> = columns.value()?;
    let secret = sealed
        .map(|sealed| {
            vault.decrypt(&secret_locations::second_factor(id), &String::from_utf8_lossy(&sealed))
        })
        .transpose()?;
    let (confirmed, last_step, failures, failed_at) =
        (columns.value()?, columns.value()?, columns.value()?, columns.maybe_time()?);
    let second_factor =
        secret.map(|secret| SecondFactor { secret, confirmed, last_step, failures, failed_at });
    let language = columns.parse()?;
    // A zone that this version does not know is as none.
    let time_zone = columns.value::<Option<String>>()?.and_then(|name| TimeZone::from_name(&name));
    Ok(Account {
        id,
        email,
        name,
        password,
        second_factor,
        language,
        time_zone,
        is_operator: columns.value()?,
        created_at: columns.time()?,
    })
}

fn read_invitation(row: &Row) -> Result<Invitation> {
    let mut columns = Columns::new(row);
    let (digest, site, role) = (columns.digest()?, columns.site()?, columns.parse()?);
    let email = columns
        .value::<Option<&str>>()?
        .map(EmailAddress::parse)
        .transpose()
        .map_err(|invalid| StoreError::Inconsistent(invalid.to_string()))?;
    Ok(Invitation {
        digest,
        site,
        role,
        email,
        invited_by: columns.account()?,
        expires_at: columns.time()?,
    })
}

async fn role(
    connection: &mut Connection,
    account: AccountId,
    site: SiteId,
) -> Result<Option<Role>> {
    let row = query(ROLE).bind(site.as_bytes()).bind(account.0).fetch_optional(connection).await?;
    row.map(|row| Columns::new(&row).parse()).transpose()
}
