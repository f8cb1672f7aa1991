//! Contacts: the people that a site knows, and the three identifiers that name them.

use super::{ContactId, Digest, Language, Message, Position, Timestamp, ValidationError};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The site's own id of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExternalId(String);

/// An e-mail address, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// A phone number in E.164: `+` and 8 to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl ExternalId {
    /// 1 to 255 characters, no control characters.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > 255 || text.chars().any(char::is_control) {
            return Err(ValidationError::new(
                "externalCustomerId",
                errors::printable_characters(255),
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EmailAddress {
    /// Accepts one `@` with text on both sides, no spaces, at most 254 characters (RFC 5321).
    /// Anything stricter is left to mail servers.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        let address = text.trim().to_lowercase();
        let well_formed = address.len() <= 254
            && !address
                .chars()
                .any(|character| character.is_control() || character.is_whitespace())
            && address.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty() && !domain.is_empty() && !domain.contains('@')
            });
        if well_formed {
            Ok(Self(address))
        } else {
            Err(ValidationError::new("email", errors::EMAIL))
        }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PhoneNumber {
    /// Accepts the usual notations of an international number (`+380 67 123-45-67`, `00380…`,
    /// `380671234567`) and normalizes them to E.164. Rejects a number that begins with a single
    /// `0`: it has no country code.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        let reject = || ValidationError::new("phone", errors::phone("+380671234567"));
        let mut digits = String::with_capacity(16);
        for (index, character) in text.trim().chars().enumerate() {
            match character {
                '+' if index == 0 => {}
                '0'..='9' => digits.push(character),
                ' ' | '\u{a0}' | '-' | '\u{2010}'..='\u{2013}' | '.' | '(' | ')' | '/' => {}
                _ => return Err(reject()),
            }
        }
        let national = digits.strip_prefix("00").unwrap_or(&digits);
        if (8..=15).contains(&national.len()) && !national.starts_with('0') {
            Ok(Self(format!("+{national}")))
        } else {
            Err(reject())
        }
    }

    /// The number in E.164.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The identifiers of a contact; at least one is present. When they match different contacts, the
/// first of external id, e-mail and phone decides (contract, section 1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identifiers {
    /// The site's own id.
    pub external_id: Option<ExternalId>,
    /// E-mail address.
    pub email: Option<EmailAddress>,
    /// Phone number.
    pub phone: Option<PhoneNumber>,
}

impl Identifiers {
    /// Parses the three texts. Blank counts as absent; at least one must be present.
    pub fn parse(
        external_id: Option<&str>,
        email: Option<&str>,
        phone: Option<&str>,
    ) -> Result<Self, ValidationError> {
        let present = |text: Option<&str>| {
            text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let identifiers = Self {
            external_id: present(external_id).map(|text| ExternalId::parse(&text)).transpose()?,
            email: present(email).map(|text| EmailAddress::parse(&text)).transpose()?,
            phone: present(phone).map(|text| PhoneNumber::parse(&text)).transpose()?,
        };
        if identifiers.external_id.is_none()
            && identifiers.email.is_none()
            && identifiers.phone.is_none()
        {
            return Err(ValidationError::new("", errors::NO_IDENTIFIER));
        }
        Ok(identifiers)
    }
}

/// One way to look up a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactLookup {
    /// By its number.
    Id(ContactId),
    /// By the site's identifiers.
    Identifiers(Identifiers),
}

/// Contact data from the site. `None` leaves a value unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactDraft {
    /// The identifiers to match or to create the contact with.
    pub identifiers: Identifiers,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Preferred language.
    pub language: Option<Language>,
    /// Custom attributes, merged key by key.
    pub attributes: Map<String, Value>,
}

/// A contact as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Number, unique in the site.
    pub id: ContactId,
    /// The site's own id.
    pub external_id: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number in E.164.
    pub phone: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Preferred language.
    pub language: Option<Language>,
    /// Custom attributes.
    pub attributes: Map<String, Value>,
    /// Creation time.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
    /// When a widget last authenticated this contact, rounded to the hour.
    pub last_seen_at: Option<Timestamp>,
    /// Messages up to this position are older than the contact and hidden from it.
    #[serde(default)]
    pub hidden_until: Position,
}

impl Contact {
    /// Maximum size of a contact's attributes as JSON, in bytes.
    pub const MAX_ATTRIBUTES_BYTES: usize = 16 * 1_024;

    /// A contact without any data. Variables of a message get their defaults.
    pub fn anonymous() -> Self {
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
            hidden_until: Position::default(),
        }
    }

    /// Identifies the current contact data. Equal data has equal revisions, whatever its history.
    pub fn revision(&self) -> String {
        let Self { external_id, email, phone, first_name, last_name, language, attributes, .. } =
            self;
        Digest::of(
            &json!([external_id, email, phone, first_name, last_name, language, attributes])
                .to_string(),
        )
        .hex()
    }

    /// Looks up an attribute; a dot leads into nested objects. A name can contain a dot itself, so
    /// the whole path is tried as one name first.
    pub fn attribute(&self, path: &str) -> Option<&Value> {
        let value_at_path = self.attributes.get(path).or_else(|| {
            let mut names = path.split('.');
            let first = self.attributes.get(names.next()?)?;
            names.try_fold(first, |value, name| value.as_object()?.get(name))
        });
        value_at_path.filter(|value| !value.is_null())
    }
}

/// Conditions of a contact search; all of them must match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactFilter {
    /// Exact e-mail address.
    pub email: Option<EmailAddress>,
    /// Exact phone number.
    pub phone: Option<PhoneNumber>,
    /// First name, ignoring case.
    pub first_name: Option<String>,
    /// Last name, ignoring case.
    pub last_name: Option<String>,
    /// Exact language.
    pub language: Option<Language>,
    /// Literal text anywhere in the name, e-mail address, phone number or external id.
    pub text: Option<String>,
}

/// Which page of the matching contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactWindow {
    /// Newest first, before the given contact; `None` starts at the newest.
    Before(Option<ContactId>),
    /// Oldest first, skipping this number of contacts.
    Offset(u32),
}

/// A message with its receipts of one contact.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactReceipt {
    /// The message; includes recalled and expired ones while they are stored.
    pub message: Message,
    /// When a list with it was first returned to the contact, at the latest when it was seen.
    /// `None` for receipts from before times were recorded.
    pub delivered_at: Option<Timestamp>,
    /// When it was first on screen, at the latest when it was read.
    pub seen_at: Option<Timestamp>,
    /// Whether it counts as read, also by "mark all read".
    pub read: bool,
    /// When it was opened, marked as read, or covered by "mark all read".
    pub read_at: Option<Timestamp>,
    /// Whether "mark all read" read it.
    pub read_with_all: bool,
    /// When its link was followed.
    pub clicked_at: Option<Timestamp>,
    /// When it was archived, if it still is.
    pub archived_at: Option<Timestamp>,
    /// When the contact deleted it.
    pub deleted_at: Option<Timestamp>,
}

/// A valid token or session of a contact, without its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactCredential {
    /// Whether it is a widget session rather than a token.
    pub is_session: bool,
    /// Expiry.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_number_notations_are_normalized() {
        for written in [
            "+380 67 123-45-67",
            "00380671234567",
            "380671234567",
            "+38 (067) 123.45.67",
            " +380671234567 ",
        ] {
            assert_eq!(PhoneNumber::parse(written).unwrap().as_str(), "+380671234567", "{written}");
        }
        for invalid in ["0671234567", "+12", "+1234567890123456", "call me", "+38067x", "1+2345678"]
        {
            assert!(PhoneNumber::parse(invalid).is_err(), "{invalid}");
        }
    }

    #[test]
    fn at_least_one_identifier_is_required() {
        let identifiers = Identifiers::parse(Some("  "), Some("A@B.example"), None).unwrap();
        assert_eq!(identifiers.external_id, None);
        assert_eq!(identifiers.email.unwrap().as_str(), "a@b.example");
        assert!(Identifiers::parse(Some(""), None, Some(" ")).is_err());
        assert_eq!(Identifiers::parse(None, Some("a@b@c"), None).unwrap_err().field, "email");
    }
}
