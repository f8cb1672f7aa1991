//! API channel inboxes: settings, secrets and members.

use super::{
    AgentId, ChannelToken, InboxId, InboxIdentifier, InboxUuid, SiteNumber, WorkingHours, time_zone,
};
use crate::{
    EndpointUrl, SigningSecret, SiteId, Timestamp, ValidationError, sdk::InitiateSettings,
};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Settings of an inbox. [`Self::validate`] validates them before they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct InboxSettings {
    /// Name.
    pub name: String,
    /// URL that receives all events of its conversations.
    pub callback_url: Option<String>,
    /// Whether contacts must be verified by HMAC.
    pub hmac_mandatory: bool,
    /// Whether the first message of a conversation gets a greeting.
    pub greeting_enabled: bool,
    /// Text of the greeting.
    pub greeting_message: Option<String>,
    /// Only stored for clients; Belfry doesn't assign automatically.
    pub enable_auto_assignment: bool,
    /// Whether working hours apply.
    pub working_hours_enabled: bool,
    /// Working hours.
    pub working_hours: WorkingHours,
    /// Reply outside of working hours.
    pub out_of_office_message: Option<String>,
    /// IANA name of the time zone of its working hours.
    pub timezone: String,
    /// Whether a session has at most one conversation.
    pub lock_to_single_conversation: bool,
    /// Only stored for clients.
    pub csat_survey_enabled: bool,
    /// Only stored for clients.
    pub allow_messages_after_resolved: bool,
    /// Whether deliveries to the callback URL also carry the `X-Chatwoot-*` headers.
    pub upstream_headers: bool,
    /// Other data of the site; `agent_reply_time_window` (hours) limits when agents can reply.
    pub additional_attributes: Map<String, Value>,
    /// How agents start conversations in it; `None` if they can't.
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
    /// Maximum size of `additional_attributes` as JSON, in bytes.
    pub const MAX_ATTRIBUTES_BYTES: usize = 16 * 1_024;

    /// Validates and trims the settings.
    pub fn validate(mut self) -> Result<Self, ValidationError> {
        self.name = self.name.trim().to_owned();
        if self.name.is_empty()
            || self.name.chars().count() > 255
            || self.name.chars().any(char::is_control)
        {
            return Err(ValidationError::new("name", errors::printable_characters(255)));
        }
        self.callback_url =
            match self.callback_url.as_deref().map(str::trim).filter(|url| !url.is_empty()) {
                Some(url) => Some(
                    EndpointUrl::parse(url)
                        .map_err(|invalid| ValidationError::new("webhook_url", invalid.reason))?
                        .as_str()
                        .to_owned(),
                ),
                None => None,
            };
        for (field, text) in [
            ("greeting_message", &self.greeting_message),
            ("out_of_office_message", &self.out_of_office_message),
        ] {
            if text.as_ref().is_some_and(|text| text.chars().count() > 10_000) {
                return Err(ValidationError::new(field, errors::at_most_characters("10,000")));
            }
        }
        self.timezone = time_zone::canonical(self.timezone.trim())
            .ok_or_else(|| ValidationError::new("timezone", errors::NOT_INCLUDED))?;
        self.working_hours = self.working_hours.validate()?;
        self.initiate = self.initiate.map(InitiateSettings::validate).transpose()?;
        if serde_json::to_string(&self.additional_attributes).map_or(usize::MAX, |text| text.len())
            > Self::MAX_ATTRIBUTES_BYTES
        {
            return Err(ValidationError::new(
                "additional_attributes",
                errors::at_most_kilobytes_json(16),
            ));
        }
        Ok(self)
    }

    /// How long agents can reply after a contact's last message; `None` is unlimited.
    pub fn reply_window(&self) -> Option<std::time::Duration> {
        let hours = self.additional_attributes.get("agent_reply_time_window")?;
        let hours = hours.as_u64().or_else(|| hours.as_str()?.parse().ok())?;
        (hours > 0).then(|| std::time::Duration::from_secs(hours.saturating_mul(3_600)))
    }
}

/// An inbox before it is stored.
#[derive(Debug, Clone)]
pub struct NewInbox {
    /// The site.
    pub site: SiteId,
    /// Its UUID.
    pub uuid: InboxUuid,
    /// Its public identifier.
    pub identifier: InboxIdentifier,
    /// Settings.
    pub settings: InboxSettings,
    /// Secrets.
    pub secrets: InboxSecrets,
}

/// Secrets of an inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxSecrets {
    /// HMAC key that verifies contact identifiers.
    pub hmac_token: ChannelToken,
    /// Secret that signs deliveries to the callback URL.
    pub callback_secret: SigningSecret,
}

/// An inbox as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelInbox {
    /// Number, unique in the instance.
    pub id: InboxId,
    /// UUID.
    pub uuid: InboxUuid,
    /// The site.
    pub site: SiteId,
    /// The site's number.
    pub account: SiteNumber,
    /// Public identifier.
    pub identifier: InboxIdentifier,
    /// Settings.
    pub settings: InboxSettings,
    /// Creation time.
    pub created_at: Timestamp,
    /// Time of the last change of its settings.
    pub updated_at: Timestamp,
}

/// An inbox with its secrets, for requests of the public client API.
#[derive(Debug, Clone)]
pub struct InboxWithSecrets {
    /// The inbox.
    pub inbox: ChannelInbox,
    /// Its secrets.
    pub secrets: InboxSecrets,
}

/// A change of an inbox's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembersChange {
    /// Adds these agents.
    Add(Vec<AgentId>),
    /// Replaces all members by these agents.
    Replace(Vec<AgentId>),
    /// Removes these agents.
    Remove(Vec<AgentId>),
}
