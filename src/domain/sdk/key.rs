//! Signing keys: the secrets with which a site's backend signs the JWTs of its agents.

use crate::domain::{
    Entropy, Invalid, SiteId, Timestamp,
    channel::{ConversationAccess, InboxId, InboxUuid},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most characters of a key's label.
pub const MAX_KEY_LABEL_CHARS: usize = 200;

/// A signing key; unique in the instance and never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SdkKeyId(pub i64);

impl fmt::Display for SdkKeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl std::str::FromStr for SdkKeyId {
    type Err = Invalid;

    /// A positive number in decimal digits.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let number = text.parse().ok().filter(|number| *number > 0);
        number.map(Self).ok_or_else(|| Invalid::new("key", "must be a positive integer"))
    }
}

/// What a signing key is for, and so what the agents see whose JWTs it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SdkScope {
    /// One inbox.
    Inbox(InboxId),
    /// All inboxes of the site.
    Site,
}

impl SdkScope {
    /// The conversations of this scope.
    pub const fn access(self) -> ConversationAccess {
        match self {
            Self::Inbox(inbox) => ConversationAccess::Inbox(inbox),
            Self::Site => ConversationAccess::Site,
        }
    }

    /// The inbox, where it is one alone.
    pub const fn inbox(self) -> Option<InboxId> {
        match self {
            Self::Inbox(inbox) => Some(inbox),
            Self::Site => None,
        }
    }

    /// The scope of one inbox, or of the whole site.
    pub const fn of(inbox: Option<InboxId>) -> Self {
        match inbox {
            Some(inbox) => Self::Inbox(inbox),
            None => Self::Site,
        }
    }
}

/// Whose keys a JWT claims to be signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SdkOwner {
    /// An inbox's: the claim `bot_id`.
    Inbox(InboxUuid),
    /// A site's: the claim `environment_id`.
    Site(SiteId),
}

/// A signing key as it is listed; its secret is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkKey {
    /// Its number, which a JWT may name as `kid`.
    pub id: SdkKeyId,
    /// What it is for.
    pub scope: SdkScope,
    /// What the owner calls it.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// The secret of a signing key: 43 characters of base64url, whose bytes are the key of the HMAC. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(String);

impl SigningKey {
    /// A new one of 256 bits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What the store kept.
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// The secret in plaintext.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SigningKey(…)")
    }
}

/// The keys of an inbox or a site, for a look at a signature.
#[derive(Debug, Clone)]
pub struct SigningKeys {
    /// The site.
    pub site: SiteId,
    /// What the keys are for.
    pub scope: SdkScope,
    /// The keys, newest first.
    pub keys: Vec<(SdkKeyId, SigningKey)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SystemEntropy;

    #[test]
    fn signing_key_has_43_characters_of_base64url_and_hides_in_debug() {
        let (key, other) = (SigningKey::generate(&SystemEntropy), SigningKey::generate(&SystemEntropy));
        assert_ne!(key, other);
        assert_eq!(key.reveal().len(), 43);
        assert_eq!(URL_SAFE_NO_PAD.decode(key.reveal()).unwrap().len(), 32);
        assert_eq!(format!("{key:?}"), "SigningKey(…)");
    }

    #[test]
    fn key_id_is_a_positive_number() {
        assert_eq!("7".parse(), Ok(SdkKeyId(7)));
        for odd in ["", "0", "-1", "x", "99999999999999999999"] {
            assert_eq!(odd.parse::<SdkKeyId>().unwrap_err().field, "key", "{odd}");
        }
    }
}
