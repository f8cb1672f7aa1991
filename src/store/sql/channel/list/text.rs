//! The page and the counts of a list that is searched for words. Called by the parent module. Reads
//! the matches of the search index instead of the ranges of `conversation_list`, on which it must
//! not depend.

use super::{super::search_index, SITE_SCOPE};
use crate::{
    Result,
    db::{Connection, query_as, to_json},
};
use belfry_domain::{
    SiteId,
    channel::{
        AssigneeFilter, CONVERSATIONS_PER_PAGE, ConversationCounts, ConversationQuery,
        ConversationStatus, MAX_EXACT_COUNT,
    },
};
use serde_json::{Value, json};

/// The columns needed to filter and count the matches of a text search.
const FILTERED: &str = "SELECT v.number, v.last_activity_at, v.assignee_id FROM json_each(?2) AS input
     CROSS JOIN conversation AS v ON v.site_id = ?1 AND v.number = CAST(input.value AS BIGINT) AND v.deleted = 0
     WHERE (?3 IS NULL OR v.inbox_id IN (SELECT CAST(value AS BIGINT) FROM json_each(?3))) AND (?4 IS NULL OR v.status = ?4)
        AND (?5 IS NULL OR EXISTS (SELECT 1 FROM json_each(v.labels) AS has CROSS JOIN json_each(?5) AS label ON label.value = has.value))";

/// The page and the counts of a text search. Only the newest matches are considered.
pub(super) async fn page_with_text(
    connection: &mut Connection,
    site: SiteId,
    scopes: &[i64],
    query: &ConversationQuery,
    words: &str,
) -> Result<(Vec<i64>, ConversationCounts)> {
    let candidates = search_index::search(connection, site, words).await?;
    let only = |given: bool, value: Value| given.then(|| value.to_string());
    let rows: Vec<(i64, i64, Option<i64>)> = query_as(FILTERED)
        .bind(site.as_bytes())
        .bind(to_json(&candidates)?)
        .bind(only(scopes != [SITE_SCOPE], json!(scopes)))
        .bind(query.status.map(ConversationStatus::as_int))
        .bind(only(!query.labels.is_empty(), json!(query.labels)))
        .fetch_all(connection)
        .await?;
    let number = |rows: usize| u32::try_from(rows).unwrap_or(u32::MAX).min(MAX_EXACT_COUNT);
    let with = |keep: &dyn Fn(Option<i64>) -> bool| {
        number(rows.iter().filter(|(.., assignee)| keep(*assignee)).count())
    };
    let mine = query.me.map(|me| me.0);
    let counts = ConversationCounts {
        mine: with(&|assignee| mine.is_some() && assignee == mine),
        assigned: with(&|assignee| assignee.is_some()),
        unassigned: with(&|assignee| assignee.is_none()),
        all: with(&|_| true),
    };
    let fits = |assignee: Option<i64>| match query.assignee {
        AssigneeFilter::All => true,
        AssigneeFilter::Me => mine.is_some() && assignee == mine,
        AssigneeFilter::Unassigned => assignee.is_none(),
        AssigneeFilter::Assigned => assignee.is_some(),
    };
    let mut matches: Vec<(i64, i64)> = rows
        .iter()
        .filter(|(.., assignee)| fits(*assignee))
        .map(|(number, activity, _)| (*activity, *number))
        .collect();
    matches.sort_unstable_by(|one, other| other.cmp(one));
    let offset = usize::try_from(query.page.saturating_sub(1))
        .unwrap_or(0)
        .saturating_mul(CONVERSATIONS_PER_PAGE as usize);
    Ok((
        matches
            .into_iter()
            .skip(offset)
            .take(CONVERSATIONS_PER_PAGE as usize)
            .map(|(_, number)| number)
            .collect(),
        counts,
    ))
}

pub(super) fn search_words(query: &ConversationQuery) -> Option<&str> {
    query.text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}
