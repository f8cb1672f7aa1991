//! JSON of contacts and their sessions.

use super::{Renderer, SlimInbox, iso, seconds};
use belfry_domain::channel::{ChannelContact, ContactSession, SessionInbox, SiteNumber};
use serde::Serialize;
use serde_json::{Map, Value};

/// A contact in a response of the application API.
#[derive(Debug, Clone, Serialize)]
pub struct ContactJson<'a> {
    pub additional_attributes: &'a Map<String, Value>,
    pub availability_status: &'static str,
    pub email: Option<&'a str>,
    pub id: i64,
    pub name: String,
    pub phone_number: Option<&'a str>,
    pub blocked: bool,
    pub identifier: Option<&'a str>,
    pub thumbnail: &'a str,
    pub custom_attributes: &'a Map<String, Value>,
    /// Left out if they never wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_activity_at: Option<i64>,
    pub created_at: i64,
    /// Their sessions, in responses that include them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_inboxes: Option<Vec<SourceJson<'a>>>,
}

/// A session in a contact.
#[derive(Debug, Clone, Serialize)]
pub struct SourceJson<'a> {
    pub source_id: &'a str,
    pub inbox: SlimInbox<'a>,
}

/// A contact in a real-time update, and as the sender of a message.
#[derive(Debug, Clone, Serialize)]
pub struct ContactPush<'a> {
    pub additional_attributes: &'a Map<String, Value>,
    pub custom_attributes: &'a Map<String, Value>,
    pub email: Option<&'a str>,
    pub id: i64,
    pub identifier: Option<&'a str>,
    pub name: String,
    pub phone_number: Option<&'a str>,
    pub thumbnail: &'a str,
    pub blocked: bool,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// The account in a webhook.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct AccountName<'a> {
    pub id: i64,
    pub name: &'a str,
}

/// A contact in a webhook.
#[derive(Debug, Clone, Serialize)]
pub struct ContactWebhook<'a> {
    pub account: AccountName<'a>,
    pub additional_attributes: &'a Map<String, Value>,
    pub avatar: &'a str,
    pub custom_attributes: &'a Map<String, Value>,
    pub email: Option<&'a str>,
    pub id: i64,
    pub identifier: Option<&'a str>,
    pub name: String,
    pub phone_number: Option<&'a str>,
    pub thumbnail: &'a str,
    pub blocked: bool,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// A session in a conversation. Its pubsub token is left out, because it allows to read and write
/// as the contact.
#[derive(Debug, Clone, Serialize)]
pub struct ContactInboxJson<'a> {
    pub id: i64,
    pub contact_id: i64,
    pub inbox_id: i64,
    pub source_id: &'a str,
    pub created_at: String,
    pub updated_at: String,
    pub hmac_verified: bool,
}

impl Renderer<'_> {
    /// A contact without their sessions.
    pub fn contact<'b>(&self, contact: &'b ChannelContact) -> ContactJson<'b> {
        let is_online = self.presence.contact(self.site, contact.id());
        ContactJson {
            additional_attributes: &contact.additional_attributes,
            availability_status: if is_online { "online" } else { "offline" },
            email: contact.contact.email.as_deref(),
            id: contact.id().0,
            name: contact.name(),
            phone_number: contact.contact.phone.as_deref(),
            blocked: contact.blocked,
            identifier: contact.contact.external_id.as_deref(),
            thumbnail: contact.avatar_url.as_deref().unwrap_or_default(),
            custom_attributes: &contact.contact.attributes,
            last_activity_at: contact.last_activity_at.map(seconds),
            created_at: seconds(contact.contact.created_at),
            contact_inboxes: None,
        }
    }

    /// A contact with their sessions.
    pub fn contact_with_sessions<'b>(
        &self,
        contact: &'b ChannelContact,
        sessions: &'b [SessionInbox],
    ) -> ContactJson<'b> {
        let contact_inboxes = Some(sessions.iter().map(|session| self.source(session)).collect());
        ContactJson { contact_inboxes, ..self.contact(contact) }
    }

    /// A session of a contact.
    pub fn source<'b>(&self, session: &'b SessionInbox) -> SourceJson<'b> {
        SourceJson {
            source_id: session.source_id.as_str(),
            inbox: SlimInbox::new(session.inbox, &session.inbox_name),
        }
    }

    /// A contact for real-time updates.
    pub fn contact_push<'b>(&self, contact: &'b ChannelContact) -> ContactPush<'b> {
        ContactPush {
            additional_attributes: &contact.additional_attributes,
            custom_attributes: &contact.contact.attributes,
            email: contact.contact.email.as_deref(),
            id: contact.id().0,
            identifier: contact.contact.external_id.as_deref(),
            name: contact.name(),
            phone_number: contact.contact.phone.as_deref(),
            thumbnail: contact.avatar_url.as_deref().unwrap_or_default(),
            blocked: contact.blocked,
            kind: "contact",
        }
    }

    /// A contact for webhooks.
    pub fn contact_webhook<'b>(
        &self,
        contact: &'b ChannelContact,
        account: SiteNumber,
        site_name: &'b str,
    ) -> ContactWebhook<'b> {
        let avatar = contact.avatar_url.as_deref().unwrap_or_default();
        ContactWebhook {
            account: AccountName { id: account.0, name: site_name },
            additional_attributes: &contact.additional_attributes,
            avatar,
            custom_attributes: &contact.contact.attributes,
            email: contact.contact.email.as_deref(),
            id: contact.id().0,
            identifier: contact.contact.external_id.as_deref(),
            name: contact.name(),
            phone_number: contact.contact.phone.as_deref(),
            thumbnail: avatar,
            blocked: contact.blocked,
            kind: "contact",
        }
    }

    /// A session as part of a conversation.
    pub fn contact_inbox<'b>(&self, session: &'b ContactSession) -> ContactInboxJson<'b> {
        ContactInboxJson {
            id: session.id.0,
            contact_id: session.contact.0,
            inbox_id: session.inbox.0,
            source_id: session.source_id.as_str(),
            created_at: iso(session.created_at),
            updated_at: iso(session.updated_at),
            hmac_verified: session.hmac_verified,
        }
    }
}
