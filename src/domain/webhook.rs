//! Webhooks: where a site wants to hear of what happens, of what, and how it knows that it was us.
//!
//! Must not know how anything is sent, signed or retried.

use super::{EndpointId, Entropy, Invalid, SiteId, Timestamp};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{fmt, str::FromStr};

/// What a site can hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventType {
    /// Messages reached a reader's browser.
    MessageDelivered,
    /// Messages were on a reader's screen.
    MessageSeen,
    /// A reader read messages.
    MessageRead,
    /// A reader followed a link of a message; it is read by that, too, and this is the only event of it.
    MessageClicked,
    /// A reader put messages into the archive.
    MessageArchived,
    /// A contact was added.
    ContactCreated,
    /// A contact was erased.
    ContactDeleted,
    /// Someone tries whether an endpoint works. Every endpoint gets these.
    WebhookTest,
}

impl EventType {
    /// All that can be subscribed to.
    pub const EACH: [Self; 7] = [
        Self::MessageDelivered,
        Self::MessageSeen,
        Self::MessageRead,
        Self::MessageClicked,
        Self::MessageArchived,
        Self::ContactCreated,
        Self::ContactDeleted,
    ];

    /// Its word on the wire.
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

    /// Its place in a set that is kept as one number.
    pub const fn bit(self) -> i64 {
        1 << self as i64
    }

    /// The set as one number.
    pub fn to_bits(events: &[Self]) -> i64 {
        events.iter().fold(0, |bits, event| bits | event.bit())
    }

    /// The set that a number stands for.
    pub fn from_bits(bits: i64) -> Vec<Self> {
        Self::EACH.into_iter().filter(|event| bits & event.bit() != 0).collect()
    }
}

impl FromStr for EventType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::EACH.into_iter().find(|event| event.as_str() == text).ok_or_else(|| {
            let known = Self::EACH.map(Self::as_str).join(", ");
            Invalid::new("events", format!("must be some of {known}"))
        })
    }
}

/// What an endpoint is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointKind {
    /// Signed events, as Standard Webhooks has them.
    Standard,
    /// Each message for a contact with an external id, whole: what clients of the existing products expect.
    Message,
    /// Each event of the conversations of one inbox: its callback URL.
    Callback,
    /// Some events of all conversations of the site: an account webhook.
    Account,
}

impl EndpointKind {
    /// Each of them, by the number that is kept.
    pub const EACH: [Self; 4] = [Self::Standard, Self::Message, Self::Callback, Self::Account];

    /// Its word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Message => "message",
            Self::Callback => "callback",
            Self::Account => "account",
        }
    }
}

/// Where an endpoint is: a full address without credentials and fragment. Whether it may be called is decided where calls are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointUrl(url::Url);

impl EndpointUrl {
    /// Reads an address of at most 2,000 characters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse = |reason: &str| Err(Invalid::new("url", reason));
        if text.chars().any(|character| character.is_control() || character.is_whitespace()) {
            return refuse("must not contain spaces or control characters");
        }
        let Ok(url) = url::Url::parse(text) else { return refuse("must be a full address such as https://shop.example/belfry") };
        if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
            return refuse("must begin with https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("must not contain a user name or password; a message webhook takes them in auth");
        }
        if url.fragment().is_some() {
            return refuse("must not contain a fragment (#…)");
        }
        if url.as_str().len() > 2_000 {
            return refuse("must have at most 2,000 characters");
        }
        Ok(Self(url))
    }

    /// Whether that address, as it is kept, has the same scheme, host and port.
    pub fn shares_origin_with(&self, kept: &str) -> bool {
        url::Url::parse(kept).is_ok_and(|kept| kept.origin() == self.0.origin())
    }

    /// The parts of it.
    pub fn url(&self) -> &url::Url {
        &self.0
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// The secret with which what is sent to one endpoint is signed: `whsec_` and the Base64 of 32 bytes. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(String);

impl SigningSecret {
    const PREFIX: &str = "whsec_";

    /// A new one of 256 bits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        Self(format!("{}{}", Self::PREFIX, STANDARD.encode(bytes)))
    }

    /// What the store kept.
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// The secret in clear.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The bytes that sign.
    pub fn key(&self) -> Vec<u8> {
        STANDARD.decode(self.0.strip_prefix(Self::PREFIX).unwrap_or(&self.0)).unwrap_or_default()
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SigningSecret(…)")
    }
}

/// How an endpoint knows that it was us.
#[derive(Clone, PartialEq, Eq)]
pub enum EndpointAuth {
    /// By a signature; for a while after a change, by one of the former secret as well.
    Signed {
        /// The present secret.
        secret: SigningSecret,
        /// The one before it, and until when it signs.
        former: Option<(SigningSecret, Timestamp)>,
    },
    /// By a user name and a password.
    Basic {
        /// The user name; it may be shown.
        username: String,
        /// The password; it may not.
        password: String,
    },
    /// It does not.
    None,
}

impl fmt::Debug for EndpointAuth {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("EndpointAuth(…)")
    }
}

/// Where a site wants to hear of things. What it is known by is kept apart and never part of this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Of this site.
    pub site: SiteId,
    /// Its name.
    pub id: EndpointId,
    /// What it is sent.
    pub kind: EndpointKind,
    /// Where it is.
    pub url: String,
    /// The owner's own words for it; may be empty.
    pub description: String,
    /// Of what it hears; nothing for a message webhook, which hears of messages alone.
    pub events: Vec<EventType>,
    /// Whether anything is sent to it.
    pub enabled: bool,
    /// Why nothing is, when Belfry decided that.
    pub reason: Option<String>,
    /// The user name of a message webhook.
    pub username: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when every attempt failed; `None` when the last one did not.
    pub failing_since: Option<Timestamp>,
    /// How much is still to be sent.
    pub pending: u32,
}

/// What may be changed of an endpoint; `None` leaves it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndpointChange {
    /// Where it is.
    pub url: Option<EndpointUrl>,
    /// The owner's own words for it.
    pub description: Option<String>,
    /// Of what it hears.
    pub events: Option<Vec<EventType>>,
    /// Whether anything is sent to it.
    pub enabled: Option<bool>,
    /// How a message webhook knows that it was us.
    pub auth: Option<EndpointAuth>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_events_is_one_number() {
        let some = [EventType::MessageRead, EventType::ContactDeleted];
        assert_eq!(EventType::from_bits(EventType::to_bits(&some)), some);
        assert_eq!(EventType::from_bits(0), []);
        assert_eq!("message.read".parse(), Ok(EventType::MessageRead));
        assert!("webhook.test".parse::<EventType>().is_err());
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let url = EndpointUrl::parse("https://shop.example/a").unwrap();
        for same in ["https://shop.example/b?c", "https://SHOP.example:443/"] {
            assert!(url.shares_origin_with(same), "{same}");
        }
        for other in ["http://shop.example/a", "https://shop.example:8443/a", "https://a.shop.example/a", "https://shop.example.evil.example/a", "x"]
        {
            assert!(!url.shares_origin_with(other), "{other}");
        }
    }

    #[test]
    fn an_address_is_full_and_without_credentials() {
        assert_eq!(EndpointUrl::parse("https://Shop.example:443/a?b").unwrap().as_str(), "https://shop.example/a?b");
        for odd in
            ["", "shop.example", "ftp://a.example", "https://u:p@a.example", "https://a.example/#x", "https://", "https://a.example/ x", "data:a"]
        {
            assert_eq!(EndpointUrl::parse(odd).unwrap_err().field, "url", "{odd}");
        }
    }
}
