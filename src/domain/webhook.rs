//! Webhook endpoints: URL, subscribed event types, authentication.
//!
//! Sending, signing and retrying belong to the webhook dispatcher. To add an event type: a variant
//! of [`EventType`] (the order is stored as bits, so append it), and what it
//! contains in [`super::webhook_event`]. The store enqueues it.

use super::{EndpointId, Rng, SiteId, Timestamp, ValidationError, revision};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use belfry_locales::{LocalizedText, phrases::errors};
use std::{fmt, str::FromStr};

/// An event type that a site can subscribe to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventType {
    /// Messages were delivered to a reader's browser.
    MessageDelivered,
    /// Messages were on a reader's screen.
    MessageSeen,
    /// A reader read messages.
    MessageRead,
    /// A reader followed a link of a message. It implies that the message was read; no
    /// `MessageRead` event follows.
    MessageClicked,
    /// A reader archived messages.
    MessageArchived,
    /// A contact was created.
    ContactCreated,
    /// A contact was erased.
    ContactDeleted,
    /// A test delivery; every endpoint receives these.
    WebhookTest,
}

impl EventType {
    /// All event types that can be subscribed to.
    pub const EACH: [Self; 7] = [
        Self::MessageDelivered,
        Self::MessageSeen,
        Self::MessageRead,
        Self::MessageClicked,
        Self::MessageArchived,
        Self::ContactCreated,
        Self::ContactDeleted,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MessageDelivered => "message.delivered",
            Self::MessageSeen => "message.seen",
            Self::MessageRead => "message.read",
            Self::MessageClicked => "message.clicked",
            Self::MessageArchived => "message.archived",
            Self::ContactCreated => "contact.created",
            Self::ContactDeleted => "contact.deleted",
            Self::WebhookTest => "webhook.test",
        }
    }

    /// Its bit in a stored set.
    pub const fn bit(self) -> i64 {
        1 << self as i64
    }

    /// The set as stored.
    pub fn to_bits(events: &[Self]) -> i64 {
        events.iter().fold(0, |bits, event| bits | event.bit())
    }

    /// The event types of a stored set.
    pub fn from_bits(bits: i64) -> Vec<Self> {
        Self::EACH.into_iter().filter(|event| bits & event.bit() != 0).collect()
    }
}

impl FromStr for EventType {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        Self::EACH.into_iter().find(|event| event.as_str() == text).ok_or_else(|| {
            let names = Self::EACH.map(Self::as_str).join(", ");
            ValidationError::new("events", errors::some_of(names))
        })
    }
}

/// What an endpoint receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointKind {
    /// Signed events (Standard Webhooks).
    Standard,
    /// Each message to a contact with an external id, complete, in the format that clients of the
    /// existing products expect.
    Message,
    /// All events of the conversations of one inbox: its callback URL.
    Callback,
    /// Selected events of all conversations of the site: an account webhook.
    Account,
}

impl EndpointKind {
    /// All kinds, in the order of their stored numbers.
    pub const EACH: [Self; 4] = [Self::Standard, Self::Message, Self::Callback, Self::Account];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Message => "message",
            Self::Callback => "callback",
            Self::Account => "account",
        }
    }
}

/// The URL of an endpoint, without credentials and fragment. Whether it may be called is checked by
/// the HTTP client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointUrl(url::Url);

impl EndpointUrl {
    /// Parses a URL of at most 2,000 characters.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        let reject = |reason: LocalizedText| Err(ValidationError::new("url", reason));
        if text.chars().any(|character| character.is_control() || character.is_whitespace()) {
            return reject(errors::SPACES);
        }
        let Ok(url) = url::Url::parse(text) else {
            return reject(errors::full_address("https://shop.example/belfry"));
        };
        if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
            return reject(errors::HTTPS);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return reject(errors::CREDENTIALS_GO_INTO_AUTH);
        }
        if url.fragment().is_some() {
            return reject(errors::FRAGMENT);
        }
        if url.as_str().len() > 2_000 {
            return reject(errors::at_most_characters("2,000"));
        }
        Ok(Self(url))
    }

    /// Whether a stored URL has the same scheme, host and port.
    pub fn shares_origin_with(&self, kept: &str) -> bool {
        url::Url::parse(kept).is_ok_and(|kept| kept.origin() == self.0.origin())
    }

    /// The parsed URL.
    pub fn url(&self) -> &url::Url {
        &self.0
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// The signing secret of an endpoint: `whsec_` and the Base64 of 32 bytes. `Debug` is redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(String);

impl SigningSecret {
    const PREFIX: &str = "whsec_";

    /// Generates a secret of 256 bits.
    pub fn generate(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 32];
        rng.fill(&mut bytes);
        Self(format!("{}{}", Self::PREFIX, STANDARD.encode(bytes)))
    }

    /// A secret from the store.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The plaintext secret.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The signing key: the decoded bytes.
    pub fn key(&self) -> Vec<u8> {
        STANDARD.decode(self.0.strip_prefix(Self::PREFIX).unwrap_or(&self.0)).unwrap_or_default()
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SigningSecret(…)")
    }
}

/// How requests to an endpoint are authenticated.
#[derive(Clone, PartialEq, Eq)]
pub enum EndpointAuth {
    /// By a signature; for a while after a rotation also by one with the previous secret.
    Signed {
        /// The current secret.
        secret: SigningSecret,
        /// The previous secret, and until when it signs.
        previous: Option<(SigningSecret, Timestamp)>,
    },
    /// HTTP Basic.
    Basic {
        /// User name; may be shown.
        username: String,
        /// Password; must not be shown.
        password: String,
    },
    /// Not at all.
    None,
}

impl fmt::Debug for EndpointAuth {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("EndpointAuth(…)")
    }
}

/// A webhook endpoint. Its secrets are separate ([`EndpointAuth`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The site.
    pub site: SiteId,
    /// Its id.
    pub id: EndpointId,
    /// What it receives.
    pub kind: EndpointKind,
    /// Its URL.
    pub url: String,
    /// The owner's description; may be empty.
    pub description: String,
    /// Subscribed event types; empty for a message webhook.
    pub events: Vec<EventType>,
    /// Whether deliveries are sent.
    pub enabled: bool,
    /// Why Belfry disabled it.
    pub reason: Option<String>,
    /// User name of a message webhook.
    pub username: Option<String>,
    /// Creation time.
    pub created_at: Timestamp,
    /// Since when all attempts have failed; `None` if the last one succeeded.
    pub failing_since: Option<Timestamp>,
    /// Number of deliveries that are still to be sent.
    pub pending: u32,
}

impl Endpoint {
    /// Changes with everything that its owner edits, except the password, which is never shown.
    pub fn revision(&self) -> String {
        revision(&(&self.url, &self.description, &self.events, &self.username))
    }
}

/// Changes to an endpoint; `None` leaves a value unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndpointChange {
    /// New URL.
    pub url: Option<EndpointUrl>,
    /// New description.
    pub description: Option<String>,
    /// New event types.
    pub events: Option<Vec<EventType>>,
    /// Whether deliveries are sent.
    pub enabled: Option<bool>,
    /// New authentication of a message webhook.
    pub auth: Option<EndpointAuth>,
    /// Applies only if the endpoint still has this [revision](Endpoint::revision).
    pub expected_revision: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_set_round_trips_as_bits() {
        let some = [EventType::MessageRead, EventType::ContactDeleted];
        assert_eq!(EventType::from_bits(EventType::to_bits(&some)), some);
        assert_eq!(EventType::from_bits(0), []);
        assert_eq!("message.read".parse(), Ok(EventType::MessageRead));
        assert!("webhook.test".parse::<EventType>().is_err());
    }

    #[test]
    fn same_origin_compares_scheme_host_port() {
        let url = EndpointUrl::parse("https://shop.example/a").unwrap();
        for same in ["https://shop.example/b?c", "https://SHOP.example:443/"] {
            assert!(url.shares_origin_with(same), "{same}");
        }
        for other in [
            "http://shop.example/a",
            "https://shop.example:8443/a",
            "https://a.shop.example/a",
            "https://shop.example.evil.example/a",
            "x",
        ] {
            assert!(!url.shares_origin_with(other), "{other}");
        }
    }

    #[test]
    fn url_is_absolute_without_credentials() {
        assert_eq!(
            EndpointUrl::parse("https://Shop.example:443/a?b").unwrap().as_str(),
            "https://shop.example/a?b"
        );
        for invalid in [
            "",
            "shop.example",
            "ftp://a.example",
            "https://u:p@a.example",
            "https://a.example/#x",
            "https://",
            "https://a.example/ x",
            "data:a",
        ] {
            assert_eq!(EndpointUrl::parse(invalid).unwrap_err().field, "url", "{invalid}");
        }
    }
}
