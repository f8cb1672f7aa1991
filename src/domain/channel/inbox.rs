//! API channel inboxes: what a site lets its visitors write to, and how it hears of what they write.

use super::{AgentId, ChannelToken, InboxId, InboxIdentifier, InboxUuid, SiteNumber, WorkingHours, time_zone};
use crate::domain::{EndpointUrl, Invalid, SigningSecret, SiteId, Timestamp, sdk::InitiateSettings};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What an administrator sets of an inbox. [`Self::checked`] stands before everything that is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "switches that are set each by itself")]
pub struct InboxSettings {
    /// What it is called.
    pub name: String,
    /// Where each event of its conversations is posted.
    pub callback_url: Option<String>,
    /// Whether a contact must prove their identifier.
    pub hmac_mandatory: bool,
    /// Whether the first message of a conversation is answered with a greeting.
    pub greeting_enabled: bool,
    /// With which words.
    pub greeting_message: Option<String>,
    /// Kept for clients; nothing is assigned by itself.
    pub enable_auto_assignment: bool,
    /// Whether the inbox is attended in its working hours alone.
    pub working_hours_enabled: bool,
    /// When that is.
    pub working_hours: WorkingHours,
    /// What is answered outside of them.
    pub out_of_office_message: Option<String>,
    /// Name of the time zone of its working hours.
    pub timezone: String,
    /// Whether a contact's session has one conversation at most.
    pub lock_to_single_conversation: bool,
    /// Kept for clients.
    pub csat_survey_enabled: bool,
    /// Kept for clients.
    pub allow_messages_after_resolved: bool,
    /// Whether deliveries to the callback URL carry the `X-Chatwoot-*` headers, too.
    pub upstream_headers: bool,
    /// The site's own data; `agent_reply_time_window` (hours) bounds when agents can reply.
    pub additional_attributes: Map<String, Value>,
    /// How agents begin conversations on it; none where they can't.
    pub initiate: Option<InitiateSettings>,
}

impl Default for InboxSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            callback_url: None,
            hmac_mandatory: false,
            greeting_enabled: false,
            greeting_message: None,
            enable_auto_assignment: true,
            working_hours_enabled: false,
            working_hours: WorkingHours::default(),
            out_of_office_message: None,
            timezone: "UTC".to_owned(),
            lock_to_single_conversation: false,
            csat_survey_enabled: false,
            allow_messages_after_resolved: true,
            upstream_headers: false,
            additional_attributes: Map::new(),
            initiate: None,
        }
    }
}

impl InboxSettings {
    /// Most bytes of `additional_attributes` as JSON.
    pub const MAX_ATTRIBUTES_BYTES: usize = 16 * 1_024;

    /// The same, trimmed, when an inbox may be like that.
    pub fn checked(mut self) -> Result<Self, Invalid> {
        self.name = self.name.trim().to_owned();
        if self.name.is_empty() || self.name.chars().count() > 255 || self.name.chars().any(char::is_control) {
            return Err(Invalid::new("name", "must have 1 to 255 printable characters"));
        }
        self.callback_url = match self.callback_url.as_deref().map(str::trim).filter(|url| !url.is_empty()) {
            Some(url) => Some(EndpointUrl::parse(url).map_err(|invalid| Invalid::new("webhook_url", invalid.reason))?.as_str().to_owned()),
            None => None,
        };
        for (field, text) in [("greeting_message", &self.greeting_message), ("out_of_office_message", &self.out_of_office_message)] {
            if text.as_ref().is_some_and(|text| text.chars().count() > 10_000) {
                return Err(Invalid::new(field, "must have at most 10,000 characters"));
            }
        }
        self.timezone = time_zone::canonical(self.timezone.trim()).ok_or_else(|| Invalid::new("timezone", "is not included in the list"))?;
        self.working_hours = self.working_hours.checked()?;
        self.initiate = self.initiate.map(InitiateSettings::checked).transpose()?;
        if serde_json::to_string(&self.additional_attributes).map_or(usize::MAX, |text| text.len()) > Self::MAX_ATTRIBUTES_BYTES {
            return Err(Invalid::new("additional_attributes", "must have at most 16 kB as JSON"));
        }
        Ok(self)
    }

    /// For how long after a contact's last message agents can reply; `None` is always.
    pub fn reply_window(&self) -> Option<std::time::Duration> {
        let hours = self.additional_attributes.get("agent_reply_time_window")?;
        let hours = hours.as_u64().or_else(|| hours.as_str()?.parse().ok())?;
        (hours > 0).then(|| std::time::Duration::from_secs(hours.saturating_mul(3_600)))
    }
}

/// An inbox on its way into the store.
#[derive(Debug, Clone)]
pub struct NewInbox {
    /// Its site.
    pub site: SiteId,
    /// Its UUID.
    pub uuid: InboxUuid,
    /// Its public name.
    pub identifier: InboxIdentifier,
    /// How it is set.
    pub settings: InboxSettings,
    /// What must stay with the site.
    pub secrets: InboxSecrets,
}

/// What must stay with the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxSecrets {
    /// The key with which identifiers of contacts are proven.
    pub hmac_token: ChannelToken,
    /// The key with which deliveries to the callback URL are signed.
    pub callback_secret: SigningSecret,
}

/// An inbox as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelInbox {
    /// Its number.
    pub id: InboxId,
    /// Its UUID.
    pub uuid: InboxUuid,
    /// Its site.
    pub site: SiteId,
    /// The number of its site.
    pub account: SiteNumber,
    /// Its public name.
    pub identifier: InboxIdentifier,
    /// How it is set.
    pub settings: InboxSettings,
    /// Since when.
    pub created_at: Timestamp,
    /// When its settings last changed.
    pub updated_at: Timestamp,
}

/// An inbox that the public client API was asked for, with what proves contacts.
#[derive(Debug, Clone)]
pub struct OpenInbox {
    /// The inbox.
    pub inbox: ChannelInbox,
    /// Its secrets.
    pub secrets: InboxSecrets,
}

/// How the members of an inbox change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembersChange {
    /// These, too.
    Add(Vec<AgentId>),
    /// These and no others.
    Replace(Vec<AgentId>),
    /// No longer these.
    Remove(Vec<AgentId>),
}
