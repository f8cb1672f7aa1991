//! Creates agents, for a console account or on their own, and replaces their tokens. Called by the
//! parent module, and by the Inbox SDK for the tokens of its agents. Must not depend on
//! conversations.

use super::{super::CommandResult, COUNT, by_account, one};
use crate::{
    Conflict, MAX_AGENTS, Result, StoreError,
    db::{query, query_as, query_scalar},
    sql::{sdk_rows, secret_locations::agent_pubsub, write_tx::WriteTx},
    vault::Vault,
};
use belfry_domain::{
    AccountId, EmailAddress, SiteId, Timestamp, ValidationError,
    channel::{
        Agent, AgentDraft, AgentId, AgentRole, AgentSecrets, ChannelAccess, ChannelToken,
        Rejection, SignedInAgent,
    },
};
use belfry_locales::phrases::errors;

struct NewAgent {
    account: Option<AccountId>,
    draft: AgentDraft,
    secrets: AgentSecrets,
}

pub(super) async fn create(
    tx: &mut WriteTx,
    vault: &Vault,
    site: SiteId,
    draft: AgentDraft,
    secrets: AgentSecrets,
    now: Timestamp,
) -> CommandResult<Agent> {
    if by_email(tx, site, draft.email.as_str()).await?.is_some() {
        return Ok(Err(Rejection::Taken("email")));
    }
    let id = insert(tx, vault, site, NewAgent { account: None, draft, secrets }, now).await?;
    Ok(one(&mut tx.connection, site, id).await?.ok_or(Rejection::NotFound("agent")))
}

/// The agent of a console account that answers conversations of the site. Created if it is missing.
pub(super) async fn find_or_create_for_account(
    tx: &mut WriteTx,
    vault: &Vault,
    site: SiteId,
    account: AccountId,
    secrets: AgentSecrets,
    now: Timestamp,
) -> Result<Option<SignedInAgent>> {
    if let Some(found) = by_account(&mut tx.connection, vault, site, account).await? {
        return Ok(Some(found));
    }
    let person: Option<(String, String)> = query_as(
        "SELECT account.name, account.email FROM account LEFT JOIN membership AS m ON m.site_id = ?1 AND m.account_id = account.id
         WHERE account.id = ?2 AND (account.is_operator = 1 OR m.role IN ('owner', 'editor', 'agent'))",
    )
    .bind(site.as_bytes())
    .bind(account.0)
    .fetch_optional(&mut tx.connection)
    .await?;
    let Some((name, email)) = person else { return Ok(None) };
    if let Some(agent) = by_email(tx, site, &email).await? {
        query("UPDATE agent SET account_id = ?2 WHERE id = ?1")
            .bind(agent)
            .bind(account.0)
            .execute(&mut tx.connection)
            .await?;
    } else {
        let name = if name.trim().is_empty() { email.clone() } else { name };
        let email = EmailAddress::parse(&email).map_err(|_| {
            StoreError::Inconsistent("invalid e-mail address of an account".to_owned())
        })?;
        let draft = AgentDraft { name, email, role: AgentRole::Agent };
        insert(tx, vault, site, NewAgent { account: Some(account), draft, secrets }, now).await?;
    }
    by_account(&mut tx.connection, vault, site, account).await
}

async fn by_email(tx: &mut WriteTx, site: SiteId, email: &str) -> Result<Option<i64>> {
    query_scalar("SELECT id FROM agent WHERE site_id = ?1 AND email = ?2 AND external_id IS NULL")
        .bind(site.as_bytes())
        .bind(email)
        .fetch_optional(&mut tx.connection)
        .await
}

async fn insert(
    tx: &mut WriteTx,
    vault: &Vault,
    site: SiteId,
    new: NewAgent,
    now: Timestamp,
) -> Result<AgentId> {
    let count: u32 =
        query_scalar(COUNT).bind(site.as_bytes()).fetch_one(&mut tx.connection).await?;
    if count >= MAX_AGENTS {
        return Err(StoreError::Limit(ValidationError::new(
            "",
            errors::too_many_agents(MAX_AGENTS),
        )));
    }
    let NewAgent { account, draft, secrets } = new;
    let id: Option<i64> = query_scalar(
        "INSERT INTO agent (site_id, account_id, name, email, role, token_digest, pubsub_token, pubsub_digest, created_at)
         SELECT id, ?2, ?3, ?4, ?5, ?6, '', ?7, ?8 FROM site WHERE id = ?1 RETURNING id",
    )
    .bind(site.as_bytes())
    .bind(account.map(|account| account.0))
    .bind(&draft.name)
    .bind(draft.email.as_str())
    .bind(draft.role.as_int())
    .bind(secrets.access_token.as_ref().map(|token| token.digest().0.to_vec()))
    .bind(secrets.pubsub_token.digest().0.to_vec())
    .bind(now.millis())
    .fetch_optional(&mut tx.connection)
    .await?;
    let id = id.ok_or(Conflict::UnknownSite)?;
    seal_pubsub(tx, vault, site, id, &secrets.pubsub_token).await?;
    tx.set_subject(id);
    Ok(AgentId(id))
}

/// Stores the pubsub token once the row id is known: the encryption is bound to it.
pub(in crate::sql) async fn seal_pubsub(
    tx: &mut WriteTx,
    vault: &Vault,
    site: SiteId,
    id: i64,
    token: &ChannelToken,
) -> Result<()> {
    let sealed = vault.encrypt(&agent_pubsub(site, id), token.reveal().as_bytes())?;
    query("UPDATE agent SET pubsub_token = ?2 WHERE id = ?1")
        .bind(id)
        .bind(sealed)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(super) async fn set_tokens(
    tx: &mut WriteTx,
    vault: &Vault,
    site: SiteId,
    agent: AgentId,
    secrets: AgentSecrets,
) -> Result<bool> {
    let changed = query(
        "UPDATE agent SET token_digest = CASE WHEN external_id IS NULL THEN ?3 END, pubsub_token = ?4, pubsub_digest = ?5
         WHERE id = ?2 AND site_id = ?1",
    )
    .bind(site.as_bytes())
    .bind(agent.0)
    .bind(secrets.access_token.as_ref().map(|token| token.digest().0.to_vec()))
    .bind(vault.encrypt(&agent_pubsub(site, agent.0), secrets.pubsub_token.reveal().as_bytes())?)
    .bind(secrets.pubsub_token.digest().0.to_vec())
    .execute(&mut tx.connection)
    .await?;
    if changed == 0 {
        return Ok(false);
    }
    sdk_rows::end_tokens_of_agent(tx, agent).await?;
    tx.publish_agent_access(site, ChannelAccess::Agent(agent)).await?;
    Ok(true)
}
