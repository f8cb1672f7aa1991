//! What the socket of a customer reports about their visit: browser, current page, user info.
//!
//! Must not depend on sessions. Called by the topics that receive it.

use super::text;
use crate::sdk::topic::TopicError;
use belfry_domain::channel::{ChannelToken, InboxUuid};
use serde_json::{Map, Value};

/// Maximum length of a page's URL, and of the other texts of a visit.
pub(super) const MAX_URL_CHARS: usize = 2_000;
pub(super) const MAX_TEXT_CHARS: usize = 255;

/// What a socket knows about the customer who opened it. Dropped with the socket; a conversation
/// that starts on the socket gets it as attributes.
#[derive(Debug, Clone, Default)]
pub(in crate::sdk) struct PageVisit {
    /// The inbox and token of the last join.
    pub(super) customer: Option<(InboxUuid, ChannelToken)>,
    page: Option<(String, String)>,
    user_agent: Option<String>,
    locale: Option<String>,
    timezone: Option<String>,
    /// User info of a customer without a session.
    pub(super) info: Option<Map<String, Value>>,
}

impl PageVisit {
    /// Stores the customer's browser.
    pub(in crate::sdk::topic) fn set_browser(&mut self, params: &Value) {
        let text =
            |name: &str| text(params, name).map(|text| text.chars().take(MAX_TEXT_CHARS).collect());
        (self.user_agent, self.locale, self.timezone) =
            (text("user_agent"), text("locale"), text("timezone"));
    }

    /// Stores the current page.
    pub(in crate::sdk::topic) fn set_page(
        &mut self,
        url: &str,
        title: &str,
    ) -> Result<(), TopicError> {
        if url.chars().count() > MAX_URL_CHARS || url::Url::parse(url).is_err() {
            return Err(TopicError::invalid_field("url"));
        }
        self.page = Some((url.to_owned(), title.chars().take(MAX_TEXT_CHARS).collect()));
        Ok(())
    }

    pub(in crate::sdk::topic) fn set_info(&mut self, info: Map<String, Value>) {
        self.info = Some(info);
    }

    /// The attributes for a new conversation.
    pub(in crate::sdk::topic) fn attributes(&self) -> Map<String, Value> {
        let (url, title) = self.page.clone().unzip();
        let fields = [
            ("referer", url),
            ("page_title", title.filter(|title| !title.is_empty())),
            ("browser_language", self.locale.clone()),
            ("timezone", self.timezone.clone()),
            ("user_agent", self.user_agent.clone()),
        ];
        fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))))
            .collect()
    }
}
