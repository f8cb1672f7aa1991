//! Secrets (API keys, tokens, session cookies) and their digests. The store keeps digests only.
//!
//! To add a kind of secret: a variant of [`SecretKind`] with a prefix of its own.

use super::{ContactId, KeyId, Rng, Scopes, SiteId, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// SHA-256 of a secret. Secrets are stored and looked up by it. The look-up is safe against timing
/// attacks, since a guesser doesn't control the leading bytes of the digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of a text.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// The digest of bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// All 256 bits in hexadecimal.
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }

    /// The first 64 bits in hexadecimal: a short fingerprint.
    pub fn short(&self) -> String {
        let leading: [u8; 8] = self.0.first_chunk().copied().unwrap_or_default();
        hex::encode(leading)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Digest(…)")
    }
}

/// The purpose of a secret. It sets the prefix, by which secret scanners and support recognize it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// API key of a site backend.
    ApiKey,
    /// Contact token: authenticates a reader for some minutes.
    ContactToken,
    /// Session cookie of the widget.
    WidgetSession,
    /// The same session without cookies, held in the iframe's memory.
    WidgetBearer,
    /// Single-use ticket for the event stream.
    StreamTicket,
    /// Link to a theme preview, valid for some days.
    PreviewLink,
    /// Permission to create the first account.
    SetUp,
    /// Invitation to join a site.
    Invitation,
    /// CSRF token of a console form.
    Form,
    /// Marks a browser that has signed in to the console before.
    TrustedBrowser,
    /// Session of an Inbox SDK agent, exchanged for a JWT.
    SdkSession,
    /// Single-use code that opens an Inbox SDK window.
    SdkCode,
    /// Session of an Inbox SDK window.
    SdkWindow,
}

impl SecretKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => "bfk",
            Self::ContactToken => "bft",
            // Each is looked up in its own table.
            Self::WidgetSession | Self::SdkSession => "bfs",
            Self::WidgetBearer => "bfb",
            Self::StreamTicket => "bfe",
            Self::PreviewLink => "bfp",
            Self::SetUp => "bfu",
            Self::Invitation => "bfi",
            Self::Form => "bff",
            Self::TrustedBrowser => "bfn",
            Self::SdkCode => "bfo",
            Self::SdkWindow => "bfw",
        }
    }
}

/// A plaintext secret that is about to be returned to its owner. `Debug` is redacted, so it can't
/// be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Generates a secret of 256 bits in base 62: `prefix_secretCHECK`. The last six characters are
    /// a CRC-32 of the rest.
    pub fn generate(kind: SecretKind, rng: &dyn Rng) -> Self {
        Self::build(kind.prefix(), rng)
    }

    /// Generates an API key `bfk_<key id>_<secret>`. Also returns its id, which may be shown and
    /// logged.
    pub fn generate_key(rng: &dyn Rng) -> (Self, KeyId) {
        let id = random_base62(rng, 10);
        (Self::build(&format!("{}_{id}", SecretKind::ApiKey.prefix()), rng), KeyId(id))
    }

    /// Generates a contact token that carries the number of new messages:
    /// `bft_<count>_<secret>CHECK`.
    pub fn generate_with_count(count: u32, rng: &dyn Rng) -> Self {
        Self::build(&format!("{}_{count}", SecretKind::ContactToken.prefix()), rng)
    }

    /// Generates a chain id for rotating contact tokens. It must be unguessable: knowing it is
    /// enough to revoke the chain.
    pub fn generate_chain(rng: &dyn Rng) -> String {
        random_base62(rng, CHAIN_ID_CHARS)
    }

    /// Generates a contact token of a chain: `bft_<chain>_<secret>CHECK`.
    pub fn generate_in_chain(chain: &str, rng: &dyn Rng) -> Self {
        Self::build(&format!("{}_{chain}", SecretKind::ContactToken.prefix()), rng)
    }

    /// The chain id in a contact token. `None` if it has none or its checksum is wrong.
    pub fn chain_of(token: &str) -> Option<&str> {
        let (body, check) = token.split_at_checked(token.len().checked_sub(CHECKSUM_CHARS)?)?;
        let chain = body
            .strip_prefix(SecretKind::ContactToken.prefix())?
            .strip_prefix('_')?
            .split_once('_')?
            .0;
        (chain.len() == CHAIN_ID_CHARS && check == checksum(body)).then_some(chain)
    }

    fn build(prefix: &str, rng: &dyn Rng) -> Self {
        // 43 characters of 5.95 bits hold 256 bits.
        let body = format!("{prefix}_{}", random_base62(rng, 43));
        let check = checksum(&body);
        Self(body + &check)
    }

    /// Parses a secret of this kind from a client. Only checks its form: prefix, length and
    /// checksum.
    pub fn parse(kind: SecretKind, text: &str) -> Option<Self> {
        let (body, check) = text.split_at_checked(text.len().checked_sub(CHECKSUM_CHARS)?)?;
        let of_kind = body
            .strip_prefix(kind.prefix())
            .is_some_and(|rest| rest.starts_with('_') && rest.len() == 44);
        (of_kind && check == checksum(body)).then(|| Self(text.to_owned()))
    }

    /// The plaintext secret.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The digest to store.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Length of a chain id, in characters: 131 bits.
const CHAIN_ID_CHARS: usize = 22;
/// Length of the checksum at the end of a secret, in characters.
const CHECKSUM_CHARS: usize = 6;

fn checksum(body: &str) -> String {
    encode_base62(u64::from(crc32fast::hash(body.as_bytes())), CHECKSUM_CHARS)
}

fn base62_digit(value: u64) -> char {
    ALPHABET.get(usize::try_from(value % 62).unwrap_or(0)).copied().map_or('0', char::from)
}

fn encode_base62(mut value: u64, width: usize) -> String {
    let mut digits = Vec::with_capacity(width);
    for _ in 0..width {
        digits.push(base62_digit(value));
        value /= 62;
    }
    digits.into_iter().rev().collect()
}

/// Unbiased random characters. Bytes from 248 on are drawn again: 248 is the largest multiple of
/// 62.
fn random_base62(rng: &dyn Rng, length: usize) -> String {
    let mut text = String::with_capacity(length);
    let mut buffer = [0; 64];
    while text.len() < length {
        rng.fill(&mut buffer);
        let needed = length - text.len();
        text.extend(
            buffer
                .iter()
                .filter(|byte| **byte < 248)
                .take(needed)
                .map(|byte| base62_digit(u64::from(*byte))),
        );
    }
    text
}

/// An API key as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The site it gives access to.
    pub site: SiteId,
    /// The public part.
    pub id: KeyId,
    /// Label chosen by the owner.
    pub name: String,
    /// Digest of the whole key.
    pub digest: Digest,
    /// What it may be used for.
    pub scopes: Scopes,
    /// Creation time.
    pub created_at: Timestamp,
    /// Time of the last use, rounded to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Time of revocation; the key is invalid from then on.
    pub revoked_at: Option<Timestamp>,
}

/// A token family: all sessions and tokens that descend from one contact token. They are revoked
/// together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct TokenFamily(pub [u8; 16]);

impl TokenFamily {
    /// Generates a random family id.
    pub fn generate(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        Self(bytes)
    }
}

/// A contact token as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactToken {
    /// The site it is valid for.
    pub site: SiteId,
    /// The contact it authenticates.
    pub contact: ContactId,
    /// Digest of the token.
    pub digest: Digest,
    /// The family that it begins.
    pub family: TokenFamily,
    /// The API key that requested it. Revoking the key revokes the token.
    pub key: KeyId,
    /// Invalid from this time on.
    pub expires_at: Timestamp,
}

/// A contact token whose contact is still to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContactToken {
    /// The site it is valid for.
    pub site: SiteId,
    /// Digest of the token.
    pub digest: Digest,
    /// The family that it begins.
    pub family: TokenFamily,
    /// The API key that requested it.
    pub key: KeyId,
    /// Invalid from this time on.
    pub expires_at: Timestamp,
}

/// A widget session that is to be created in exchange for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewWidgetSession {
    /// Digest of its secret.
    pub digest: Digest,
    /// Invalid from this time on.
    pub expires_at: Timestamp,
}

/// A widget session as stored: one reader on one site. The cookie and the in-memory bearer are two
/// secrets of the same session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WidgetSession {
    /// The site it is valid for.
    pub site: SiteId,
    /// The contact it authenticates.
    pub contact: ContactId,
    /// Digest of the secret.
    pub digest: Digest,
    /// The token family that it descends from.
    pub family: TokenFamily,
    /// The API key that the family descends from.
    pub key: KeyId,
    /// Invalid from this time on.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;
    use std::collections::HashSet;

    #[test]
    fn secrets_are_distinct_and_checksummed() {
        let secrets: HashSet<String> =
            (0..2_000).map(|_| Secret::generate(SecretKind::ContactToken, &SystemRng).0).collect();
        assert_eq!(secrets.len(), 2_000);
        for secret in &secrets {
            assert_eq!(secret.len(), 4 + 43 + 6);
            assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
            let (body, check) = secret.split_at(secret.len() - 6);
            assert_eq!(check, encode_base62(u64::from(crc32fast::hash(body.as_bytes())), 6));
        }
    }

    #[test]
    fn chain_is_read_from_an_undamaged_token() {
        let chain = Secret::generate_chain(&SystemRng);
        let token = Secret::generate_in_chain(&chain, &SystemRng).0;
        assert_eq!(Secret::chain_of(&token), Some(chain.as_str()));
        assert_eq!(
            Secret::chain_of(&Secret::generate(SecretKind::ContactToken, &SystemRng).0),
            None
        );
        assert_eq!(Secret::chain_of(&Secret::generate(SecretKind::ApiKey, &SystemRng).0), None);
        for invalid in [
            "",
            "bft_",
            "ünicode",
            &token[..token.len() - 1],
            &token.replace("bft_", "bfs_"),
            &format!("{token}x"),
        ] {
            assert_eq!(Secret::chain_of(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn debug_output_is_redacted() {
        let (secret, id) = Secret::generate_key(&SystemRng);
        assert_eq!(format!("{secret:?} {:?}", secret.digest()), "Secret(…) Digest(…)");
        assert!(secret.reveal().starts_with(&format!("bfk_{id}_")));
    }
}
