//! Contacts: the people a site knows, and the three names it may know them by.

use super::{ContactId, Digest, Invalid, Language, Message, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The site's own id of a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExternalId(String);

/// An e-mail address, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// A telephone number in E.164: `+` and 8 to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl ExternalId {
    /// 1 to 255 characters, none of them a control character.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > 255 || text.chars().any(char::is_control) {
            return Err(Invalid::new("externalCustomerId", "must have 1 to 255 printable characters"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EmailAddress {
    /// One `@` with something on both sides, no spaces, at most 254 characters (RFC 5321): the rest is between the site and its mail server.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let address = text.trim().to_lowercase();
        let well_formed = address.len() <= 254
            && !address.chars().any(|character| character.is_control() || character.is_whitespace())
            && address.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
        if well_formed { Ok(Self(address)) } else { Err(Invalid::new("email", "must be an e-mail address")) }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PhoneNumber {
    /// Takes the ways people write an international number (`+380 67 123-45-67`, `00380…`, `380671234567`) and keeps E.164.
    /// A number without its country can't be told apart from another country's, so one that begins with a single `0` is refused.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse = || Invalid::new("phone", "must be an international number such as +380671234567");
        let mut digits = String::with_capacity(16);
        for (index, character) in text.trim().chars().enumerate() {
            match character {
                '+' if index == 0 => {}
                '0'..='9' => digits.push(character),
                ' ' | '\u{a0}' | '-' | '\u{2010}'..='\u{2013}' | '.' | '(' | ')' | '/' => {}
                _ => return Err(refuse()),
            }
        }
        let national = digits.strip_prefix("00").unwrap_or(&digits);
        if (8..=15).contains(&national.len()) && !national.starts_with('0') { Ok(Self(format!("+{national}"))) } else { Err(refuse()) }
    }

    /// The number as text, beginning with `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a site may know a contact by; at least one is there. When they point at different contacts, the first in the
/// order external id, e-mail, phone decides (contract, section 1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identifiers {
    /// The site's own id.
    pub external_id: Option<ExternalId>,
    /// E-mail address.
    pub email: Option<EmailAddress>,
    /// Telephone number.
    pub phone: Option<PhoneNumber>,
}

impl Identifiers {
    /// Reads the three texts; blank counts as absent; at least one must be left.
    pub fn parse(external_id: Option<&str>, email: Option<&str>, phone: Option<&str>) -> Result<Self, Invalid> {
        let present = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let identifiers = Self {
            external_id: present(external_id).map(|text| ExternalId::parse(&text)).transpose()?,
            email: present(email).map(|text| EmailAddress::parse(&text)).transpose()?,
            phone: present(phone).map(|text| PhoneNumber::parse(&text)).transpose()?,
        };
        if identifiers.external_id.is_none() && identifiers.email.is_none() && identifiers.phone.is_none() {
            return Err(Invalid::new("", "one of externalCustomerId, email and phone is required"));
        }
        Ok(identifiers)
    }
}

/// One way to name one contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactLookup {
    /// By Belfry's number.
    Id(ContactId),
    /// By what the site knows.
    Identifiers(Identifiers),
}

/// What a site says of a contact: values that are `None` are left as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactDraft {
    /// Who it is.
    pub identifiers: Identifiers,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The reader's language.
    pub language: Option<Language>,
    /// Anything else the site keeps, merged key by key.
    pub attributes: Map<String, Value>,
}

/// A contact as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Number within the site.
    pub id: ContactId,
    /// The site's own id.
    pub external_id: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number, E.164.
    pub phone: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The reader's language.
    pub language: Option<Language>,
    /// Anything else the site keeps.
    pub attributes: Map<String, Value>,
    /// When it was first told to us.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When a widget last showed who its reader is, to the hour.
    pub last_seen_at: Option<Timestamp>,
    /// Messages up to this position are from before the contact was there and not shown to it.
    #[serde(default)]
    pub hidden_until: i64,
}

impl Contact {
    /// Most bytes that a contact's attributes have together, as JSON.
    pub const MAX_ATTRIBUTES_BYTES: usize = 16 * 1_024;

    /// Someone of whom nothing is known: to them, a message says what it says for lack of anything better.
    pub fn stranger() -> Self {
        let never = Timestamp::from_millis(0);
        Self {
            id: ContactId(0),
            external_id: None,
            email: None,
            phone: None,
            first_name: None,
            last_name: None,
            language: None,
            attributes: Map::new(),
            created_at: never,
            updated_at: never,
            last_seen_at: None,
            hidden_until: 0,
        }
    }

    /// Tells one state of what the site says of the contact from another, whenever and however it came about.
    pub fn revision(&self) -> String {
        let Self { external_id, email, phone, first_name, last_name, language, attributes, .. } = self;
        Digest::of(&json!([external_id, email, phone, first_name, last_name, language, attributes]).to_string()).hex()
    }

    /// An attribute by its name; the name of a member inside it comes after a dot. A name may itself have a dot, so the whole path is
    /// tried as one first.
    pub fn attribute(&self, path: &str) -> Option<&Value> {
        let found = self.attributes.get(path).or_else(|| {
            let mut names = path.split('.');
            let first = self.attributes.get(names.next()?)?;
            names.try_fold(first, |value, name| value.as_object()?.get(name))
        });
        found.filter(|value| !value.is_null())
    }
}

/// Which contacts are sought: those that fit all that is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactFilter {
    /// This e-mail address.
    pub email: Option<EmailAddress>,
    /// This telephone number.
    pub phone: Option<PhoneNumber>,
    /// This first name, in capital or small letters.
    pub first_name: Option<String>,
    /// This last name, in capital or small letters.
    pub last_name: Option<String>,
    /// This language.
    pub language: Option<Language>,
    /// These characters, literally, anywhere in the name, the e-mail address, the telephone number or the site's own id.
    pub text: Option<String>,
}

/// Which part of the contacts that fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactWindow {
    /// The newest first: those before this one, or from the beginning.
    Before(Option<ContactId>),
    /// The oldest first, without so many.
    Offset(u32),
}

/// A message with what one contact did with it.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactReceipt {
    /// The message, recalled and expired ones included while they are kept.
    pub message: Message,
    /// When a list with it was first answered to them: at the latest when they saw it. What was before times were kept has none.
    pub delivered_at: Option<Timestamp>,
    /// When it was first on the screen: at the latest when they read it.
    pub seen_at: Option<Timestamp>,
    /// Whether it counts as read, be it by “all read”.
    pub read: bool,
    /// When it was opened or marked as read, or when “all read” reached it.
    pub read_at: Option<Timestamp>,
    /// Whether it was “all read” that read it.
    pub read_with_all: bool,
    /// When its link was followed.
    pub clicked_at: Option<Timestamp>,
    /// When it was put into the archive, where it still is.
    pub archived_at: Option<Timestamp>,
    /// When it was deleted from the list.
    pub deleted_at: Option<Timestamp>,
}

/// A proof of identity that is in force, without its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactCredential {
    /// A session of a widget; otherwise a token.
    pub session: bool,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_as_people_write_them_come_out_as_one() {
        for written in ["+380 67 123-45-67", "00380671234567", "380671234567", "+38 (067) 123.45.67", " +380671234567 "] {
            assert_eq!(PhoneNumber::parse(written).unwrap().as_str(), "+380671234567", "{written}");
        }
        for odd in ["0671234567", "+12", "+1234567890123456", "call me", "+38067x", "1+2345678"] {
            assert!(PhoneNumber::parse(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn blank_identifiers_are_absent_and_one_is_needed() {
        let identifiers = Identifiers::parse(Some("  "), Some("A@B.example"), None).unwrap();
        assert_eq!(identifiers.external_id, None);
        assert_eq!(identifiers.email.unwrap().as_str(), "a@b.example");
        assert!(Identifiers::parse(Some(""), None, Some(" ")).is_err());
        assert_eq!(Identifiers::parse(None, Some("a@b@c"), None).unwrap_err().field, "email");
    }
}
