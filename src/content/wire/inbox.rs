//! JSON of inboxes.

use super::Renderer;
use belfry_domain::channel::{ChannelInbox, InboxId, InboxSecrets, WorkingHours};
use serde::Serialize;
use serde_json::{Map, Value};

/// An inbox in a contact's session.
#[derive(Debug, Clone, Serialize)]
pub struct SlimInbox<'a> {
    pub id: i64,
    pub avatar_url: &'static str,
    pub channel_id: i64,
    pub name: &'a str,
    pub channel_type: &'static str,
    pub provider: Option<&'static str>,
}

impl<'a> SlimInbox<'a> {
    /// An inbox with this id and name.
    pub fn new(id: InboxId, name: &'a str) -> Self {
        Self {
            id: id.0,
            avatar_url: "",
            channel_id: id.0,
            name,
            channel_type: "Channel::Api",
            provider: None,
        }
    }
}

/// An inbox in a response of the application API.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "given by the contract")]
pub struct InboxJson<'a> {
    #[serde(flatten)]
    pub slim: SlimInbox<'a>,
    pub greeting_enabled: bool,
    pub greeting_message: Option<&'a str>,
    pub working_hours_enabled: bool,
    pub enable_email_collect: bool,
    pub csat_survey_enabled: bool,
    pub csat_config: Map<String, Value>,
    pub enable_auto_assignment: bool,
    pub auto_assignment_config: Map<String, Value>,
    pub out_of_office_message: Option<&'a str>,
    pub working_hours: WorkingHours,
    pub timezone: &'a str,
    pub callback_webhook_url: Option<&'a str>,
    pub allow_messages_after_resolved: bool,
    pub lock_to_single_conversation: bool,
    pub sender_name_type: &'static str,
    pub business_name: Option<&'a str>,
    #[serde(flatten)]
    pub other_channels: OtherChannels,
    pub hmac_mandatory: bool,
    /// For administrators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hmac_token: Option<&'a str>,
    /// Secret that signs callback deliveries; for administrators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<&'a str>,
    pub webhook_url: Option<&'a str>,
    pub inbox_identifier: &'a str,
    pub additional_attributes: &'a Map<String, Value>,
}

/// Members of other kinds of inboxes, always null. Typed clients expect them.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct OtherChannels {
    pub website_url: Option<&'static str>,
    pub website_token: Option<&'static str>,
    pub web_widget_script: Option<&'static str>,
    pub widget_color: Option<&'static str>,
    pub welcome_title: Option<&'static str>,
    pub welcome_tagline: Option<&'static str>,
    pub selected_feature_flags: Option<&'static str>,
    pub reply_time: Option<&'static str>,
    pub messaging_service_sid: Option<&'static str>,
    pub phone_number: Option<&'static str>,
    pub medium: Option<&'static str>,
}

impl Renderer<'_> {
    /// An inbox; the secrets are for administrators only.
    pub fn inbox<'b>(
        &self,
        inbox: &'b ChannelInbox,
        secrets: Option<&'b InboxSecrets>,
    ) -> InboxJson<'b> {
        let settings = &inbox.settings;
        InboxJson {
            slim: SlimInbox::new(inbox.id, &settings.name),
            greeting_enabled: settings.greeting_enabled,
            greeting_message: settings.greeting_message.as_deref(),
            working_hours_enabled: settings.working_hours_enabled,
            enable_email_collect: true,
            csat_survey_enabled: settings.csat_survey_enabled,
            csat_config: Map::new(),
            enable_auto_assignment: settings.enable_auto_assignment,
            auto_assignment_config: Map::new(),
            out_of_office_message: settings.out_of_office_message.as_deref(),
            working_hours: settings.working_hours,
            timezone: &settings.timezone,
            callback_webhook_url: None,
            allow_messages_after_resolved: settings.allow_messages_after_resolved,
            lock_to_single_conversation: settings.lock_to_single_conversation,
            sender_name_type: "friendly",
            business_name: None,
            other_channels: OtherChannels::default(),
            hmac_mandatory: settings.hmac_mandatory,
            hmac_token: secrets.map(|secrets| secrets.hmac_token.reveal()),
            secret: secrets.map(|secrets| secrets.callback_secret.reveal()),
            webhook_url: settings.callback_url.as_deref(),
            inbox_identifier: inbox.identifier.as_str(),
            additional_attributes: &settings.additional_attributes,
        }
    }
}
