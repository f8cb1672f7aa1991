//! Agents' list snapshots, and the conversations that agents watch.

use super::{
    CommandResult, attempt, conversation,
    event::{Emitter, EventDraft},
    list, start, undo_if_rejected, view,
};
use crate::{
    AgentListStore, ChannelResult, Result,
    db::{Columns, Connection, query, query_scalar, to_json},
    sql::{SqlStore, write_tx::WriteTx},
};
use async_trait::async_trait;
use belfry_domain::{
    SiteId, Timestamp, ValidationError,
    channel::{
        Agent, AgentId, ConversationAccess, ConversationEventKind, ConversationId,
        ConversationNumber, ConversationView, CreatedConversation, MAX_WATCHED_PER_AGENT,
        MAX_WATCHERS, Performer, Rejection,
    },
    sdk::{AgentList, ListSnapshot, MAX_LISTED_CONVERSATIONS, NewInitiatedConversation},
};
use belfry_locales::phrases::errors;
use futures_util::FutureExt as _;

/// The unresolved conversations that an agent watches, in some inboxes or in all.
pub(in crate::sql) const WATCHED: &str = "SELECT v.number FROM conversation_watcher AS w
     CROSS JOIN conversation AS v INDEXED BY conversation_number ON v.site_id = ?1 AND v.number = w.number AND v.deleted = 0 AND v.status <> 1
     WHERE w.site_id = ?1 AND w.agent_id = ?2 AND (?3 IS NULL OR v.inbox_id IN (SELECT CAST(value AS BIGINT) FROM json_each(?3)))
     ORDER BY v.last_activity_at DESC, v.number DESC";
pub(in crate::sql) const COUNT: &str =
    "SELECT count(*) FROM conversation_watcher WHERE site_id = ?1 AND agent_id = ?2";
/// The oldest resolved conversation that an agent watches.
pub(in crate::sql) const RESOLVED: &str = "SELECT w.number FROM conversation_watcher AS w
     CROSS JOIN conversation AS v INDEXED BY conversation_number ON v.site_id = ?1 AND v.number = w.number AND v.status = 1
     WHERE w.site_id = ?1 AND w.agent_id = ?2 ORDER BY w.number LIMIT 1";
pub(in crate::sql) const BY_UUID: &str = "SELECT number FROM conversation INDEXED BY conversation_uuid WHERE site_id = ?1 AND uuid = ?2 AND deleted = 0";
pub(in crate::sql) const SITE_BY_UUID: &str = "SELECT site_id FROM conversation INDEXED BY conversation_uuid WHERE uuid = ?1 AND deleted = 0 ORDER BY site_id LIMIT 1";
/// Removes a conversation that is being deleted from its watchers.
pub(in crate::sql) const DELETE_WATCHER: &str = "DELETE FROM conversation_watcher WHERE site_id = ?1 AND number = ?2 AND agent_id IN (
        SELECT CAST(watcher.value AS BIGINT) FROM conversation AS v CROSS JOIN json_each(v.watchers) AS watcher WHERE v.site_id = ?1 AND v.number = ?2)";

async fn snapshot(
    connection: &mut Connection,
    site: SiteId,
    access: ConversationAccess,
    agent: AgentId,
    wanted: AgentList,
) -> Result<ListSnapshot> {
    let revision: Option<i64> =
        query_scalar("SELECT last_revision FROM site_counter WHERE site_id = ?1")
            .bind(site.as_bytes())
            .fetch_optional(&mut *connection)
            .await?;
    let scopes = list::scopes(connection, site, access, None).await?;
    let mut numbers: Vec<i64> = match wanted {
        AgentList::Watched => {
            let inboxes = if scopes == [list::SITE_SCOPE] { None } else { Some(to_json(&scopes)?) };
            query_scalar(WATCHED)
                .bind(site.as_bytes())
                .bind(agent.0)
                .bind(inboxes)
                .fetch_all(&mut *connection)
                .await?
        }
        AgentList::Mine => {
            list::newest_unresolved(connection, site, &scopes, agent, MAX_LISTED_CONVERSATIONS + 1)
                .await?
        }
        AgentList::New => {
            list::newest_unassigned(connection, site, &scopes, MAX_LISTED_CONVERSATIONS + 1).await?
        }
    };
    let is_truncated = numbers.len() > MAX_LISTED_CONVERSATIONS;
    numbers.truncate(MAX_LISTED_CONVERSATIONS);
    Ok(ListSnapshot {
        revision: revision.unwrap_or(0),
        conversations: view::views(connection, site, &numbers, None).await?,
        is_truncated,
    })
}

async fn watch(
    tx: &mut WriteTx,
    site: SiteId,
    (access, number): (ConversationAccess, ConversationNumber),
    agent: Agent,
    is_on: bool,
    now: Timestamp,
) -> CommandResult<ConversationView> {
    let mut row = attempt!(conversation::load(&mut tx.connection, site, access, number).await?);
    let before = row.clone();
    let watchers = &mut row.conversation.watchers;
    match (watchers.binary_search(&agent.id), is_on) {
        (Ok(_), true) | (Err(_), false) => {
            return Ok(Ok(view::view(&mut tx.connection, site, number).await?));
        }
        (Ok(place), false) => {
            watchers.remove(place);
        }
        (Err(_), true) if watchers.len() >= MAX_WATCHERS => {
            return Ok(Err(ValidationError::new(
                "watched",
                errors::too_many_watchers(MAX_WATCHERS),
            )
            .into()));
        }
        (Err(place), true) => {
            watchers.insert(place, agent.id);
            attempt!(unwatch_oldest_resolved(tx, site, agent.id, now).await?);
        }
    }
    write_row(tx, site, agent.id, number, is_on).await?;
    conversation::save(tx, site, &before, &mut row, now).await?;
    let view = view::view(&mut tx.connection, site, number).await?;
    let emitter = Emitter::load(tx, site, Some(row.conversation.inbox)).await?;
    let performer = Performer::Agent(Box::new(agent));
    emitter
        .emit(
            tx,
            &view,
            EventDraft::new(ConversationEventKind::ConversationWatched),
            &performer,
            now,
        )
        .await?;
    Ok(Ok(view))
}

async fn write_row(
    tx: &mut WriteTx,
    site: SiteId,
    agent: AgentId,
    number: ConversationNumber,
    is_on: bool,
) -> Result<()> {
    let statement = if is_on {
        "INSERT INTO conversation_watcher (site_id, agent_id, number) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"
    } else {
        "DELETE FROM conversation_watcher WHERE site_id = ?1 AND agent_id = ?2 AND number = ?3"
    };
    query(statement)
        .bind(site.as_bytes())
        .bind(agent.0)
        .bind(number.0)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

/// Makes room for an agent at the watch limit: the oldest resolved conversation is unwatched. It is
/// in none of their lists.
async fn unwatch_oldest_resolved(
    tx: &mut WriteTx,
    site: SiteId,
    agent: AgentId,
    now: Timestamp,
) -> CommandResult<()> {
    let count: u32 = query_scalar(COUNT)
        .bind(site.as_bytes())
        .bind(agent.0)
        .fetch_one(&mut tx.connection)
        .await?;
    if count < MAX_WATCHED_PER_AGENT {
        return Ok(Ok(()));
    }
    let resolved: Option<i64> = query_scalar(RESOLVED)
        .bind(site.as_bytes())
        .bind(agent.0)
        .fetch_optional(&mut tx.connection)
        .await?;
    let Some(resolved) = resolved.map(ConversationNumber) else {
        return Ok(Err(ValidationError::new(
            "watched",
            errors::too_many_watched(MAX_WATCHED_PER_AGENT),
        )
        .into()));
    };
    write_row(tx, site, agent, resolved, false).await?;
    if let Ok(mut row) =
        conversation::load(&mut tx.connection, site, ConversationAccess::Site, resolved).await?
    {
        let before = row.clone();
        row.conversation.watchers.retain(|watcher| *watcher != agent);
        conversation::save(tx, site, &before, &mut row, now).await?;
    }
    Ok(Ok(()))
}

#[async_trait]
impl AgentListStore for SqlStore {
    async fn agent_list(
        &self,
        site: SiteId,
        access: ConversationAccess,
        agent: AgentId,
        list: AgentList,
    ) -> Result<ListSnapshot> {
        let connection = &mut *self.read_connection_for(site).await?;
        // The revision and the list are read in one transaction.
        let mut moment = connection.begin().await?;
        let snapshot = snapshot(&mut moment, site, access, agent, list).await?;
        moment.rollback().await?;
        Ok(snapshot)
    }

    async fn conversation_by_uuid(
        &self,
        site: SiteId,
        access: ConversationAccess,
        id: ConversationId,
    ) -> ChannelResult<ConversationView> {
        let connection = &mut *self.read_connection_for(site).await?;
        let number: Option<i64> = query_scalar(BY_UUID)
            .bind(site.as_bytes())
            .bind(id.as_bytes().to_vec())
            .fetch_optional(&mut *connection)
            .await?;
        let number =
            attempt!(number.map(ConversationNumber).ok_or(Rejection::NotFound("conversation")));
        attempt!(conversation::load(connection, site, access, number).await?);
        let view = view::views(connection, site, &[number.0], Some(&self.vault)).await?.pop();
        Ok(view.ok_or(Rejection::NotFound("conversation")))
    }

    async fn site_of_conversation(&self, id: ConversationId) -> Result<Option<SiteId>> {
        let row = query(SITE_BY_UUID)
            .bind(id.as_bytes().to_vec())
            .fetch_optional(&mut *self.read_connection().await?)
            .await?;
        row.map(|row| Columns::new(&row).site()).transpose()
    }

    async fn watch_conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        agent: &Agent,
        is_on: bool,
        now: Timestamp,
    ) -> ChannelResult<ConversationView> {
        let agent = agent.clone();
        self.writer
            .for_site(site)
            .run(move |tx| {
                undo_if_rejected(tx, move |tx| {
                    watch(tx, site, (access, number), agent, is_on, now).boxed()
                })
                .boxed()
            })
            .await
    }

    async fn start_conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        new: &NewInitiatedConversation,
        agent: &Agent,
        now: Timestamp,
    ) -> ChannelResult<CreatedConversation> {
        let (new, agent, vault) = (new.clone(), agent.clone(), self.vault.clone());
        self.writer
            .for_site(site)
            .run(move |tx| {
                undo_if_rejected(tx, move |tx| {
                    async move { start::start(tx, &vault, (site, access), new, agent, now).await }
                        .boxed()
                })
                .boxed()
            })
            .await
    }
}
