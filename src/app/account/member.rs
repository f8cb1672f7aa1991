//! Memberships and invitations of sites.

use super::{INVITATION_TTL, NewAccount};
use crate::{App, AppError};
use belfry_domain::{
    Account, AccountId, Actor, Digest, EmailAddress, Invitation, Membership, Role, Scopes, Secret,
    SecretKind, Site, SiteDraft, SiteId, ValidationError,
};
use belfry_locales::phrases::errors;
use belfry_store::{Conflict, MAX_OPEN_INVITATIONS, MemberChangeOutcome, StoreError};
use serde_json::json;

/// A site and a person's role on it.
#[derive(Debug, Clone)]
pub struct SiteRole {
    /// The site.
    pub site: Site,
    /// The role.
    pub role: Role,
}

/// Who accepts an invitation.
#[derive(Debug, Clone)]
pub enum Invitee {
    /// A signed-in account.
    Existing(Box<Account>),
    /// A new account.
    New(NewAccount),
}

fn check_member_change(change: MemberChangeOutcome) -> Result<(), AppError> {
    match change {
        MemberChangeOutcome::Done => Ok(()),
        MemberChangeOutcome::Unknown => Err(AppError::NotFound),
        MemberChangeOutcome::LastOwner => {
            Err(ValidationError::new("member", errors::LAST_OWNER).into())
        }
    }
}

impl App {
    /// The sites of an account, by name. An owner of the instance owns every site.
    pub async fn sites_of(&self, account: &Account) -> Result<Vec<SiteRole>, AppError> {
        let roles = self.store.roles(account.id).await?;
        let role_of =
            |site: SiteId| roles.iter().find_map(|(of, role)| (*of == site).then_some(*role));
        let mut sites: Vec<SiteRole> = if account.is_operator {
            self.store
                .sites()
                .await?
                .into_iter()
                .map(|site| SiteRole { site, role: Role::Owner })
                .collect()
        } else {
            let mut sites = Vec::with_capacity(roles.len());
            for (site, _) in &roles {
                sites.extend(self.store.site(*site).await?);
            }
            sites
                .into_iter()
                .filter_map(|site| role_of(site.id).map(|role| SiteRole { site, role }))
                .collect()
        };
        sites.sort_by_cached_key(|of| (of.site.name.to_lowercase(), of.site.id));
        Ok(sites)
    }

    /// A site with the account's role on it. `NotFound` without a role.
    pub async fn role_on(&self, account: &Account, site: SiteId) -> Result<SiteRole, AppError> {
        let role = if account.is_operator {
            Some(Role::Owner)
        } else {
            self.store.role(account.id, site).await?
        };
        let role = role.ok_or(AppError::NotFound)?;
        Ok(SiteRole { site: self.site(site).await?, role })
    }

    /// Creates a site owned by an account; the key is returned only here.
    pub async fn create_site_for(
        &self,
        account: AccountId,
        draft: SiteDraft,
    ) -> Result<(Site, Secret), AppError> {
        let site = draft.into_site(&*self.rng, self.now());
        let (secret, key) = self.new_key(site.id, "first key", Scopes::all());
        let created = self.store.create_owned_site(&site, &key, account);
        self.with_audit(
            Actor::Account(account),
            Some(site.id),
            "site.created",
            &site.name,
            None,
            created,
        )
        .await?;
        Ok((site, secret))
    }

    /// The members of a site.
    pub async fn members(&self, site: SiteId) -> Result<Vec<Membership>, AppError> {
        Ok(self.store.members(site).await?)
    }

    /// Changes a member's role.
    pub async fn set_role(
        &self,
        by: AccountId,
        site: SiteId,
        member: AccountId,
        role: Role,
    ) -> Result<(), AppError> {
        let (subject, detail) = (member.0.to_string(), Some(json!({"role": role.as_str()})));
        let change = self.store.set_role(site, member, role);
        check_member_change(
            self.with_audit(
                Actor::Account(by),
                Some(site),
                "member.changed",
                &subject,
                detail,
                change,
            )
            .await?,
        )
    }

    /// Removes a member, unless it is the last owner.
    pub async fn remove_member(
        &self,
        by: AccountId,
        site: SiteId,
        member: AccountId,
    ) -> Result<(), AppError> {
        let removal = self.store.remove_member(site, member);
        check_member_change(
            self.with_audit(
                Actor::Account(by),
                Some(site),
                "member.removed",
                &member.0.to_string(),
                None,
                removal,
            )
            .await?,
        )
    }

    /// Creates an invitation; the secret is returned only here.
    pub async fn invite(
        &self,
        by: AccountId,
        site: SiteId,
        role: Role,
        email: Option<EmailAddress>,
    ) -> Result<Secret, AppError> {
        let secret = Secret::generate(SecretKind::Invitation, &*self.rng);
        let expires_at = self.now().plus(INVITATION_TTL);
        let invitation =
            Invitation { digest: secret.digest(), site, role, email, invited_by: by, expires_at };
        let (subject, detail) = (invitation.digest.short(), Some(json!({"role": role.as_str()})));
        let addition = self.store.add_invitation(&invitation, self.now());
        if !self
            .with_audit(
                Actor::Account(by),
                Some(site),
                "invitation.created",
                &subject,
                detail,
                addition,
            )
            .await?
        {
            return Err(ValidationError::new(
                "",
                errors::too_many_invitations(MAX_OPEN_INVITATIONS),
            )
            .into());
        }
        Ok(secret)
    }

    /// The open invitations of a site.
    pub async fn invitations(&self, site: SiteId) -> Result<Vec<Invitation>, AppError> {
        Ok(self.store.invitations(site, self.now()).await?)
    }

    /// Revokes an invitation by the short name of its digest.
    pub async fn revoke_invitation(
        &self,
        by: AccountId,
        site: SiteId,
        short: &str,
    ) -> Result<(), AppError> {
        let revocation = self.store.revoke_invitation(site, short);
        let revoked = self
            .with_audit(
                Actor::Account(by),
                Some(site),
                "invitation.revoked",
                short,
                None,
                revocation,
            )
            .await?;
        if revoked { Ok(()) } else { Err(AppError::NotFound) }
    }

    /// The site and role of an open invitation.
    pub async fn invitation(&self, secret: &str) -> Result<(Site, Invitation), AppError> {
        let invitation = self
            .store
            .invitation(&Digest::of(secret.trim()), self.now())
            .await?
            .ok_or(AppError::Unauthenticated)?;
        Ok((self.site(invitation.site).await?, invitation))
    }

    /// Accepts an invitation, once. One with an e-mail address is for that address only.
    pub async fn accept_invitation(
        &self,
        secret: &str,
        guest: Invitee,
    ) -> Result<(AccountId, SiteId), AppError> {
        let (_, invitation) = self.invitation(secret).await?;
        let email = match &guest {
            Invitee::Existing(account) => &account.email,
            Invitee::New(account) => &account.email,
        };
        if invitation.email.as_ref().is_some_and(|wanted| wanted != email) {
            return Err(ValidationError::new("email", errors::NOT_INVITED).into());
        }
        let by = if let Invitee::Existing(account) = &guest {
            Actor::Account(account.id)
        } else {
            Actor::System
        };
        let act = self.start_audited(
            by,
            Some(invitation.site),
            "invitation.accepted",
            &invitation.digest.short(),
            None,
        );
        let account = match guest {
            Invitee::Existing(account) => {
                let acceptance =
                    self.store.accept_invitation(&invitation.digest, account.id, self.now());
                act.scope(acceptance).await?.ok_or(AppError::Unauthenticated)?;
                account.id
            }
            Invitee::New(account) => {
                let draft = account.into_draft(false).await?;
                match act
                    .scope(self.store.accept_as_new(&invitation.digest, &draft, self.now()))
                    .await
                {
                    Ok(accepted) => accepted.ok_or(AppError::Unauthenticated)?.0,
                    Err(StoreError::Conflict(Conflict::AlreadyExists(_))) => {
                        return Err(ValidationError::new("email", errors::HAS_ACCOUNT).into());
                    }
                    Err(other) => return Err(other.into()),
                }
            }
        };
        Ok((account, invitation.site))
    }
}
