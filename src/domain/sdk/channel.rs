//! Channels on which agents start conversations: the inbox's settings for it, and the addresses of
//! contacts.

use crate::{
    EmailAddress, PhoneNumber, ValidationError,
    channel::{ConversationId, InboxId, InboxUuid, NewContactSession, wire_enum::words},
};
use belfry_locales::phrases::errors;
use phonenumber::{Mode, country};
use serde::{Deserialize, Serialize};

words!(
    /// Kind of address that a channel uses.
    AddressKind, "address" {
        /// A phone number.
        Phone = "phone",
        /// An e-mail address.
        Email = "email",
    }
);

/// How agents start conversations in an inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitiateSettings {
    /// The channel's type for clients: `whatsapp`, `email`, `sms`, …
    pub kind: String,
    /// Kind of address.
    pub address: AddressKind,
    /// Default country of phone numbers, as two capital letters.
    #[serde(default)]
    pub region: Option<String>,
}

/// A channel on which the agent can start a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitiateableChannel {
    /// The inbox.
    pub id: InboxUuid,
    /// `whatsapp`, `email`, `sms`, …
    pub kind: String,
    /// The inbox's name.
    pub name: String,
}

/// The address of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelAddress {
    /// A phone number.
    Phone(PhoneNumber),
    /// An e-mail address.
    Email(EmailAddress),
}

/// A conversation that an agent starts.
#[derive(Debug, Clone)]
pub struct NewInitiatedConversation {
    /// The inbox.
    pub inbox: InboxId,
    /// The contact's address.
    pub address: ChannelAddress,
    /// UUID for a new conversation.
    pub uuid: ConversationId,
    /// Data for a new contact session.
    pub session: NewContactSession,
}

/// Maximum length of an address as typed, in characters.
const MAX_ADDRESS_CHARS: usize = 254;

impl InitiateSettings {
    /// Validates the settings: a type of 1 to 40 lower-case letters, digits, `-` and `_`; a known
    /// country.
    pub fn validate(self) -> Result<Self, ValidationError> {
        let kind = self.kind.trim().to_lowercase();
        let is_kind = |character: char| {
            character.is_ascii_lowercase()
                || character.is_ascii_digit()
                || matches!(character, '-' | '_')
        };
        if kind.is_empty() || kind.len() > 40 || !kind.chars().all(is_kind) {
            return Err(ValidationError::new("initiate.kind", errors::CHANNEL_KIND));
        }
        let region = self
            .region
            .as_deref()
            .map(|region| region.trim().to_uppercase())
            .filter(|region| !region.is_empty());
        let region = match (self.address, region) {
            (AddressKind::Email, _) | (_, None) => None,
            (AddressKind::Phone, Some(region)) if country_of(&region).is_some() => Some(region),
            _ => {
                return Err(ValidationError::new("initiate.region", errors::COUNTRY));
            }
        };
        Ok(Self { kind, address: self.address, region })
    }

    /// Parses an address as people type it. A phone number without a country code gets that of the
    /// region.
    pub fn address(&self, text: &str) -> Option<ChannelAddress> {
        let text = text.trim();
        if text.chars().count() > MAX_ADDRESS_CHARS {
            return None;
        }
        match self.address {
            AddressKind::Email => EmailAddress::parse(text).ok().map(ChannelAddress::Email),
            AddressKind::Phone => parse_phone(text, self.region.as_deref().and_then(country_of))
                .map(ChannelAddress::Phone),
        }
    }
}

fn country_of(region: &str) -> Option<country::Id> {
    region.parse().ok()
}

/// Parses and validates a phone number. The first call loads the metadata of all countries.
fn parse_phone(text: &str, country: Option<country::Id>) -> Option<PhoneNumber> {
    // `00` is the international prefix in almost all countries.
    let international = text.strip_prefix("00").map(|rest| format!("+{rest}"));
    let number = phonenumber::parse(country, international.as_deref().unwrap_or(text))
        .ok()
        .filter(phonenumber::is_valid)?;
    PhoneNumber::parse(&number.format().mode(Mode::E164).to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(kind: &str, address: AddressKind, region: Option<&str>) -> InitiateSettings {
        InitiateSettings { kind: kind.to_owned(), address, region: region.map(str::to_owned) }
    }

    fn read(settings: &InitiateSettings, text: &str) -> Option<String> {
        settings.address(text).map(|address| match address {
            ChannelAddress::Phone(phone) => phone.as_str().to_owned(),
            ChannelAddress::Email(email) => email.as_str().to_owned(),
        })
    }

    #[test]
    fn kind_and_region_are_normalized() {
        let whatsapp = settings(" WhatsApp ", AddressKind::Phone, Some(" nl "));
        assert_eq!(
            whatsapp.validate().unwrap(),
            settings("whatsapp", AddressKind::Phone, Some("NL"))
        );
        assert_eq!(settings("sms", AddressKind::Phone, Some(" ")).validate().unwrap().region, None);
        assert_eq!(
            settings("email", AddressKind::Email, Some("NL")).validate().unwrap().region,
            None,
            "unused for e-mail"
        );
        for kind in ["", " ", "two words", "a\u{0}", &"x".repeat(41), "é"] {
            assert_eq!(
                settings(kind, AddressKind::Email, None).validate().unwrap_err().field,
                "initiate.kind",
                "{kind:?}"
            );
        }
        for region in ["N", "NLD", "XX", "31", "Netherlands"] {
            assert_eq!(
                settings("sms", AddressKind::Phone, Some(region)).validate().unwrap_err().field,
                "initiate.region",
                "{region:?}"
            );
        }
    }

    #[test]
    fn phone_numbers_become_international() {
        let (dutch, anywhere) = (
            settings("sms", AddressKind::Phone, Some("NL")),
            settings("sms", AddressKind::Phone, None),
        );
        for text in [
            "0612345678",
            " 06 12 34 56 78 ",
            "06-12345678",
            "+31612345678",
            "0031612345678",
            "+31 (0)6 12345678",
            "+31 6 1234 5678",
        ] {
            assert_eq!(read(&dutch, text).as_deref(), Some("+31612345678"), "{text:?}");
        }
        assert_eq!(
            read(&dutch, "+380 67 123 45 67").as_deref(),
            Some("+380671234567"),
            "of another country"
        );
        assert_eq!(read(&anywhere, "+31612345678").as_deref(), Some("+31612345678"));
        assert_eq!(read(&anywhere, "0612345678"), None, "the country is unknown");
        assert_eq!(
            read(&settings("sms", AddressKind::Phone, Some("US")), "(202) 456-1111").as_deref(),
            Some("+12024561111")
        );
        let long = "1".repeat(10_000);
        for text in [
            "",
            " ",
            "+",
            "12",
            "061234567",
            "06123456789",
            "+99912345678",
            "+3161234567",
            "hello",
            "ann@shop.example",
            &long,
            "\u{0}",
            "+31\u{0}612345678",
        ] {
            assert_eq!(read(&dutch, text), None, "{text:?}");
        }
    }

    #[test]
    fn email_addresses_are_normalized() {
        let email = settings("email", AddressKind::Email, None);
        assert_eq!(read(&email, " Ann@Shop.example ").as_deref(), Some("ann@shop.example"));
        for text in [
            "",
            "ann",
            "ann@",
            "@shop.example",
            "a b@shop.example",
            "0612345678",
            &format!("{}@a.example", "x".repeat(300)),
        ] {
            assert_eq!(read(&email, text), None, "{text:?}");
        }
    }
}
