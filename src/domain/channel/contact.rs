//! Contacts as conversations have them: the site's contact, what only conversations keep of them, and their sessions in inboxes.

use super::{ChannelToken, ContactInboxId, InboxId, InboxIdentifier, SourceId};
use crate::domain::{Contact, ContactId, EmailAddress, ExternalId, Invalid, PhoneNumber, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One name, in the two parts that a contact has: before the first space, and after it.
pub fn split_name(name: &str) -> (Option<String>, Option<String>) {
    match name.split_once(' ') {
        Some((first, last)) => (Some(first.to_owned()), Some(last.to_owned())),
        None => (Some(name.to_owned()), None),
    }
}

/// The one name that the two parts make.
pub fn join_name(first: Option<&str>, last: Option<&str>) -> String {
    match (first, last) {
        (Some(first), Some(last)) => format!("{first} {last}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => String::new(),
    }
}

/// A contact with what only conversations keep of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelContact {
    /// The site's contact; `external_id` is the `identifier`, `attributes` are the `custom_attributes`.
    pub contact: Contact,
    /// Anything else that clients keep.
    pub additional_attributes: Map<String, Value>,
    /// Whether new conversations begin as resolved.
    pub blocked: bool,
    /// Address of a picture.
    pub avatar_url: Option<String>,
    /// When they last wrote.
    pub last_activity_at: Option<Timestamp>,
}

impl ChannelContact {
    /// Their number.
    pub fn id(&self) -> ContactId {
        self.contact.id
    }

    /// Their name; may be empty.
    pub fn name(&self) -> String {
        join_name(self.contact.first_name.as_deref(), self.contact.last_name.as_deref())
    }
}

/// What is said of a contact. In the outer `Option`, `None` leaves a value as it is (or absent, of a new contact); `Some(None)` removes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactFields {
    /// Name.
    pub name: Option<Option<String>>,
    /// The site's own id.
    pub identifier: Option<Option<ExternalId>>,
    /// E-mail address.
    pub email: Option<Option<EmailAddress>>,
    /// Telephone number.
    pub phone_number: Option<Option<PhoneNumber>>,
    /// Address of a picture.
    pub avatar_url: Option<Option<String>>,
    /// Whether new conversations begin as resolved.
    pub blocked: Option<bool>,
    /// Merged key by key; `null` removes.
    pub additional_attributes: Map<String, Value>,
    /// Merged key by key; `null` removes.
    pub custom_attributes: Map<String, Value>,
}

impl ContactFields {
    /// The same when a contact may be like that: a name of at most 255 characters, an address of at most 2,000.
    pub fn checked(mut self) -> Result<Self, Invalid> {
        if let Some(name) = &mut self.name {
            *name = name.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
            if name.as_deref().is_some_and(|name| name.chars().count() > 255 || name.chars().any(char::is_control)) {
                return Err(Invalid::new("name", "must have at most 255 printable characters"));
            }
        }
        if let Some(Some(url)) = &self.avatar_url
            && !(url.len() <= 2_000 && (url.starts_with("https://") || url.starts_with("http://")) && url::Url::parse(url).is_ok())
        {
            return Err(Invalid::new("avatar_url", "must be an address of at most 2,000 characters that begins with https://"));
        }
        Ok(self)
    }
}

/// A session on its way into the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContactSession {
    /// Its name.
    pub source_id: SourceId,
    /// The token for real-time updates.
    pub pubsub_token: ChannelToken,
}

/// A contact's session in an inbox: a `contact_inbox`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactSession {
    /// Its number.
    pub id: ContactInboxId,
    /// Of this inbox.
    pub inbox: InboxId,
    /// Of this contact.
    pub contact: ContactId,
    /// Its name.
    pub source_id: SourceId,
    /// Whether the contact has proven who they are.
    pub hmac_verified: bool,
    /// The token for real-time updates. It is there where a verb says so, and never part of what is kept of an event.
    #[serde(skip)]
    pub pubsub_token: Option<ChannelToken>,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A session with its contact and the token for real-time updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// The session, with its token.
    pub session: ContactSession,
    /// The contact.
    pub contact: ChannelContact,
    /// Whether it was made by this call.
    pub created: bool,
}

/// A session as it stands in a contact's profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInbox {
    /// Its name.
    pub source_id: SourceId,
    /// The inbox.
    pub inbox: InboxId,
    /// What the inbox is called.
    pub inbox_name: String,
    /// The public name of the inbox.
    pub inbox_identifier: InboxIdentifier,
}

/// A contact with their sessions, of which up to 100 are named, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactProfile {
    /// The contact.
    pub contact: ChannelContact,
    /// Their sessions.
    pub sessions: Vec<SessionInbox>,
}

/// A contact that was added, with the session that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedContact {
    /// The contact.
    pub profile: ContactProfile,
    /// The session.
    pub session: Option<ContactSession>,
}

/// What the public client API says of somebody who writes.
#[derive(Debug, Clone)]
pub struct Identification {
    /// The session's name, where the client gives it; the session of this name is given back unchanged.
    pub source_id: Option<SourceId>,
    /// Who they are. A contact that is there already is left as it is, but for values that it lacks.
    pub fields: ContactFields,
    /// Whether the identifier was proven: the session is marked.
    pub verified: bool,
    /// What a new session is made of; its name is used where the client gave none.
    pub session: NewContactSession,
}

/// The order of a list of contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ContactSort {
    /// The newest first.
    #[default]
    NewestFirst,
    /// The oldest first.
    OldestFirst,
}

/// Which contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactListQuery {
    /// These characters anywhere in the name, e-mail address, phone number or identifier.
    pub text: Option<String>,
    /// In which order.
    pub sort: ContactSort,
    /// Which page, from 1.
    pub page: u32,
}

/// A page of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactListPage {
    /// How many there are, up to [`super::MAX_COUNT`].
    pub count: u32,
    /// Those of this page, 15 at most.
    pub contacts: Vec<ContactProfile>,
}

impl ContactListPage {
    /// Contacts on a page.
    pub const SIZE: u32 = 15;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_survives_being_split() {
        for name in ["Ann", "Ann Lee", "Ann  Lee", "Ann van der Lee"] {
            let (first, last) = split_name(name);
            assert_eq!(join_name(first.as_deref(), last.as_deref()), name);
        }
    }

    #[test]
    fn fields_are_trimmed_and_bounded() {
        let fields = ContactFields { name: Some(Some("  Ann ".into())), ..ContactFields::default() };
        assert_eq!(fields.checked().unwrap().name, Some(Some("Ann".into())));
        let blank = ContactFields { name: Some(Some("  ".into())), ..ContactFields::default() };
        assert_eq!(blank.checked().unwrap().name, Some(None));
        let long = ContactFields { name: Some(Some("x".repeat(256))), ..ContactFields::default() };
        assert_eq!(long.checked().unwrap_err().field, "name");
        let script = ContactFields { avatar_url: Some(Some("javascript:alert(1)".into())), ..ContactFields::default() };
        assert_eq!(script.checked().unwrap_err().field, "avatar_url");
    }
}
