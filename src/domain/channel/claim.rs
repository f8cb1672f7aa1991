//! Unverified data that a client claims about its contact, and how much of the contact the client
//! may see.
//!
//! Anyone can claim another person's e-mail address, phone number or identifier. The session then
//! belongs to that contact, so that agents see one person. But the session sees its own claims in
//! place of the contact's data.

use super::{ChannelContact, ContactFields, ContactSession, split_name};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Data that was claimed in a session of the public client API.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionClaim {
    /// Whether the session created the contact. It may then change the contact, until the contact
    /// is verified in another session.
    pub is_creator: bool,
    /// Name.
    pub name: Option<String>,
    /// The site's own id.
    pub identifier: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone_number: Option<String>,
    /// URL of an avatar image.
    pub avatar_url: Option<String>,
    /// Custom attributes.
    pub custom_attributes: Map<String, Value>,
}

impl SessionClaim {
    /// Merges newly claimed data.
    pub fn merge(&mut self, fields: &ContactFields) {
        let merge = |value: &mut Option<String>, new: Option<Option<String>>| {
            if let Some(new) = new {
                *value = new;
            }
        };
        merge(&mut self.name, fields.name.clone());
        merge(
            &mut self.identifier,
            fields
                .identifier
                .as_ref()
                .map(|value| value.as_ref().map(|value| value.as_str().to_owned())),
        );
        merge(
            &mut self.email,
            fields
                .email
                .as_ref()
                .map(|value| value.as_ref().map(|value| value.as_str().to_owned())),
        );
        merge(
            &mut self.phone_number,
            fields
                .phone_number
                .as_ref()
                .map(|value| value.as_ref().map(|value| value.as_str().to_owned())),
        );
        merge(&mut self.avatar_url, fields.avatar_url.clone());
        for (name, value) in &fields.custom_attributes {
            if value.is_null() {
                self.custom_attributes.remove(name);
            } else {
                self.custom_attributes.insert(name.clone(), value.clone());
            }
        }
    }
}

impl ContactSession {
    /// Whether data claimed in this session changes the contact.
    pub fn may_change_contact(&self) -> bool {
        self.hmac_verified || self.claim.as_ref().is_none_or(|claim| claim.is_creator)
    }

    /// Whether the session may see the contact's real data: if the contact is verified, or if the
    /// site created the session.
    pub const fn sees_contact(&self) -> bool {
        self.hmac_verified || self.claim.is_none()
    }

    /// The contact as the session may see it: its real data, or the claimed data.
    pub fn visible_contact(&self, contact: &ChannelContact) -> ChannelContact {
        let mut seen = contact.clone();
        let Some(claim) = self.claim.as_ref().filter(|_| !self.sees_contact()) else { return seen };
        (seen.contact.first_name, seen.contact.last_name) =
            claim.name.as_deref().map(split_name).unwrap_or_default();
        seen.contact.external_id.clone_from(&claim.identifier);
        seen.contact.email.clone_from(&claim.email);
        seen.contact.phone.clone_from(&claim.phone_number);
        seen.contact.attributes.clone_from(&claim.custom_attributes);
        seen.contact.language = None;
        seen.contact.last_seen_at = None;
        (seen.contact.created_at, seen.contact.updated_at) = (self.created_at, self.updated_at);
        seen.additional_attributes = Map::new();
        seen.avatar_url.clone_from(&claim.avatar_url);
        seen.blocked = false;
        seen.last_activity_at = None;
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Contact, ContactId, EmailAddress, Position, Timestamp,
        channel::{ContactInboxId, InboxId, SourceId},
    };
    use serde_json::json;

    fn contact() -> ChannelContact {
        let at = Timestamp::from_millis(1_000);
        let text = |text: &str| Some(text.to_owned());
        let attributes = json!({ "vip": true }).as_object().cloned().unwrap_or_default();
        ChannelContact {
            contact: Contact {
                id: ContactId(7),
                external_id: text("crm-42"),
                email: text("secret@shop.example"),
                phone: text("+15550001111"),
                first_name: text("Secret"),
                last_name: text("Name"),
                language: None,
                attributes: attributes.clone(),
                created_at: at,
                updated_at: at,
                last_seen_at: Some(at),
                hidden_until: Position::default(),
            },
            additional_attributes: attributes,
            blocked: true,
            avatar_url: text("https://shop.example/secret.png"),
            last_activity_at: Some(at),
        }
    }

    fn session(claim: Option<SessionClaim>, hmac_verified: bool) -> ContactSession {
        ContactSession {
            id: ContactInboxId(1),
            inbox: InboxId(1),
            contact: ContactId(7),
            source_id: SourceId::from_stored("s".to_owned()),
            hmac_verified,
            pubsub_token: None,
            claim,
            created_at: Timestamp::from_millis(2_000),
            updated_at: Timestamp::from_millis(2_000),
        }
    }

    #[test]
    fn only_verified_session_sees_the_contact() {
        let mut claim = SessionClaim::default();
        claim.merge(&ContactFields {
            name: Some(Some("Ann Lee".to_owned())),
            email: Some(EmailAddress::parse("secret@shop.example").ok()),
            ..ContactFields::default()
        });
        let seen = session(Some(claim.clone()), false).visible_contact(&contact());
        assert_eq!(
            (seen.name(), seen.contact.email.as_deref()),
            ("Ann Lee".to_owned(), Some("secret@shop.example"))
        );
        let mut told = serde_json::to_string(&seen).unwrap();
        told = told.replace("secret@shop.example", "");
        for secret in ["Secret", "Name", "crm-42", "+15550001111", "vip", "secret.png"] {
            assert!(!told.contains(secret), "{secret} in {told}");
        }
        assert_eq!(session(Some(claim.clone()), true).visible_contact(&contact()), contact());
        assert_eq!(
            session(None, false).visible_contact(&contact()),
            contact(),
            "the site made the session"
        );
    }

    #[test]
    fn unverified_session_cannot_change_the_contact() {
        let claim = |is_creator| Some(SessionClaim { is_creator, ..SessionClaim::default() });
        assert!(!session(claim(false), false).may_change_contact());
        assert!(session(claim(true), false).may_change_contact());
        assert!(session(claim(false), true).may_change_contact());
        assert!(session(None, false).may_change_contact());
    }
}
