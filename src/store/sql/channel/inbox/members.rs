//! The members of an inbox: the agents who answer its conversations. Called by the parent module.
//! Must not depend on the inbox's settings.

use super::{
    super::{CommandResult, agent},
    one,
};
use crate::{
    Result,
    db::{Columns, Connection, query, query_scalar, to_json},
    sql::write_tx::WriteTx,
};
use belfry_domain::{
    SiteId,
    channel::{Agent, AgentId, ChannelAccess, InboxId, MembersChange, Rejection},
};

pub(in crate::sql) const MEMBERS: &str = concat!(
    "SELECT ",
    agent::agent_columns!(),
    " FROM inbox_member AS i CROSS JOIN agent AS a ON a.id = i.agent_id AND a.site_id = i.site_id
     LEFT JOIN membership AS m ON m.site_id = a.site_id AND m.account_id = a.account_id
     WHERE i.site_id = ?1 AND i.inbox_id = ?2 AND ",
    agent::is_allowed!(),
    " ORDER BY i.agent_id"
);
const ADD_MEMBERS: &str = "INSERT INTO inbox_member (site_id, inbox_id, agent_id)
     SELECT ?1, ?2, CAST(value AS BIGINT) FROM json_each(?3) WHERE true ON CONFLICT DO NOTHING";
const REMOVE_MEMBERS: &str = "DELETE FROM inbox_member WHERE site_id = ?1 AND inbox_id = ?2 AND agent_id IN (SELECT CAST(value AS BIGINT) FROM json_each(?3))";
const REMOVE_OTHERS: &str = "DELETE FROM inbox_member WHERE site_id = ?1 AND inbox_id = ?2 AND agent_id NOT IN (SELECT CAST(value AS BIGINT) FROM json_each(?3))";

pub(super) async fn members(
    connection: &mut Connection,
    site: SiteId,
    inbox: InboxId,
) -> CommandResult<Vec<Agent>> {
    if one(connection, site, inbox).await?.is_none() {
        return Ok(Err(Rejection::NotFound("inbox")));
    }
    let rows = query(MEMBERS).bind(site.as_bytes()).bind(inbox.0).fetch_all(connection).await?;
    Ok(Ok(rows.iter().map(|row| agent::agent_in(&mut Columns::new(row))).collect::<Result<_>>()?))
}

pub(super) async fn change_members(
    tx: &mut WriteTx,
    site: SiteId,
    inbox: InboxId,
    change: MembersChange,
) -> CommandResult<Vec<Agent>> {
    if one(&mut tx.connection, site, inbox).await?.is_none() {
        return Ok(Err(Rejection::NotFound("inbox")));
    }
    let (agents, statements): (Vec<AgentId>, &[&str]) = match change {
        MembersChange::Add(agents) => (agents, &[ADD_MEMBERS]),
        MembersChange::Replace(agents) => (agents, &[REMOVE_OTHERS, ADD_MEMBERS]),
        MembersChange::Remove(agents) => (agents, &[REMOVE_MEMBERS]),
    };
    let mut ids: Vec<i64> = agents.iter().map(|agent| agent.0).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > crate::MAX_AGENTS as usize {
        return Ok(Err(Rejection::NotFound("agent")));
    }
    let known: i64 =
        query_scalar("SELECT count(*) FROM json_each(?2) AS input CROSS JOIN agent AS a ON a.id = CAST(input.value AS BIGINT) AND a.site_id = ?1")
            .bind(site.as_bytes())
            .bind(to_json(&ids)?)
            .fetch_one(&mut tx.connection)
            .await?;
    if usize::try_from(known).ok() != Some(ids.len()) {
        return Ok(Err(Rejection::NotFound("agent")));
    }
    let mut changed = 0;
    for statement in statements {
        let result = query(*statement)
            .bind(site.as_bytes())
            .bind(inbox.0)
            .bind(to_json(&ids)?)
            .execute(&mut tx.connection)
            .await?;
        changed += result;
    }
    if changed > 0 {
        tx.publish_agent_access(site, ChannelAccess::Agents).await?;
    }
    members(&mut tx.connection, site, inbox).await
}
