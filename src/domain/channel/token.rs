//! Tokens of the API channel: 24 characters in base 58, as clients expect them, and ids of contact
//! sessions.

use crate::{Digest, Rng, ValidationError};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Length of a token, in characters: 140 bits.
const TOKEN_CHARS: usize = 24;

/// Unbiased random characters. Bytes from 232 on are drawn again: 232 is the largest multiple of
/// 58.
fn random_base58(rng: &dyn Rng) -> String {
    let mut text = String::with_capacity(TOKEN_CHARS);
    let mut buffer = [0; 32];
    while text.len() < TOKEN_CHARS {
        rng.fill(&mut buffer);
        let needed = TOKEN_CHARS - text.len();
        let digits = buffer
            .iter()
            .filter(|byte| **byte < 232)
            .filter_map(|byte| ALPHABET.get(usize::from(byte % 58)));
        text.extend(digits.take(needed).map(|digit| char::from(*digit)));
    }
    text
}

/// A secret of the API channel: an access token, pubsub token, HMAC token or attachment key.
/// `Debug` is redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelToken(String);

impl ChannelToken {
    /// Generates a random token.
    pub fn generate(rng: &dyn Rng) -> Self {
        Self(random_base58(rng))
    }

    /// From the store or a client; not validated.
    pub fn from_text(text: String) -> Self {
        Self(text)
    }

    /// The plaintext token.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The digest to look it up by.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl fmt::Debug for ChannelToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ChannelToken(…)")
    }
}

/// The public identifier of an inbox in URLs of the public client API.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InboxIdentifier(String);

impl InboxIdentifier {
    /// Generates a random identifier.
    pub fn generate(rng: &dyn Rng) -> Self {
        Self(random_base58(rng))
    }

    /// From the store; not validated.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id of a contact's session, unique in its inbox. It is a credential that
/// authorizes to act for the session, so `Debug` is redacted.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceId(String);

impl fmt::Debug for SourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SourceId(***)")
    }
}

impl SourceId {
    /// 1 to 255 characters, no control characters.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        if text.trim().is_empty()
            || text.chars().count() > 255
            || text.chars().any(char::is_control)
        {
            return Err(ValidationError::new("source_id", errors::printable_characters(255)));
        }
        Ok(Self(text.to_owned()))
    }

    /// Generates a random id: a UUID, version 4.
    pub fn generate(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        Self(Uuid::to_string(&uuid::Builder::from_random_bytes(bytes).into_uuid()))
    }

    /// From the store; not validated.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;

    #[test]
    fn tokens_have_24_characters_of_base_58() {
        let tokens: Vec<ChannelToken> =
            (0..50).map(|_| ChannelToken::generate(&SystemRng)).collect();
        for token in &tokens {
            assert_eq!(token.reveal().len(), 24);
            assert!(
                token.reveal().bytes().all(|byte| ALPHABET.contains(&byte)),
                "{}",
                token.reveal()
            );
            assert!(!format!("{token:?}").contains(token.reveal()));
        }
        assert!(tokens.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn source_id_is_bounded_and_unchanged() {
        assert_eq!(SourceId::parse("user 7 ü").unwrap().as_str(), "user 7 ü");
        assert_eq!(SourceId::generate(&SystemRng).as_str().len(), 36);
        for invalid in ["", "  ", "a\nb", &"x".repeat(256)] {
            assert_eq!(SourceId::parse(invalid).unwrap_err().field, "source_id");
        }
    }
}
