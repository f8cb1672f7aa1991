//! Response bodies of this API: contacts, conversations and messages in the format that existing
//! clients expect.
//!
//! A session sees the part of its contact that
//! [`ContactSession::seen`](belfry_domain::channel::ContactSession::seen) returns; every view here
//! is built from that.

use belfry_content::wire::{PublicMessage, Renderer, iso, seconds_or_zero};
use belfry_domain::channel::{
    ChannelContact, ChannelInbox, ChannelToken, ConversationMessage, SessionConversation,
    SessionView, SiteNumber, WorkingHours,
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// An inbox.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PublicInbox)]
#[expect(clippy::struct_excessive_bools, reason = "the contract has them")]
pub(super) struct InboxView<'a> {
    /// Its public name.
    identifier: &'a str,
    /// Whether contacts must prove their identifier.
    identity_validation_enabled: bool,
    name: &'a str,
    /// IANA name of the time zone of the working hours.
    timezone: &'a str,
    /// Seven days from Sunday on, which is `day_of_week` 0.
    #[schema(value_type = Vec<Object>)]
    working_hours: WorkingHours,
    /// Whether the inbox is attended in its working hours alone.
    working_hours_enabled: bool,
    csat_survey_enabled: bool,
    /// Whether the first message of a conversation is answered with a greeting.
    greeting_enabled: bool,
}

impl<'a> InboxView<'a> {
    pub(super) fn new(inbox: &'a ChannelInbox) -> Self {
        let settings = &inbox.settings;
        Self {
            identifier: inbox.identifier.as_str(),
            identity_validation_enabled: settings.hmac_mandatory,
            name: &settings.name,
            timezone: &settings.timezone,
            working_hours: settings.working_hours,
            working_hours_enabled: settings.working_hours_enabled,
            csat_survey_enabled: settings.csat_survey_enabled,
            greeting_enabled: settings.greeting_enabled,
        }
    }
}

/// A contact in a session.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PublicContact)]
pub(super) struct ContactView {
    /// The name of the session. It is the session's credential.
    source_id: String,
    /// What opens real-time updates at `/cable`.
    pubsub_token: String,
    id: i64,
    name: String,
    email: Option<String>,
    phone_number: Option<String>,
}

impl ContactView {
    pub(super) fn new(view: &SessionView) -> Self {
        let contact = view.session.visible_contact(&view.contact);
        Self {
            source_id: view.session.source_id.as_str().to_owned(),
            pubsub_token: view
                .session
                .pubsub_token
                .as_ref()
                .map(ChannelToken::reveal)
                .unwrap_or_default()
                .to_owned(),
            id: contact.id().0,
            name: contact.name(),
            email: contact.contact.email,
            phone_number: contact.contact.phone,
        }
    }
}

/// All columns of a contact. Times are in ISO 8601.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PublicContactRow)]
pub(super) struct ContactRow {
    id: i64,
    name: String,
    email: Option<String>,
    phone_number: Option<String>,
    account_id: i64,
    created_at: String,
    updated_at: String,
    #[schema(value_type = Object)]
    additional_attributes: Map<String, Value>,
    identifier: Option<String>,
    #[schema(value_type = Object)]
    custom_attributes: Map<String, Value>,
    last_activity_at: Option<String>,
    /// `visitor`, or `lead` with an e-mail address, a phone number or an identifier.
    contact_type: &'static str,
    middle_name: &'static str,
    last_name: &'static str,
    location: &'static str,
    country_code: &'static str,
    blocked: bool,
    company_id: Option<i64>,
}

impl ContactRow {
    /// Builds the row from what the session may see.
    fn new(seen: ChannelContact, account: SiteNumber) -> Self {
        let name = seen.name();
        let contact = seen.contact;
        let is_known =
            contact.email.is_some() || contact.phone.is_some() || contact.external_id.is_some();
        Self {
            id: contact.id.0,
            name,
            email: contact.email,
            phone_number: contact.phone,
            account_id: account.0,
            created_at: iso(contact.created_at),
            updated_at: iso(contact.updated_at),
            additional_attributes: seen.additional_attributes,
            identifier: contact.external_id,
            custom_attributes: contact.attributes,
            last_activity_at: seen.last_activity_at.map(iso),
            contact_type: if is_known { "lead" } else { "visitor" },
            middle_name: "",
            last_name: "",
            location: "",
            country_code: "",
            blocked: seen.blocked,
            company_id: None,
        }
    }
}

/// A changed contact: its row, with the session.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PublicContactChanged)]
pub(super) struct ChangedContact {
    #[serde(flatten)]
    row: ContactRow,
    source_id: String,
    pubsub_token: String,
}

impl ChangedContact {
    pub(super) fn new(view: &SessionView, account: SiteNumber) -> Self {
        let ContactView { source_id, pubsub_token, .. } = ContactView::new(view);
        Self {
            row: ContactRow::new(view.session.visible_contact(&view.contact), account),
            source_id,
            pubsub_token,
        }
    }
}

/// A conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PublicConversation)]
pub(super) struct ConversationView<'a> {
    id: i64,
    uuid: String,
    inbox_id: i64,
    /// Unix seconds; 0 for never.
    contact_last_seen_at: i64,
    /// `open`, `resolved`, `pending` or `snoozed`.
    status: &'static str,
    /// Unix seconds; 0 for never.
    agent_last_seen_at: i64,
    #[schema(value_type = Vec<PublicMessageSchema>)]
    messages: Vec<PublicMessage<'a>>,
    contact: ContactRow,
}

/// Renders what a session may see.
pub(super) struct SessionRenderer<'a> {
    renderer: Renderer<'a>,
    contact: ChannelContact,
    account: SiteNumber,
}

impl<'a> SessionRenderer<'a> {
    pub(super) fn new(renderer: Renderer<'a>, session: &SessionView, account: SiteNumber) -> Self {
        let contact = session.session.visible_contact(&session.contact);
        Self { renderer, contact, account }
    }

    pub(super) fn message<'b>(&'b self, message: &'b ConversationMessage) -> PublicMessage<'b> {
        self.renderer.public_message(message, &self.contact)
    }

    pub(super) fn conversation<'b>(&'b self, of: &'b SessionConversation) -> ConversationView<'b> {
        let conversation = &of.view.conversation;
        ConversationView {
            id: conversation.number.0,
            uuid: conversation.uuid.to_string(),
            inbox_id: conversation.inbox.0,
            contact_last_seen_at: seconds_or_zero(conversation.contact_last_seen_at),
            status: conversation.status.as_str(),
            agent_last_seen_at: seconds_or_zero(conversation.agent_last_seen_at),
            messages: of.messages.iter().map(|message| self.message(message)).collect(),
            contact: ContactRow::new(self.contact.clone(), self.account),
        }
    }
}

/// A message.
#[derive(ToSchema)]
#[schema(as = PublicMessage)]
#[expect(dead_code, reason = "it describes the form that `content::wire` writes")]
pub(super) struct PublicMessageSchema {
    id: i64,
    content: Option<String>,
    /// 0 from the contact, 1 from an agent, 3 from Belfry.
    message_type: i64,
    content_type: String,
    #[schema(value_type = Object)]
    content_attributes: Value,
    /// Unix seconds.
    created_at: i64,
    conversation_id: i64,
    /// Only where there are any.
    #[schema(value_type = Option<Vec<Object>>, required = false, nullable = false)]
    attachments: Option<Value>,
    #[schema(value_type = Option<Object>, required = false, nullable = false)]
    sender: Option<Value>,
}
