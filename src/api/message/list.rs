//! `GET /v1/messages`: lists and searches a site's messages, newest first.
//!
//! `q` is literal text, searched in names, titles and bodies. One request examines up to 5,000
//! messages; if there are more, `next` continues from there, even if nothing matched so far.

use super::view::localized_content;
use crate::{ApiError, ApiState, query::Query};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use belfry_app::AuthenticatedKey;
use belfry_domain::{
    Language, MessageContent, MessageId, MessagePage, MessageQuery, MessageSummary, Timestamp,
    ValidationError,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Maximum characters of `q`.
const MAX_SEARCH_CHARS: usize = 200;

/// A page of messages.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ListedMessages {
    items: Vec<ListedMessage>,
    /// Cursor of the next page; `null` on the last page.
    next: Option<String>,
}

/// A message in a list.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedMessage {
    #[schema(value_type = String)]
    id: MessageId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// `scheduled`, `live`, `expired` or `recalled`.
    state: &'static str,
    audience: ListedAudience,
    /// Content by language.
    #[schema(value_type = Object)]
    content: BTreeMap<Language, MessageContent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    pinned: bool,
    /// `false` if variables are disabled, so that `{{` is plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    variables: Option<bool>,
    created_at: Option<String>,
    publish_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recalled_at: Option<String>,
}

/// Audience: `"everyone"`, `{"segment": 3}` with the segment's id, or `{"contacts": 17}` with the
/// number of contacts; `GET /v1/messages/{id}` lists them.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ListedAudience {
    /// All contacts of the site.
    Everyone,
    /// Number of named contacts.
    Contacts(u64),
    /// Id of the segment.
    Segment(i64),
}

impl From<MessageSummary> for ListedMessage {
    fn from(summary: MessageSummary) -> Self {
        let message = summary.message;
        let variables = (!message.has_variables()).then_some(false);
        let audience = match (message.audience.segment(), summary.recipients) {
            (Some(segment), _) => ListedAudience::Segment(segment.0),
            (None, Some(count)) => ListedAudience::Contacts(count),
            (None, None) => ListedAudience::Everyone,
        };
        Self {
            id: message.id,
            name: message.name,
            state: summary.state.as_str(),
            audience,
            variables,
            content: localized_content(message.content),
            category: message.category,
            pinned: message.pinned,
            created_at: message.created_at.rfc3339(),
            publish_at: message.publish_at.rfc3339(),
            expires_at: message.expires_at.and_then(Timestamp::rfc3339),
            edited_at: message.edited_at.and_then(Timestamp::rfc3339),
            recalled_at: message.recalled_at.and_then(Timestamp::rfc3339),
        }
    }
}

impl From<MessagePage> for ListedMessages {
    fn from(page: MessagePage) -> Self {
        Self {
            items: page.items.into_iter().map(ListedMessage::from).collect(),
            next: page.next.map(|cursor| cursor.to_string()),
        }
    }
}

fn parse_query(query: Option<&str>) -> Result<MessageQuery, ValidationError> {
    let query =
        Query::parse_known(query, &["state", "category", "q", "from", "to", "cursor", "limit"])?;
    let at = |name: &str| {
        query.text(name)?.map(|text| Timestamp::parse_rfc3339(&text, name)).transpose()
    };
    Ok(MessageQuery {
        state: query.parse_param("state")?,
        category: query.text("category")?,
        text: query.bounded_text("q", MAX_SEARCH_CHARS)?,
        from: at("from")?,
        to: at("to")?,
        before: query.cursor()?,
        limit: query.limit()?,
    })
}

/// Lists and searches messages, newest first.
#[utoipa::path(
    get, operation_id = "listMessages",
    path = "/messages",
    tag = "Messages",
    params(
        ("state" = Option<String>, Query, description = "`scheduled`, `live`, `expired` or `recalled`"),
        ("category" = Option<String>, Query, description = "Filter by category"),
        ("q" = Option<String>, Query, description = "Literal text to search in name, title and body"),
        ("from" = Option<String>, Query, description = "Accepted at or after this time"),
        ("to" = Option<String>, Query, description = "Accepted before this time"),
        ("cursor" = Option<String>, Query, description = "The `next` value of the previous page"),
        ("limit" = Option<u32>, Query, description = "Page size: 1 to 100, by default 20")
    ),
    responses((status = 200, description = "Messages, newest first", body = ListedMessages), (status = 400, description = "A parameter is invalid"))
)]
pub(crate) async fn list(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    RawQuery(query): RawQuery,
) -> Result<Json<ListedMessages>, ApiError> {
    let query = parse_query(query.as_deref())?;
    Ok(Json(api.app.messages(holder.site, &query).await?.into()))
}
