//! Secrets that open a door, and what is kept of them: a digest, never the secret.

use super::{ContactId, Entropy, KeyId, Scopes, SiteId, Timestamp};
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Write as _};

/// SHA-256 of a secret: what the store keeps and looks up by. A look-up by digest leaks nothing by its timing, because
/// a guesser does not control the digest's leading bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of a secret's text.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// The digest of something that is no text.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// All of it in hexadecimal.
    pub fn hex(&self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The first 64 bits in hexadecimal: a short name for what was digested.
    pub fn short(&self) -> String {
        let leading = self.0.first_chunk().copied().unwrap_or_default();
        format!("{:016x}", u64::from_be_bytes(leading))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Digest(…)")
    }
}

/// What a secret is for: its prefix, so that a secret scanner and a support engineer recognise it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// A site backend's key.
    ApiKey,
    /// Proof of who a reader is, for some minutes.
    ContactToken,
    /// The widget's session cookie.
    WidgetSession,
    /// The same session where cookies are refused, held in the iframe's memory.
    WidgetBearer,
    /// A single use of the event stream.
    StreamTicket,
    /// A look at one version of a theme, for some days.
    PreviewLink,
    /// The right to make the first account.
    SetUp,
    /// A place on a site, for whoever is given it.
    Invitation,
    /// Proof that a form of the console is the console's.
    Form,
    /// Proof that a browser once signed in to the console.
    KnownBrowser,
    /// The session of an agent of the Inbox SDK, in place of the JWT that it was exchanged for.
    SdkSession,
    /// What opens a window of the Inbox SDK once.
    SdkCode,
    /// The session of a window of the Inbox SDK.
    SdkWindow,
}

impl SecretKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => "bfk",
            Self::ContactToken => "bft",
            // Each of the two is looked for in a table of its own.
            Self::WidgetSession | Self::SdkSession => "bfs",
            Self::WidgetBearer => "bfb",
            Self::StreamTicket => "bfe",
            Self::PreviewLink => "bfp",
            Self::SetUp => "bfu",
            Self::Invitation => "bfi",
            Self::Form => "bff",
            Self::KnownBrowser => "bfn",
            Self::SdkCode => "bfo",
            Self::SdkWindow => "bfw",
        }
    }
}

/// A secret in clear, on its way to the one who may have it. It is never logged: `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new secret of 256 bits in base 62: `prefix_secretCHECK`, where the last six characters are a CRC-32 of the rest.
    pub fn generate(kind: SecretKind, entropy: &dyn Entropy) -> Self {
        Self::build(kind.prefix(), entropy)
    }

    /// A new API key `bfk_<key id>_<secret>`, and the id that may be shown and logged.
    pub fn generate_key(entropy: &dyn Entropy) -> (Self, KeyId) {
        let id = base62(entropy, 10);
        (Self::build(&format!("{}_{id}", SecretKind::ApiKey.prefix()), entropy), KeyId(id))
    }

    /// A contact token that says how many messages are new to its reader: `bft_<count>_<secret>CHECK`.
    pub fn generate_with_count(count: u32, entropy: &dyn Entropy) -> Self {
        Self::build(&format!("{}_{count}", SecretKind::ContactToken.prefix()), entropy)
    }

    /// The name of a new chain of contact tokens; as hard to guess as a secret, since a known one can end its chain.
    pub fn generate_chain(entropy: &dyn Entropy) -> String {
        base62(entropy, CHAIN)
    }

    /// A contact token of a chain: `bft_<chain>_<secret>CHECK`.
    pub fn generate_in_chain(chain: &str, entropy: &dyn Entropy) -> Self {
        Self::build(&format!("{}_{chain}", SecretKind::ContactToken.prefix()), entropy)
    }

    /// The chain that a contact token names. `None` for one that names none, and for one that was damaged on its way.
    pub fn chain_of(token: &str) -> Option<&str> {
        let (body, check) = token.split_at_checked(token.len().checked_sub(CHECK)?)?;
        let chain = body.strip_prefix(SecretKind::ContactToken.prefix())?.strip_prefix('_')?.split_once('_')?.0;
        (chain.len() == CHAIN && check == check_digits(body)).then_some(chain)
    }

    fn build(prefix: &str, entropy: &dyn Entropy) -> Self {
        // 43 characters of 5.95 bits hold 256 bits.
        let body = format!("{prefix}_{}", base62(entropy, 43));
        let check = check_digits(&body);
        Self(body + &check)
    }

    /// A secret of this kind that comes back from whoever holds it; `None` for what is none. Whether anybody was ever given it is not known here.
    pub fn returned(kind: SecretKind, text: &str) -> Option<Self> {
        let (body, check) = text.split_at_checked(text.len().checked_sub(CHECK)?)?;
        let of_kind = body.strip_prefix(kind.prefix()).is_some_and(|rest| rest.starts_with('_') && rest.len() == 44);
        (of_kind && check == check_digits(body)).then(|| Self(text.to_owned()))
    }

    /// The secret in clear.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What may be kept of it.
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

/// Characters of a chain's name: 131 bits.
const CHAIN: usize = 22;
/// Check digits at the end of a secret.
const CHECK: usize = 6;

fn check_digits(body: &str) -> String {
    encode62(u64::from(crc32fast::hash(body.as_bytes())), CHECK)
}

fn digit(value: u64) -> char {
    ALPHABET.get(usize::try_from(value % 62).unwrap_or(0)).copied().map_or('0', char::from)
}

fn encode62(mut value: u64, width: usize) -> String {
    let mut digits = Vec::with_capacity(width);
    for _ in 0..width {
        digits.push(digit(value));
        value /= 62;
    }
    digits.into_iter().rev().collect()
}

/// Unbiased random characters: bytes of 248 and above are drawn again, since 248 is the last multiple of 62.
fn base62(entropy: &dyn Entropy, length: usize) -> String {
    let mut text = String::with_capacity(length);
    let mut buffer = [0; 64];
    while text.len() < length {
        entropy.fill(&mut buffer);
        let needed = length - text.len();
        text.extend(buffer.iter().filter(|byte| **byte < 248).take(needed).map(|byte| digit(u64::from(*byte))));
    }
    text
}

/// An API key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The site it opens.
    pub site: SiteId,
    /// The part that may be shown.
    pub id: KeyId,
    /// What the owner calls it.
    pub name: String,
    /// Digest of the whole key.
    pub digest: Digest,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked; from then on it opens nothing.
    pub revoked_at: Option<Timestamp>,
}

/// All sessions that descend from one contact token die together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Family(pub [u8; 16]);

impl Family {
    /// A new family.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        Self(bytes)
    }
}

/// A contact token as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactToken {
    /// The site it is for.
    pub site: SiteId,
    /// Who it proves.
    pub contact: ContactId,
    /// Digest of the token.
    pub digest: Digest,
    /// The family it begins.
    pub family: Family,
    /// The key that asked for it; its end is the token's end.
    pub key: KeyId,
    /// From then on it proves nothing.
    pub expires_at: Timestamp,
}

/// A contact token before it is known whom it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// The site it is for.
    pub site: SiteId,
    /// Digest of the token.
    pub digest: Digest,
    /// The family it begins.
    pub family: Family,
    /// The key that asked for it.
    pub key: KeyId,
    /// From then on it proves nothing.
    pub expires_at: Timestamp,
}

/// A widget session that a token is exchanged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewSession {
    /// Digest of its secret.
    pub digest: Digest,
    /// From then on it proves nothing.
    pub expires_at: Timestamp,
}

/// A widget session as it is stored: one reader on one site. The cookie and the in-memory bearer are two secrets of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WidgetSession {
    /// The site it is for.
    pub site: SiteId,
    /// Who it proves.
    pub contact: ContactId,
    /// Digest of the secret.
    pub digest: Digest,
    /// The token family it descends from.
    pub family: Family,
    /// The key that the family descends from.
    pub key: KeyId,
    /// From then on it proves nothing.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SystemEntropy;
    use std::collections::HashSet;

    #[test]
    fn secrets_are_distinct_of_one_length_and_carry_their_check() {
        let secrets: HashSet<String> = (0..2_000).map(|_| Secret::generate(SecretKind::ContactToken, &SystemEntropy).0).collect();
        assert_eq!(secrets.len(), 2_000);
        for secret in &secrets {
            assert_eq!(secret.len(), 4 + 43 + 6);
            assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
            let (body, check) = secret.split_at(secret.len() - 6);
            assert_eq!(check, encode62(u64::from(crc32fast::hash(body.as_bytes())), 6));
        }
    }

    #[test]
    fn a_token_of_a_chain_names_it_unless_it_was_damaged() {
        let chain = Secret::generate_chain(&SystemEntropy);
        let token = Secret::generate_in_chain(&chain, &SystemEntropy).0;
        assert_eq!(Secret::chain_of(&token), Some(chain.as_str()));
        assert_eq!(Secret::chain_of(&Secret::generate(SecretKind::ContactToken, &SystemEntropy).0), None);
        assert_eq!(Secret::chain_of(&Secret::generate(SecretKind::ApiKey, &SystemEntropy).0), None);
        for odd in ["", "bft_", "ünicode", &token[..token.len() - 1], &token.replace("bft_", "bfs_"), &format!("{token}x")] {
            assert_eq!(Secret::chain_of(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_secret_never_shows_itself_in_debug_output() {
        let (secret, id) = Secret::generate_key(&SystemEntropy);
        assert_eq!(format!("{secret:?} {:?}", secret.digest()), "Secret(…) Digest(…)");
        assert!(secret.reveal().starts_with(&format!("bfk_{id}_")));
    }
}
