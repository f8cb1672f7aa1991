//! Conversation lists, maintained with each change and read as pages and counts.
//!
//! A query becomes ranges of `conversation_list`, one for each inbox, label and status that it
//! allows. Each range is ordered, so a page merges the start of each range, and a count stops at
//! its limit.

mod text;

use crate::{
    Result, StoreError,
    db::{Connection, query, query_scalar, to_json},
    sql::write_tx::WriteTx,
};
use belfry_domain::{
    SiteId,
    channel::{
        AgentId, AssigneeFilter, CONVERSATIONS_PER_PAGE, Conversation, ConversationAccess,
        ConversationCounts, ConversationQuery, ConversationStatus, InboxId, MAX_EXACT_COUNT,
    },
};
use text::{page_with_text, search_words};

/// Holder: an agent id, or one of these values.
const HOLDER_ANY: i64 = -1;
const HOLDER_ASSIGNED: i64 = -2;
const HOLDER_UNASSIGNED: i64 = 0;
/// Scope: the whole site, or an inbox id.
pub(super) const SITE_SCOPE: i64 = 0;

/// The last conversation that a page can reach when several ranges are merged.
const MAX_MERGED: i64 = 2_000;
/// The last conversation that a page can reach in a single range.
const MAX_OFFSET: i64 = 1_000_000;

/// A range: scope, label (empty for none), holder, and status.
type ListRange = (i64, String, i64, i64);

/// Not one comparison of the whole key: `SQLite` would not use its last column, and would read
/// every row of the same millisecond.
pub(in crate::sql) const REMOVE: &str = "DELETE FROM conversation_list
     WHERE site_id = ?1 AND (scope, label, assignee) IN (
        SELECT CAST(value ->> 0 AS BIGINT), value ->> 1, CAST(value ->> 2 AS BIGINT) FROM json_each(?2) AS input)
        AND status = ?3 AND activity = ?4 AND number = ?5";
pub(in crate::sql) const ADD: &str =
    "INSERT INTO conversation_list (site_id, scope, label, assignee, status, activity, number)
     SELECT ?1, CAST(value ->> 0 AS BIGINT), value ->> 1, CAST(value ->> 2 AS BIGINT), ?3, ?4, ?5 FROM json_each(?2)";

macro_rules! in_range {
    ($rest:literal) => {
        concat!(
            "conversation_list AS l WHERE l.site_id = ?1 AND l.scope = CAST(r.value ->> 0 AS BIGINT) AND l.label = r.value ->> 1
             AND l.assignee = CAST(r.value ->> 2 AS BIGINT) AND l.status = CAST(r.value ->> 3 AS BIGINT) ",
            $rest
        )
    };
}

/// The start of each range, as a JSON array of activity and number.
pub(in crate::sql) const PAGE: &str = concat!(
    "SELECT (SELECT json_group_array(json_array(activity, number)) FROM (SELECT l.activity, l.number FROM ",
    in_range!("ORDER BY l.activity DESC, l.number DESC LIMIT ?3 + 0 OFFSET ?4 + 0"),
    ")) FROM json_each(?2) AS r"
);
pub(in crate::sql) const COUNT: &str = concat!(
    "SELECT count(*) FROM (SELECT 1 FROM json_each(?2) AS r CROSS JOIN ",
    in_range!("LIMIT ?3 + 0"),
    ")"
);
/// A conversation may have several of the queried labels, so each is counted once.
pub(in crate::sql) const COUNT_ONCE: &str = concat!(
    "SELECT count(*) FROM (SELECT DISTINCT l.number FROM json_each(?2) AS r CROSS JOIN ",
    in_range!("LIMIT ?3 + 0"),
    ")"
);

/// The list entries of a conversation: scope, label, holder.
fn lists(conversation: &Conversation) -> Vec<(i64, String, i64)> {
    let holders: &[i64] = match conversation.assignee {
        Some(agent) => &[HOLDER_ANY, HOLDER_ASSIGNED, agent.0],
        None => &[HOLDER_ANY, HOLDER_UNASSIGNED],
    };
    let labels = std::iter::once("").chain(conversation.labels.iter().map(String::as_str));
    let mut lists = Vec::new();
    for label in labels {
        for scope in [SITE_SCOPE, conversation.inbox.0] {
            lists.extend(holders.iter().map(|holder| (scope, label.to_owned(), *holder)));
        }
    }
    lists
}

async fn write(
    tx: &mut WriteTx,
    statement: &'static str,
    site: SiteId,
    conversation: &Conversation,
) -> Result<()> {
    query(statement)
        .bind(site.as_bytes())
        .bind(to_json(&lists(conversation))?)
        .bind(conversation.status.as_int())
        .bind(conversation.last_activity_at.millis())
        .bind(conversation.number.0)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

/// Moves a conversation from the lists of its former state to those of its new state.
pub(super) async fn move_between_lists(
    tx: &mut WriteTx,
    site: SiteId,
    before: Option<&Conversation>,
    after: Option<&Conversation>,
) -> Result<()> {
    let place = |conversation: &Conversation| {
        let Conversation { status, last_activity_at, assignee, labels, .. } = conversation;
        (*status, *last_activity_at, *assignee, labels.clone())
    };
    if before.map(place) == after.map(place) {
        return Ok(());
    }
    if let Some(before) = before {
        write(tx, REMOVE, site, before).await?;
    }
    if let Some(after) = after {
        write(tx, ADD, site, after).await?;
    }
    Ok(())
}

/// The scopes of a query: the site, or some inboxes.
pub(super) async fn scopes(
    connection: &mut Connection,
    site: SiteId,
    access: ConversationAccess,
    only: Option<InboxId>,
) -> Result<Vec<i64>> {
    let wanted = |inboxes: Vec<i64>| -> Vec<i64> {
        inboxes.into_iter().filter(|inbox| only.is_none_or(|wanted| wanted.0 == *inbox)).collect()
    };
    if let ConversationAccess::Agent(agent) = access {
        let inboxes = query_scalar("SELECT inbox_id FROM inbox_member INDEXED BY inbox_member_agent WHERE site_id = ?1 AND agent_id = ?2")
            .bind(site.as_bytes())
            .bind(agent.0)
            .fetch_all(connection)
            .await?;
        return Ok(wanted(inboxes));
    }
    let own = if let ConversationAccess::Inbox(own) = access { Some(own.0) } else { None };
    if only.is_none() && own.is_none() {
        // While a deleted inbox still has rows in the site's list, the lists of the other inboxes
        // are merged instead.
        let leaving: Option<i64> =
            query_scalar("SELECT 1 FROM inbox WHERE site_id = ?1 AND deleted = 1 LIMIT 1")
                .bind(site.as_bytes())
                .fetch_optional(&mut *connection)
                .await?;
        if leaving.is_none() {
            return Ok(vec![SITE_SCOPE]);
        }
    }
    let inboxes: Vec<i64> = query_scalar("SELECT id FROM inbox WHERE site_id = ?1 AND deleted = 0")
        .bind(site.as_bytes())
        .fetch_all(connection)
        .await?;
    Ok(wanted(inboxes.into_iter().filter(|inbox| own.is_none_or(|own| own == *inbox)).collect()))
}

fn holder(query: &ConversationQuery) -> Option<i64> {
    match query.assignee {
        AssigneeFilter::All => Some(HOLDER_ANY),
        AssigneeFilter::Unassigned => Some(HOLDER_UNASSIGNED),
        AssigneeFilter::Assigned => Some(HOLDER_ASSIGNED),
        AssigneeFilter::Me => query.me.map(|me| me.0),
    }
}

fn ranges(scopes: &[i64], query: &ConversationQuery, holder: i64) -> Vec<ListRange> {
    let statuses: Vec<i64> = match query.status {
        Some(status) => vec![status.as_int()],
        None => ConversationStatus::EACH.iter().map(|status| status.as_int()).collect(),
    };
    let labels = if query.labels.is_empty() { vec![String::new()] } else { query.labels.clone() };
    let mut ranges = Vec::new();
    for scope in scopes {
        for label in &labels {
            ranges.extend(statuses.iter().map(|status| (*scope, label.clone(), holder, *status)));
        }
    }
    ranges
}

async fn page(
    connection: &mut Connection,
    site: SiteId,
    ranges: &[ListRange],
    page: u32,
) -> Result<Vec<i64>> {
    let (rows, offset) = (
        i64::from(CONVERSATIONS_PER_PAGE),
        i64::from(page.saturating_sub(1)) * i64::from(CONVERSATIONS_PER_PAGE),
    );
    // When ranges are merged, each may contain all rows before the page. For a single range the
    // database skips them.
    let (limit, skipped) = if ranges.len() == 1 { (rows, offset) } else { (offset + rows, 0) };
    if skipped > MAX_OFFSET || limit > MAX_MERGED {
        return Ok(Vec::new());
    }
    let found = first_in_ranges(connection, site, ranges, (limit, skipped)).await?;
    let before_page = usize::try_from(offset - skipped).unwrap_or(usize::MAX);
    Ok(found.into_iter().skip(before_page).take(CONVERSATIONS_PER_PAGE as usize).collect())
}

/// The conversations at the start of these ranges, merged in list order.
async fn first_in_ranges(
    connection: &mut Connection,
    site: SiteId,
    ranges: &[ListRange],
    (limit, skipped): (i64, i64),
) -> Result<Vec<i64>> {
    let parts: Vec<String> = query_scalar(PAGE)
        .bind(site.as_bytes())
        .bind(to_json(ranges)?)
        .bind(limit)
        .bind(skipped)
        .fetch_all(connection)
        .await?;
    let mut matches: Vec<(i64, i64)> = Vec::new();
    for part in parts {
        let part: Vec<(i64, i64)> = serde_json::from_str(&part)
            .map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        matches.extend(part);
    }
    matches.sort_unstable_by(|one, other| other.cmp(one));
    matches.dedup();
    Ok(matches.into_iter().map(|(_, number)| number).collect())
}

/// The newest open unassigned conversations. May return more than `limit` when there are several
/// scopes.
pub(super) async fn newest_unassigned(
    connection: &mut Connection,
    site: SiteId,
    scopes: &[i64],
    limit: usize,
) -> Result<Vec<i64>> {
    newest(connection, site, scopes, HOLDER_UNASSIGNED, &[ConversationStatus::Open], limit).await
}

/// The newest unresolved conversations of an agent. May return more than `limit`, as several
/// statuses are read.
pub(super) async fn newest_unresolved(
    connection: &mut Connection,
    site: SiteId,
    scopes: &[i64],
    agent: AgentId,
    limit: usize,
) -> Result<Vec<i64>> {
    let statuses =
        [ConversationStatus::Open, ConversationStatus::Pending, ConversationStatus::Snoozed];
    newest(connection, site, scopes, agent.0, &statuses, limit).await
}

async fn newest(
    connection: &mut Connection,
    site: SiteId,
    scopes: &[i64],
    holder: i64,
    statuses: &[ConversationStatus],
    limit: usize,
) -> Result<Vec<i64>> {
    let of_scope = |scope: &i64| {
        statuses
            .iter()
            .map(|status| (*scope, String::new(), holder, status.as_int()))
            .collect::<Vec<ListRange>>()
    };
    let ranges: Vec<ListRange> = scopes.iter().flat_map(of_scope).collect();
    first_in_ranges(connection, site, &ranges, (i64::try_from(limit).unwrap_or(i64::MAX), 0)).await
}

async fn count(
    connection: &mut Connection,
    site: SiteId,
    scopes: &[i64],
    query: &ConversationQuery,
    holder: i64,
) -> Result<u32> {
    let ranges = ranges(scopes, query, holder);
    if ranges.is_empty() {
        return Ok(0);
    }
    let statement = if query.labels.len() > 1 { COUNT_ONCE } else { COUNT };
    query_scalar(statement)
        .bind(site.as_bytes())
        .bind(to_json(&ranges)?)
        .bind(MAX_EXACT_COUNT)
        .fetch_one(connection)
        .await
}

async fn counts_of(
    connection: &mut Connection,
    site: SiteId,
    scopes: &[i64],
    query: &ConversationQuery,
) -> Result<ConversationCounts> {
    let all = count(connection, site, scopes, query, HOLDER_ANY).await?;
    if all == 0 {
        return Ok(ConversationCounts::default());
    }
    let unassigned = count(connection, site, scopes, query, HOLDER_UNASSIGNED).await?;
    let assigned = if all < MAX_EXACT_COUNT {
        all.saturating_sub(unassigned)
    } else {
        count(connection, site, scopes, query, HOLDER_ASSIGNED).await?
    };
    let mine = match query.me {
        Some(me) => count(connection, site, scopes, query, me.0).await?,
        None => 0,
    };
    Ok(ConversationCounts { mine, assigned, unassigned, all })
}

/// The numbers on a page, with the counts.
pub(super) async fn find(
    connection: &mut Connection,
    site: SiteId,
    query: &ConversationQuery,
) -> Result<(Vec<i64>, ConversationCounts)> {
    let scopes = scopes(connection, site, query.access, query.inbox).await?;
    if scopes.is_empty() {
        return Ok((Vec::new(), ConversationCounts::default()));
    }
    if let Some(words) = search_words(query) {
        return page_with_text(connection, site, &scopes, query, words).await;
    }
    let counts = counts_of(connection, site, &scopes, query).await?;
    let numbers = match holder(query) {
        Some(holder) if counts.all > 0 => {
            page(connection, site, &ranges(&scopes, query, holder), query.page).await?
        }
        _ => Vec::new(),
    };
    Ok((numbers, counts))
}

pub(super) async fn counts(
    connection: &mut Connection,
    site: SiteId,
    query: &ConversationQuery,
) -> Result<ConversationCounts> {
    let scopes = scopes(connection, site, query.access, query.inbox).await?;
    match search_words(query) {
        _ if scopes.is_empty() => Ok(ConversationCounts::default()),
        Some(words) => Ok(page_with_text(connection, site, &scopes, query, words).await?.1),
        None => counts_of(connection, site, &scopes, query).await,
    }
}
