//! The filter of the conversation list: parsed from the query string, and carried in all links.

use super::agent::AgentMember;
use belfry_app::channel::ConversationFilter;
use belfry_domain::channel::{AssigneeFilter, ConversationNumber, ConversationStatus, InboxId};
use serde::Deserialize;

/// Longest search text, in characters.
const MAX_TEXT_CHARS: usize = 200;

/// The query string; unreadable parts are ignored.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Params {
    tab: Option<String>,
    status: Option<String>,
    inbox: Option<String>,
    label: Option<String>,
    q: Option<String>,
    page: Option<String>,
    /// Shows the messages before this one.
    pub(super) before: Option<String>,
    /// Renders only this part: `list`, `thread`, or `notice` (the contact's last message).
    pub(super) part: Option<String>,
}

/// A filter of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Filter {
    pub(super) tab: AssigneeFilter,
    /// `None` is any.
    pub(super) status: Option<ConversationStatus>,
    pub(super) inbox: Option<InboxId>,
    pub(super) label: Option<String>,
    pub(super) text: Option<String>,
    pub(super) page: u32,
}

fn clean(text: Option<&str>) -> Option<String> {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| text.chars().take(MAX_TEXT_CHARS).collect())
}

fn tab_name(tab: AssigneeFilter) -> Option<&'static str> {
    match tab {
        AssigneeFilter::Me => Some("mine"),
        AssigneeFilter::Unassigned => Some("unassigned"),
        AssigneeFilter::All | AssigneeFilter::Assigned => None,
    }
}

impl Filter {
    pub(super) fn from_params(params: &Params) -> Self {
        let tab = match params.tab.as_deref() {
            Some("mine") => AssigneeFilter::Me,
            Some("unassigned") => AssigneeFilter::Unassigned,
            _ => AssigneeFilter::All,
        };
        let status = match params.status.as_deref() {
            Some("all") => None,
            other => Some(
                other.and_then(|status| status.parse().ok()).unwrap_or(ConversationStatus::Open),
            ),
        };
        Self {
            tab,
            status,
            inbox: params.inbox.as_deref().and_then(|inbox| inbox.parse().ok()),
            label: clean(params.label.as_deref()).map(|label| label.to_lowercase()),
            text: clean(params.q.as_deref()),
            page: params
                .page
                .as_deref()
                .and_then(|page| page.parse().ok())
                .filter(|page| (1..=10_000).contains(page))
                .unwrap_or(1),
        }
    }

    pub(super) fn query(&self) -> ConversationFilter {
        ConversationFilter {
            status: self.status,
            assignee: self.tab,
            inbox: self.inbox,
            labels: self.label.iter().cloned().collect(),
            text: self.text.clone(),
            page: self.page,
        }
    }

    /// Whether more than a tab is chosen.
    pub(super) fn is_filtered(&self) -> bool {
        self.status != Some(ConversationStatus::Open)
            || self.inbox.is_some()
            || self.label.is_some()
            || self.text.is_some()
            || self.page > 1
    }

    pub(super) fn with_tab(&self, tab: AssigneeFilter) -> Self {
        Self { tab, page: 1, ..self.clone() }
    }

    pub(super) fn with_page(&self, page: u32) -> Self {
        Self { page, ..self.clone() }
    }

    /// The query parameters, without defaults.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let status = match self.status {
            Some(ConversationStatus::Open) => None,
            Some(status) => Some(status.as_str().to_owned()),
            None => Some("all".to_owned()),
        };
        let parts = [
            ("tab", tab_name(self.tab).map(ToOwned::to_owned)),
            ("status", status),
            ("inbox", self.inbox.map(|inbox| inbox.to_string())),
            ("label", self.label.clone()),
            ("q", self.text.clone()),
            ("page", (self.page > 1).then(|| self.page.to_string())),
        ];
        parts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// The path of the list.
    pub(super) fn list_path(&self, member: &AgentMember) -> String {
        self.path_with(member.path("conversations"), &[])
    }

    /// The path of a conversation with this filter.
    pub(super) fn thread_path(&self, member: &AgentMember, number: ConversationNumber) -> String {
        self.path_with(member.path(&format!("conversations/{number}")), &[])
    }

    /// A path with this filter and further parameters.
    pub(super) fn path_with(&self, path: String, more: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.pairs()).extend_pairs(more);
        let query = query.finish();
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_parts_of_an_address_are_left_out() {
        let params = |query: &str| {
            Filter::from_params(
                &serde_json::from_value(
                    serde_json::json!({"status": query, "page": query, "inbox": query}),
                )
                .unwrap(),
            )
        };
        assert_eq!(
            params("nonsense"),
            Filter { status: Some(ConversationStatus::Open), page: 1, ..Filter::default() }
        );
        assert_eq!(params("-1").page, 1);
        assert_eq!(params("all").status, None);
    }

    #[test]
    fn address_says_what_is_not_standard() {
        let filter = Filter {
            status: None,
            tab: AssigneeFilter::Me,
            text: Some("a&b".into()),
            page: 3,
            ..Filter::default()
        };
        assert_eq!(
            filter.path_with("/x".into(), &[("before", "7")]),
            "/x?tab=mine&status=all&q=a%26b&page=3&before=7"
        );
        assert_eq!(
            Filter { status: Some(ConversationStatus::Open), page: 1, ..Filter::default() }
                .path_with("/x".into(), &[]),
            "/x"
        );
    }
}
