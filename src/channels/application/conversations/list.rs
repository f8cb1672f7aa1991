//! The conversations that an agent may see: a page of them, their counts, and a single one.

use crate::application::{
    ApplicationState, access::Caller, error::ApplicationError, json, params::Params,
    path::ConversationPath, schema,
};
use axum::{extract::State, response::Response};
use belfry_app::channel::ConversationFilter;
use belfry_domain::channel::{AssigneeFilter, ConversationCounts, ConversationStatus};
use serde::Serialize;

#[derive(Serialize)]
struct Listed<T> {
    data: T,
}

#[derive(Serialize)]
struct Page<T> {
    meta: Counts,
    payload: T,
}

#[derive(Serialize)]
struct Meta {
    meta: Counts,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are the contract's")]
struct Counts {
    mine_count: u32,
    assigned_count: u32,
    unassigned_count: u32,
    all_count: u32,
}

impl From<ConversationCounts> for Counts {
    fn from(ConversationCounts { mine, assigned, unassigned, all }: ConversationCounts) -> Self {
        Self {
            mine_count: mine,
            assigned_count: assigned,
            unassigned_count: unassigned,
            all_count: all,
        }
    }
}

/// Lists conversations, the one with the latest activity first, 25 on a page.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/conversations", operation_id = "listConversations", tag = "Conversations",
    params(
        ("status" = Option<String>, Query, description = "`open` where it is left out, `resolved`, `pending`, `snoozed` or `all`."),
        ("assignee_type" = Option<String>, Query, description = "`me`, `unassigned` or `assigned`; `all` where it is left out."),
        ("inbox_id" = Option<String>, Query, description = "Only those of this inbox."),
        ("labels[]" = Option<Vec<String>>, Query, description = "Only those with one of these labels."),
        ("q" = Option<String>, Query, description = "Only those with these words in a message or of the contact."),
        ("page" = Option<String>, Query, description = "Which page, from 1."),
    ),
    responses((status = 200, description = "The page, with the counts, up to 1,000, of all assignees.", body = schema::ConversationList)))]
pub(in crate::application) async fn list(
    State(application): State<ApplicationState>,
    caller: Caller,
    params: Params,
) -> Result<Response, ApplicationError> {
    let list = application.app.conversations(&caller, filter(&params)?).await?;
    let renderer = application.renderer(caller.site);
    let payload: Vec<_> =
        list.conversations.iter().map(|view| renderer.conversation(view)).collect();
    Ok(json(&Listed { data: Page { meta: list.counts.into(), payload } }))
}

/// Counts conversations.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/conversations/meta", operation_id = "countConversations", tag = "Conversations",
    params(
        ("status" = Option<String>, Query, description = "`open` where it is left out, `resolved`, `pending`, `snoozed` or `all`."),
        ("inbox_id" = Option<String>, Query, description = "Only those of this inbox."),
        ("labels[]" = Option<Vec<String>>, Query, description = "Only those with one of these labels."),
        ("q" = Option<String>, Query, description = "Only those with these words in a message or of the contact."),
    ),
    responses((status = 200, description = "The counts, each up to 1,000.", body = schema::ConversationMeta)))]
pub(in crate::application) async fn meta(
    State(application): State<ApplicationState>,
    caller: Caller,
    params: Params,
) -> Result<Response, ApplicationError> {
    let counts = application.app.conversation_counts(&caller, filter(&params)?).await?;
    Ok(json(&Meta { meta: counts.into() }))
}

/// Gets a conversation.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}", operation_id = "getConversation", tag = "Conversations",
    responses((status = 200, description = "The conversation with its newest message.", body = schema::Conversation)))]
pub(in crate::application) async fn get(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
) -> Result<Response, ApplicationError> {
    let view = application.app.conversation(&caller, number).await?;
    Ok(json(&application.renderer(caller.site).conversation(&view)))
}

/// Parses the filter of a query. There are no teams, so `team_id` is ignored.
fn filter(params: &Params) -> Result<ConversationFilter, ApplicationError> {
    let status = match params.present("status").as_deref() {
        None => Some(ConversationStatus::Open),
        Some("all") => None,
        Some(status) => Some(status.parse()?),
    };
    let assignee = match params.present("assignee_type").as_deref() {
        Some("me") => AssigneeFilter::Me,
        Some("unassigned") => AssigneeFilter::Unassigned,
        Some("assigned") => AssigneeFilter::Assigned,
        _ => AssigneeFilter::All,
    };
    let inbox = params
        .present("inbox_id")
        .map(|inbox| inbox.parse().map_err(|_| ApplicationError::not_found()))
        .transpose()?;
    let labels = params.list("labels").unwrap_or_default();
    Ok(ConversationFilter {
        status,
        assignee,
        inbox,
        labels,
        text: params.present("q"),
        page: params.page(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> ConversationFilter {
        let read = crate::params::Params::parse_query(Some(query)).unwrap();
        filter(&Params::from_value(read.into_members().into())).unwrap()
    }

    #[test]
    fn default_filter_is_all_open_conversations() {
        let asked = of("");
        assert_eq!(
            (asked.status, asked.assignee, asked.page),
            (Some(ConversationStatus::Open), AssigneeFilter::All, 1)
        );
        let asked = of(
            "status=all&assignee_type=me&page=3&inbox_id=7&team_id=1&labels[]=vip&labels[]=new&q=hello",
        );
        assert_eq!((asked.status, asked.assignee, asked.page), (None, AssigneeFilter::Me, 3));
        assert_eq!(
            (asked.inbox.map(|inbox| inbox.0), asked.labels.len(), asked.text.as_deref()),
            (Some(7), 2, Some("hello"))
        );
        assert_eq!(
            (of("page=0").page, of("page=x").page, of("status=snoozed").status),
            (1, 1, Some(ConversationStatus::Snoozed))
        );
    }
}
