//! Agents of a site, their API tokens, and the owner of a pubsub token.
//!
//! An agent with a console account exists while the account is an owner, editor or agent of the
//! site, or owns the instance. Each lookup joins the membership, so a removed member loses access
//! at once.

use super::{CommandResult, of_int, session};
use crate::{
    AgentStore, ChannelResult, Conflict, MAX_AGENTS, Result, StoreError,
    db::{Columns, Connection, query, query_as, query_scalar},
    sql::{SqlStore, sdk_rows, secret_locations::agent_pubsub, write_tx::WriteTx},
    vault::Vault,
};
use async_trait::async_trait;
use belfry_domain::{
    AccountId, Digest, EmailAddress, SiteId, Timestamp, ValidationError,
    channel::{
        Agent, AgentDraft, AgentId, AgentRole, AgentSecrets, Availability, ChannelAccess,
        ChannelToken, InboxId, PubsubOwner, Rejection, SignedInAgent, SiteNumber, VisibleInboxes,
    },
};
use belfry_locales::phrases::errors;
use futures_util::FutureExt as _;

macro_rules! agent_columns {
    () => {
        "a.id, a.account_id, a.name, a.email, CASE WHEN a.account_id IS NULL THEN a.role WHEN m.role = 'owner' THEN 1
            ELSE coalesce((SELECT is_operator FROM account WHERE account.id = a.account_id), 0) END, a.availability, a.created_at,
            a.external_id, a.sdk_inbox_id"
    };
}
pub(in crate::sql) use agent_columns;

/// Whether an agent `a` with the membership `m` of its account is allowed to act.
macro_rules! is_allowed {
    () => {
        "(a.account_id IS NULL OR m.role IN ('owner', 'editor', 'agent')
            OR EXISTS (SELECT 1 FROM account WHERE account.id = a.account_id AND account.is_operator = 1))"
    };
}
pub(super) use is_allowed;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            agent_columns!(),
            ", a.site_id, n.number, site.name, a.pubsub_token FROM agent AS a CROSS JOIN site_counter AS n ON n.site_id = a.site_id
             CROSS JOIN site ON site.id = a.site_id
             LEFT JOIN membership AS m ON m.site_id = a.site_id AND m.account_id = a.account_id ",
            $rest,
            " AND ",
            is_allowed!()
        )
    };
}

/// Sorted by `+`: `PostgreSQL` would read the agents of all sites in order instead.
pub(in crate::sql) const ALL: &str = concat!(
    select!("WHERE a.site_id = ?1 AND a.external_id IS NULL"),
    " ORDER BY +a.id LIMIT ?2 + 0"
);
/// In index order, so that a page costs the same however many agents there are.
pub(in crate::sql) const EXTERNAL: &str = concat!(
    "SELECT ",
    agent_columns!(),
    " FROM agent AS a LEFT JOIN membership AS m ON m.site_id = a.site_id AND m.account_id = a.account_id
     WHERE a.site_id = ?1 AND a.external_id IS NOT NULL ORDER BY a.sdk_inbox_id, a.external_id LIMIT ?2 + 0"
);
pub(in crate::sql) const ONE: &str = select!("WHERE a.id = ?2 AND a.site_id = ?1");
pub(in crate::sql) const BY_TOKEN: &str = select!("WHERE a.token_digest = ?1");
pub(in crate::sql) const BY_ACCOUNT: &str = select!("WHERE a.site_id = ?1 AND a.account_id = ?2");
/// Agents of the Inbox SDK are excluded: they have session tokens instead.
pub(in crate::sql) const BY_PUBSUB: &str =
    select!("WHERE a.pubsub_digest = ?1 AND a.external_id IS NULL");

/// Former members don't count. Agents of the Inbox SDK have a limit of their own.
pub(in crate::sql) const COUNT: &str = concat!(
    "SELECT count(*) FROM agent AS a LEFT JOIN membership AS m ON m.site_id = a.site_id AND m.account_id = a.account_id
     WHERE a.site_id = ?1 AND a.external_id IS NULL AND ",
    is_allowed!()
);

pub(super) fn agent_in(columns: &mut Columns<'_>) -> Result<Agent> {
    let mut agent = Agent {
        id: AgentId(columns.value()?),
        account: columns.value::<Option<i64>>()?.map(AccountId),
        name: columns.value()?,
        email: columns.value()?,
        role: of_int(columns.value()?, AgentRole::from_int)?,
        availability: of_int(columns.value()?, Availability::from_int)?,
        created_at: columns.time()?,
        external_id: columns.value()?,
        sdk_scope: None,
    };
    let scope = sdk_rows::scope_of(columns.value()?);
    agent.sdk_scope = agent.external_id.as_ref().map(|_| scope);
    Ok(agent)
}

pub(in crate::sql) fn signed_in(columns: &mut Columns<'_>, vault: &Vault) -> Result<SignedInAgent> {
    let agent = agent_in(columns)?;
    let site = columns.site()?;
    let (account, site_name) = (SiteNumber(columns.value()?), columns.value()?);
    let sealed: String = columns.value()?;
    let pubsub_token =
        ChannelToken::from_text(vault.decrypt_text(&agent_pubsub(site, agent.id.0), &sealed)?);
    Ok(SignedInAgent { site, account, site_name, access: agent.access(), agent, pubsub_token })
}

/// One agent of a site who is allowed to act.
pub(super) async fn one(
    connection: &mut Connection,
    site: SiteId,
    agent: AgentId,
) -> Result<Option<Agent>> {
    let row = query(ONE).bind(site.as_bytes()).bind(agent.0).fetch_optional(connection).await?;
    row.map(|row| agent_in(&mut Columns::new(&row))).transpose()
}

struct NewAgent {
    account: Option<AccountId>,
    draft: AgentDraft,
    secrets: AgentSecrets,
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

async fn by_email(tx: &mut WriteTx, site: SiteId, email: &str) -> Result<Option<i64>> {
    query_scalar("SELECT id FROM agent WHERE site_id = ?1 AND email = ?2 AND external_id IS NULL")
        .bind(site.as_bytes())
        .bind(email)
        .fetch_optional(&mut tx.connection)
        .await
}

async fn create(
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
async fn find_or_create_for_account(
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

async fn by_account(
    connection: &mut Connection,
    vault: &Vault,
    site: SiteId,
    account: AccountId,
) -> Result<Option<SignedInAgent>> {
    let row =
        query(BY_ACCOUNT).bind(site.as_bytes()).bind(account.0).fetch_optional(connection).await?;
    row.map(|row| signed_in(&mut Columns::new(&row), vault)).transpose()
}

async fn set_tokens(
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

async fn subscriber(
    connection: &mut Connection,
    vault: &Vault,
    pubsub: &Digest,
) -> Result<Option<PubsubOwner>> {
    let Some(row) =
        query(BY_PUBSUB).bind(pubsub.0.to_vec()).fetch_optional(&mut *connection).await?
    else {
        return session::subscriber(connection, vault, pubsub).await;
    };
    let SignedInAgent { site, account, agent, .. } = signed_in(&mut Columns::new(&row), vault)?;
    let inboxes = if agent.role == AgentRole::Administrator {
        VisibleInboxes::All
    } else {
        let ids: Vec<i64> =
            query_scalar("SELECT inbox_id FROM inbox_member INDEXED BY inbox_member_agent WHERE site_id = ?1 AND agent_id = ?2")
                .bind(site.as_bytes())
                .bind(agent.id.0)
                .fetch_all(connection)
                .await?;
        VisibleInboxes::Some(ids.into_iter().map(InboxId).collect())
    };
    Ok(Some(PubsubOwner::Agent { site, account, agent: Box::new(agent), inboxes }))
}

#[async_trait]
impl AgentStore for SqlStore {
    async fn create_agent(
        &self,
        site: SiteId,
        draft: &AgentDraft,
        secrets: &AgentSecrets,
        now: Timestamp,
    ) -> ChannelResult<Agent> {
        let (draft, secrets, vault) = (draft.clone(), secrets.clone(), self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                async move { create(tx, &vault, site, draft, secrets, now).await }.boxed()
            })
            .await
    }

    async fn agents(&self, site: SiteId) -> Result<Vec<Agent>> {
        let connection = &mut *self.read_connection_for(site).await?;
        let mut rows =
            query(ALL).bind(site.as_bytes()).bind(MAX_AGENTS).fetch_all(&mut *connection).await?;
        let room = (MAX_AGENTS as usize).saturating_sub(rows.len());
        rows.extend(
            query(EXTERNAL)
                .bind(site.as_bytes())
                .bind(i64::try_from(room).unwrap_or(0))
                .fetch_all(connection)
                .await?,
        );
        rows.iter().map(|row| agent_in(&mut Columns::new(row))).collect()
    }

    async fn agent(&self, site: SiteId, agent: AgentId) -> Result<Option<Agent>> {
        one(&mut *self.read_connection_for(site).await?, site, agent).await
    }

    async fn agent_by_token(&self, digest: &Digest) -> Result<Option<SignedInAgent>> {
        let row = query(BY_TOKEN)
            .bind(digest.0.to_vec())
            .fetch_optional(&mut *self.read_connection().await?)
            .await?;
        row.map(|row| signed_in(&mut Columns::new(&row), &self.vault)).transpose()
    }

    async fn agent_of_account(
        &self,
        site: SiteId,
        account: AccountId,
        secrets: &AgentSecrets,
        now: Timestamp,
    ) -> Result<Option<SignedInAgent>> {
        // Usually it exists already, so the call need not wait for the writer.
        if let Some(found) =
            by_account(&mut *self.read_connection_for(site).await?, &self.vault, site, account)
                .await?
        {
            return Ok(Some(found));
        }
        let (secrets, vault) = (secrets.clone(), self.vault.clone());
        self.writer.for_site(site).run(move |tx| async move { find_or_create_for_account(tx, &vault, site, account, secrets, now).await }.boxed()).await
    }

    async fn set_agent_tokens(
        &self,
        site: SiteId,
        agent: AgentId,
        secrets: &AgentSecrets,
    ) -> Result<bool> {
        let (secrets, vault) = (secrets.clone(), self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                async move { set_tokens(tx, &vault, site, agent, secrets).await }.boxed()
            })
            .await
    }

    async fn set_availability(
        &self,
        site: SiteId,
        agent: AgentId,
        availability: Availability,
    ) -> Result<Option<Agent>> {
        self.writer
            .for_site(site)
            .run(move |tx| {
                async move {
                    query("UPDATE agent SET availability = ?3 WHERE id = ?2 AND site_id = ?1")
                        .bind(site.as_bytes())
                        .bind(agent.0)
                        .bind(availability.as_int())
                        .execute(&mut tx.connection)
                        .await?;
                    one(&mut tx.connection, site, agent).await
                }
                .boxed()
            })
            .await
    }

    async fn subscriber(&self, pubsub: &Digest) -> Result<Option<PubsubOwner>> {
        subscriber(&mut *self.read_connection().await?, &self.vault, pubsub).await
    }
}
