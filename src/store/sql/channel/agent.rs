//! Agents of a site, their API tokens, and the owner of a pubsub token.
//!
//! An agent with a console account exists while the account is an owner, editor or agent of the
//! site, or owns the instance. Each lookup joins the membership, so a removed member loses access
//! at once.

pub(super) mod write;

use super::{of_int, session};
use crate::{
    AgentStore, ChannelResult, MAX_AGENTS, Result,
    db::{Columns, Connection, query, query_scalar},
    sql::{SqlStore, sdk_rows, secret_locations::agent_pubsub},
    vault::Vault,
};
use async_trait::async_trait;
use belfry_domain::{
    AccountId, Digest, SiteId, Timestamp,
    channel::{
        Agent, AgentDraft, AgentId, AgentRole, AgentSecrets, Availability, ChannelToken, InboxId,
        PubsubOwner, SignedInAgent, SiteNumber, VisibleInboxes,
    },
};
use futures_util::FutureExt as _;
use write::{create, find_or_create_for_account, set_tokens};

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
