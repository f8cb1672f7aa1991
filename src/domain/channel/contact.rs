//! Contacts in conversations: the site's contact with additional data, and its sessions in inboxes.

use super::{ChannelToken, ContactInboxId, InboxId, InboxIdentifier, SessionClaim, SourceId};
use crate::{
    Contact, ContactId, EmailAddress, ExternalId, PhoneNumber, Timestamp, ValidationError,
};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Splits a name at the first space into the two parts that a contact has.
pub fn split_name(name: &str) -> (Option<String>, Option<String>) {
    match name.split_once(' ') {
        Some((first, last)) => (Some(first.to_owned()), Some(last.to_owned())),
        None => (Some(name.to_owned()), None),
    }
}

/// Joins the two parts of a contact's name.
pub fn join_name(first: Option<&str>, last: Option<&str>) -> String {
    match (first, last) {
        (Some(first), Some(last)) => format!("{first} {last}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => String::new(),
    }
}

/// A contact with the data that only conversations use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelContact {
    /// The site's contact; `external_id` is the `identifier`, `attributes` are the
    /// `custom_attributes`.
    pub contact: Contact,
    /// Other data of clients.
    pub additional_attributes: Map<String, Value>,
    /// Whether new conversations start as resolved.
    pub blocked: bool,
    /// URL of an avatar image.
    pub avatar_url: Option<String>,
    /// When they last wrote.
    pub last_activity_at: Option<Timestamp>,
}

impl ChannelContact {
    /// The contact's number.
    pub fn id(&self) -> ContactId {
        self.contact.id
    }

    /// The full name; may be empty.
    pub fn name(&self) -> String {
        join_name(self.contact.first_name.as_deref(), self.contact.last_name.as_deref())
    }
}

/// Contact data from a client. `None` leaves a value unchanged (or absent in a new contact);
/// `Some(None)` removes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactFields {
    /// Full name.
    pub name: Option<Option<String>>,
    /// The site's own id.
    pub identifier: Option<Option<ExternalId>>,
    /// E-mail address.
    pub email: Option<Option<EmailAddress>>,
    /// Phone number.
    pub phone_number: Option<Option<PhoneNumber>>,
    /// URL of an avatar image.
    pub avatar_url: Option<Option<String>>,
    /// Whether new conversations start as resolved.
    pub blocked: Option<bool>,
    /// Merged key by key; `null` removes.
    pub additional_attributes: Map<String, Value>,
    /// Merged key by key; `null` removes.
    pub custom_attributes: Map<String, Value>,
}

impl ContactFields {
    /// Validates and trims the fields: a name of at most 255 characters, a URL of at most 2,000.
    pub fn validate(mut self) -> Result<Self, ValidationError> {
        if let Some(name) = &mut self.name {
            *name =
                name.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
            if name.as_deref().is_some_and(|name| {
                name.chars().count() > 255 || name.chars().any(char::is_control)
            }) {
                return Err(ValidationError::new(
                    "name",
                    errors::at_most_printable_characters(255),
                ));
            }
        }
        if let Some(Some(url)) = &self.avatar_url
            && !(url.len() <= 2_000
                && (url.starts_with("https://") || url.starts_with("http://"))
                && url::Url::parse(url).is_ok())
        {
            return Err(ValidationError::new("avatar_url", errors::HTTPS_ADDRESS_OF_AVATAR));
        }
        Ok(self)
    }
}

/// A contact session before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContactSession {
    /// Id of the session in its inbox.
    pub source_id: SourceId,
    /// Token for real-time subscriptions.
    pub pubsub_token: ChannelToken,
}

/// A contact's session in an inbox: a `contact_inbox` of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactSession {
    /// Number, unique in the instance.
    pub id: ContactInboxId,
    /// The inbox.
    pub inbox: InboxId,
    /// The contact.
    pub contact: ContactId,
    /// Id of the session in its inbox.
    pub source_id: SourceId,
    /// Whether the contact's identity was verified by HMAC.
    pub hmac_verified: bool,
    /// Token for real-time subscriptions. Only loaded where a store function says so; never part of
    /// a stored event.
    #[serde(skip)]
    pub pubsub_token: Option<ChannelToken>,
    /// Data that was claimed in the session; `None` if the site created the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<SessionClaim>,
    /// Creation time.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
}

/// A session with its contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// The session, with its pubsub token.
    pub session: ContactSession,
    /// The contact.
    pub contact: ChannelContact,
    /// Whether this call created the session.
    pub created: bool,
}

/// A session in a contact's profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInbox {
    /// Id of the session in its inbox.
    pub source_id: SourceId,
    /// The inbox.
    pub inbox: InboxId,
    /// The inbox's name.
    pub inbox_name: String,
    /// The inbox's public identifier.
    pub inbox_identifier: InboxIdentifier,
}

/// A contact with up to 100 of their sessions, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactProfile {
    /// The contact.
    pub contact: ChannelContact,
    /// Their sessions.
    pub sessions: Vec<SessionInbox>,
}

/// A new contact, with the session that was requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedContact {
    /// The contact.
    pub profile: ContactProfile,
    /// The session, if an inbox was given.
    pub session: Option<ContactSession>,
}

/// The identity that a client of the public client API claims.
#[derive(Debug, Clone)]
pub struct Identification {
    /// The session's id, if the client gives it. An existing session with this id is returned
    /// unchanged.
    pub source_id: Option<SourceId>,
    /// The claimed data. An existing contact isn't changed.
    pub fields: ContactFields,
    /// Whether the HMAC of the identifier was valid; recorded in the session.
    pub verified: bool,
    /// Data for a new session; its id is used if the client gave none.
    pub session: NewContactSession,
}

/// Order of a list of contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ContactSort {
    /// The newest first.
    #[default]
    NewestFirst,
    /// The oldest first.
    OldestFirst,
}

/// A query of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactListQuery {
    /// Literal text anywhere in the name, e-mail address, phone number or identifier.
    pub text: Option<String>,
    /// Order.
    pub sort: ContactSort,
    /// Page number, from 1.
    pub page: u32,
}

/// A page of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactListPage {
    /// Number of matches, up to [`super::MAX_EXACT_COUNT`].
    pub count: u32,
    /// The contacts of this page, at most [`Self::SIZE`].
    pub contacts: Vec<ContactProfile>,
}

impl ContactListPage {
    /// Page size.
    pub const SIZE: u32 = 15;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_name_can_be_joined_again() {
        for name in ["Ann", "Ann Lee", "Ann  Lee", "Ann van der Lee"] {
            let (first, last) = split_name(name);
            assert_eq!(join_name(first.as_deref(), last.as_deref()), name);
        }
    }

    #[test]
    fn fields_are_trimmed_and_bounded() {
        let fields =
            ContactFields { name: Some(Some("  Ann ".into())), ..ContactFields::default() };
        assert_eq!(fields.validate().unwrap().name, Some(Some("Ann".into())));
        let blank = ContactFields { name: Some(Some("  ".into())), ..ContactFields::default() };
        assert_eq!(blank.validate().unwrap().name, Some(None));
        let long = ContactFields { name: Some(Some("x".repeat(256))), ..ContactFields::default() };
        assert_eq!(long.validate().unwrap_err().field, "name");
        let script = ContactFields {
            avatar_url: Some(Some("javascript:alert(1)".into())),
            ..ContactFields::default()
        };
        assert_eq!(script.validate().unwrap_err().field, "avatar_url");
    }
}
