//! Members of a site with their roles, and invitations.

use super::{profile::add_account, read_invitation, role};
use crate::{
    MAX_OPEN_INVITATIONS, MemberChangeOutcome, Result,
    db::{Connection, query},
    sql::{site, write_tx::WriteTx},
};
use belfry_domain::{
    AccountDraft, AccountId, ApiKey, Digest, EmailAddress, Invitation, Role, Site, SiteId,
    Timestamp, channel::ChannelAccess,
};

async fn is_last_owner(tx: &mut WriteTx, site: SiteId, account: AccountId) -> Result<bool> {
    let other =
        query("SELECT 1 FROM membership INDEXED BY membership_owner WHERE site_id = ?1 AND role = 'owner' AND account_id <> ?2 LIMIT 1")
            .bind(site.as_bytes())
            .bind(account.0)
            .fetch_optional(&mut tx.connection)
            .await?;
    Ok(other.is_none() && role(&mut tx.connection, account, site).await? == Some(Role::Owner))
}

async fn upsert_member(
    tx: &mut WriteTx,
    site: SiteId,
    account: AccountId,
    role: Role,
) -> Result<()> {
    query(
        "INSERT INTO membership (site_id, account_id, role) VALUES (?1, ?2, ?3) ON CONFLICT (site_id, account_id) DO UPDATE SET role = excluded.role",
    )
    .bind(site.as_bytes())
    .bind(account.0)
    .bind(role.as_str())
    .execute(&mut tx.connection)
    .await?;
    Ok(())
}

pub(super) async fn set_role(
    tx: &mut WriteTx,
    site: SiteId,
    account: AccountId,
    role: Role,
) -> Result<MemberChangeOutcome> {
    if role != Role::Owner && is_last_owner(tx, site, account).await? {
        return Ok(MemberChangeOutcome::LastOwner);
    }
    let changed = query("UPDATE membership SET role = ?3 WHERE site_id = ?1 AND account_id = ?2")
        .bind(site.as_bytes())
        .bind(account.0)
        .bind(role.as_str())
        .execute(&mut tx.connection)
        .await?;
    if changed == 0 {
        return Ok(MemberChangeOutcome::Unknown);
    }
    if role != Role::Owner {
        revoke_invitations(tx, site, account).await?;
    }
    invalidate_agents(tx, site).await?;
    Ok(MemberChangeOutcome::Done)
}

pub(super) async fn create_owned_site(
    tx: &mut WriteTx,
    site: Site,
    key: ApiKey,
    owner: AccountId,
) -> Result<()> {
    let id = site.id;
    site::create(tx, site, key).await?;
    upsert_member(tx, id, owner, Role::Owner).await
}

pub(super) async fn remove_member(
    tx: &mut WriteTx,
    site: SiteId,
    account: AccountId,
) -> Result<MemberChangeOutcome> {
    if is_last_owner(tx, site, account).await? {
        return Ok(MemberChangeOutcome::LastOwner);
    }
    revoke_invitations(tx, site, account).await?;
    let gone = query("DELETE FROM membership WHERE site_id = ?1 AND account_id = ?2")
        .bind(site.as_bytes())
        .bind(account.0)
        .execute(&mut tx.connection)
        .await?;
    if gone == 0 {
        return Ok(MemberChangeOutcome::Unknown);
    }
    invalidate_agents(tx, site).await?;
    Ok(MemberChangeOutcome::Done)
}

/// Invalidates what agents subscribe to: a membership makes an account an agent and decides what
/// they see.
async fn invalidate_agents(tx: &mut WriteTx, site: SiteId) -> Result<()> {
    tx.publish_agent_access(site, ChannelAccess::Agents).await
}

/// Revokes the open invitations that an account sent: the right to invite ends with the role.
async fn revoke_invitations(tx: &mut WriteTx, site: SiteId, account: AccountId) -> Result<()> {
    query(REVOKE_INVITATIONS)
        .bind(site.as_bytes())
        .bind(account.0)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(in crate::sql) const REVOKE_INVITATIONS: &str = "DELETE FROM invitation INDEXED BY invitation_of_member WHERE site_id = ?1 AND invited_by = ?2 AND used_at IS NULL";

pub(super) async fn add_invitation(
    tx: &mut WriteTx,
    invitation: Invitation,
    now: Timestamp,
) -> Result<bool> {
    let added = query(
        "INSERT INTO invitation (digest, site_id, role, email, invited_by, expires_at) SELECT ?1, ?2, ?3, ?4, ?5, ?6
         WHERE (SELECT count(*) FROM (SELECT 1 FROM invitation WHERE site_id = ?2 AND expires_at > ?7 AND used_at IS NULL LIMIT ?8 + 0)) < ?8",
    )
    .bind(invitation.digest.0.as_slice())
    .bind(invitation.site.as_bytes())
    .bind(invitation.role.as_str())
    .bind(invitation.email.as_ref().map(EmailAddress::as_str))
    .bind(invitation.invited_by.0)
    .bind(invitation.expires_at.millis())
    .bind(now.millis())
    .bind(MAX_OPEN_INVITATIONS)
    .execute(&mut tx.connection)
    .await?;
    Ok(added > 0)
}

pub(super) async fn invitation(
    connection: &mut Connection,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<Invitation>> {
    let row = query(
        "SELECT digest, site_id, role, email, invited_by, expires_at FROM invitation WHERE digest = ?1 AND expires_at > ?2 AND used_at IS NULL
         AND EXISTS (SELECT 1 FROM account WHERE account.id = invitation.invited_by AND (account.is_operator = 1 OR EXISTS (
            SELECT 1 FROM membership WHERE membership.site_id = invitation.site_id AND membership.account_id = account.id AND membership.role = 'owner')))",
    )
    .bind(digest.0.as_slice())
    .bind(now.millis())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(read_invitation).transpose()
}

pub(super) async fn revoke_invitation(
    tx: &mut WriteTx,
    site: SiteId,
    leading: u64,
) -> Result<bool> {
    // All digests that start with these 64 bits. In practice there is at most one.
    let bound = |rest: u8| {
        let mut digest = [rest; 32];
        leading.to_be_bytes().iter().zip(&mut digest).for_each(|(from, to)| *to = *from);
        digest
    };
    let gone = query("DELETE FROM invitation WHERE site_id = ?1 AND digest BETWEEN ?2 AND ?3 AND used_at IS NULL")
        .bind(site.as_bytes())
        .bind(bound(0).to_vec())
        .bind(bound(255).to_vec())
        .execute(&mut tx.connection)
        .await?;
    Ok(gone > 0)
}

pub(super) async fn accept(
    tx: &mut WriteTx,
    digest: Digest,
    account: AccountId,
    now: Timestamp,
) -> Result<Option<Invitation>> {
    let Some(invitation) = invitation(&mut tx.connection, digest, now).await? else {
        return Ok(None);
    };
    query("UPDATE invitation SET used_at = ?2 WHERE digest = ?1")
        .bind(digest.0.as_slice())
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    let present = role(&mut tx.connection, account, invitation.site).await?;
    if present.is_none_or(|present| present < invitation.role) {
        upsert_member(tx, invitation.site, account, invitation.role).await?;
        invalidate_agents(tx, invitation.site).await?;
    }
    Ok(Some(invitation))
}

pub(super) async fn accept_as_new(
    tx: &mut WriteTx,
    digest: Digest,
    draft: AccountDraft,
    now: Timestamp,
) -> Result<Option<(AccountId, Invitation)>> {
    if invitation(&mut tx.connection, digest, now).await?.is_none() {
        return Ok(None);
    }
    let account = add_account(tx, &draft, now).await?;
    Ok(accept(tx, digest, account, now).await?.map(|invitation| (account, invitation)))
}
