//! Signing keys of the Inbox SDK: a site's backend signs its agents' JWTs with them.

use crate::{
    Rng, SiteId, Timestamp, ValidationError,
    channel::{ConversationAccess, InboxId, InboxUuid},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Maximum length of a key's label, in characters.
pub const MAX_KEY_LABEL_CHARS: usize = 200;

/// A signing key. Unique in the instance, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SdkKeyId(pub i64);

impl fmt::Display for SdkKeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl std::str::FromStr for SdkKeyId {
    type Err = ValidationError;

    /// A positive number in decimal digits.
    fn from_str(text: &str) -> Result<Self, ValidationError> {
        let number = text.parse().ok().filter(|number| *number > 0);
        number.map(Self).ok_or_else(|| ValidationError::new("key", errors::POSITIVE_INTEGER))
    }
}

/// Scope of a signing key: what agents with a JWT signed by it can access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SdkScope {
    /// One inbox.
    Inbox(InboxId),
    /// All inboxes of the site.
    Site,
}

impl SdkScope {
    /// The conversations in this scope.
    pub const fn access(self) -> ConversationAccess {
        match self {
            Self::Inbox(inbox) => ConversationAccess::Inbox(inbox),
            Self::Site => ConversationAccess::Site,
        }
    }

    /// The inbox; `None` for the whole site.
    pub const fn inbox(self) -> Option<InboxId> {
        match self {
            Self::Inbox(inbox) => Some(inbox),
            Self::Site => None,
        }
    }

    /// The scope of one inbox, or of the whole site for `None`.
    pub const fn of(inbox: Option<InboxId>) -> Self {
        match inbox {
            Some(inbox) => Self::Inbox(inbox),
            None => Self::Site,
        }
    }
}

/// The owner of the signing keys, as a JWT claims it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningKeyOwner {
    /// An inbox: the claim `bot_id`.
    Inbox(InboxUuid),
    /// A site: the claim `environment_id`.
    Site(SiteId),
}

/// A signing key without its secret, which is shown once on creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkKey {
    /// Number; a JWT can name it as `kid`.
    pub id: SdkKeyId,
    /// Scope.
    pub scope: SdkScope,
    /// Label chosen by the owner.
    pub label: String,
    /// Creation time.
    pub created_at: Timestamp,
    /// Time of the last use, rounded to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// The secret of a signing key: 32 bytes in base64url, used as the HMAC key. `Debug` is redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(String);

impl SigningKey {
    /// Generates a secret of 256 bits.
    pub fn generate(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 32];
        rng.fill(&mut bytes);
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// From the store; not validated.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The plaintext secret.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SigningKey(…)")
    }
}

/// The signing keys of an inbox or a site, for verifying a signature.
#[derive(Debug, Clone)]
pub struct SigningKeys {
    /// The site.
    pub site: SiteId,
    /// Their scope.
    pub scope: SdkScope,
    /// The keys, newest first.
    pub keys: Vec<(SdkKeyId, SigningKey)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;

    #[test]
    fn signing_key_is_base64url_and_redacted_in_debug() {
        let (key, other) = (SigningKey::generate(&SystemRng), SigningKey::generate(&SystemRng));
        assert_ne!(key, other);
        assert_eq!(key.reveal().len(), 43);
        assert_eq!(URL_SAFE_NO_PAD.decode(key.reveal()).unwrap().len(), 32);
        assert_eq!(format!("{key:?}"), "SigningKey(…)");
    }

    #[test]
    fn key_id_is_a_positive_number() {
        assert_eq!("7".parse(), Ok(SdkKeyId(7)));
        for invalid in ["", "0", "-1", "x", "99999999999999999999"] {
            assert_eq!(invalid.parse::<SdkKeyId>().unwrap_err().field, "key", "{invalid}");
        }
    }
}
