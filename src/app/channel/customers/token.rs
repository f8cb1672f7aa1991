//! Customer tokens: a client stores one to find its user's conversations again.
//!
//! Most visitors never write, so nothing is stored for them: the token itself contains what a
//! session would be made of, with a MAC under a secret of the inbox. A session that is created
//! later has the same token as its pubsub token, which identifies it from then on. Tokens are
//! random, whatever a customer claims; none can be guessed or chosen.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use belfry_domain::{
    Digest, ExternalId, Rng,
    channel::{ChannelToken, InboxWithSecrets, SourceId},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

const PREFIX: &str = "bfc_";
/// Prefix of the generated id of a customer who claims none.
const USER_PREFIX: &str = "bfu_";
const NONCE_BYTES: usize = 16;
const TAG_BYTES: usize = 16;
/// Length of a token with an identifier of 255 characters.
pub(super) const MAX_TOKEN_CHARS: usize = 2_048;

/// A new token, for a customer who claims this identifier.
pub(super) fn issue(
    open: &InboxWithSecrets,
    identifier: Option<&ExternalId>,
    rng: &dyn Rng,
) -> ChannelToken {
    let mut nonce = [0; NONCE_BYTES];
    rng.fill(&mut nonce);
    let mut bytes = nonce.to_vec();
    bytes.extend_from_slice(identifier.map_or("", ExternalId::as_str).as_bytes());
    let tag = mac(open, &bytes).map(|mac| mac.finalize().into_bytes()).unwrap_or_default();
    bytes.extend(tag.iter().take(TAG_BYTES));
    ChannelToken::from_text(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// The content of a valid token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TokenClaim {
    /// The claimed identifier.
    pub identifier: Option<ExternalId>,
}

/// The content of a token; `None` if it was not issued for this inbox.
pub(super) fn verify(open: &InboxWithSecrets, token: &str) -> Option<TokenClaim> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
    let (payload, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG_BYTES)?)?;
    let (_, identifier) = payload.split_at_checked(NONCE_BYTES)?;
    mac(open, payload)?.verify_truncated_left(tag).ok()?;
    let identifier =
        std::str::from_utf8(identifier).ok().filter(|identifier| !identifier.is_empty());
    Some(TokenClaim {
        identifier: identifier.and_then(|identifier| ExternalId::parse(identifier).ok()),
    })
}

fn mac(open: &InboxWithSecrets, payload: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(open.secrets.hmac_token.reveal().as_bytes()).ok()?;
    // Domain separation: sites sign identifiers with the same secret, and none starts with these
    // bytes.
    mac.update(b"\0customer\0");
    mac.update(open.inbox.uuid.as_bytes());
    mac.update(payload);
    Some(mac)
}

/// The `source_id` of the session for this token: deterministic, and as unguessable as the token.
pub(super) fn source_id(token: &ChannelToken) -> SourceId {
    let bytes = Digest::of(&format!("session {}", token.reveal())).0;
    SourceId::from_stored(
        uuid::Builder::from_random_bytes(bytes.first_chunk().copied().unwrap_or_default())
            .into_uuid()
            .to_string(),
    )
}

/// A public id for a customer who claims none. The token cannot be derived from it.
pub(super) fn public_id(token: &ChannelToken) -> String {
    let digest = Digest::of(&format!("user {}", token.reveal())).hex();
    format!("{USER_PREFIX}{}", digest.get(..32).unwrap_or_default())
}

/// The id given by a client, unless it is a generated one.
pub(super) fn identifier(user_id: &str) -> Option<&str> {
    let user_id = user_id.trim();
    (!user_id.is_empty() && !user_id.starts_with(USER_PREFIX)).then_some(user_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::{
        SigningSecret, SiteId, SystemRng, Timestamp,
        channel::{
            ChannelInbox, InboxId, InboxIdentifier, InboxSecrets, InboxSettings, InboxUuid,
            SiteNumber,
        },
    };

    fn open() -> InboxWithSecrets {
        let at = Timestamp::from_millis(0);
        let secrets = InboxSecrets {
            hmac_token: ChannelToken::generate(&SystemRng),
            callback_secret: SigningSecret::generate(&SystemRng),
        };
        let inbox = ChannelInbox {
            id: InboxId(1),
            uuid: InboxUuid::generate(&SystemRng),
            site: SiteId::from_bytes([1; 16]),
            account: SiteNumber(1),
            identifier: InboxIdentifier::generate(&SystemRng),
            settings: InboxSettings::default(),
            created_at: at,
            updated_at: at,
        };
        InboxWithSecrets { inbox, secrets }
    }

    #[test]
    fn token_contains_the_claimed_identifier() {
        let open = open();
        for identifier in ["42", "my-application/ü", &"😀".repeat(255)] {
            let identifier = ExternalId::parse(identifier).unwrap();
            let token = issue(&open, Some(&identifier), &SystemRng);
            assert!(token.reveal().len() <= MAX_TOKEN_CHARS);
            assert_eq!(
                verify(&open, token.reveal()),
                Some(TokenClaim { identifier: Some(identifier) })
            );
        }
        assert_eq!(
            verify(&open, issue(&open, None, &SystemRng).reveal()),
            Some(TokenClaim { identifier: None })
        );
        assert_ne!(
            issue(&open, None, &SystemRng).reveal(),
            issue(&open, None, &SystemRng).reveal()
        );
    }

    #[test]
    fn token_of_another_inbox_is_rejected() {
        let (here, there) = (open(), open());
        let token = issue(&here, ExternalId::parse("42").ok().as_ref(), &SystemRng);
        assert_eq!(verify(&there, token.reveal()), None);
        // Another inbox with the same secret is still another inbox.
        assert_eq!(
            verify(&InboxWithSecrets { secrets: here.secrets.clone(), ..there }, token.reveal()),
            None
        );
        let mut bytes = URL_SAFE_NO_PAD.decode(&token.reveal()[PREFIX.len()..]).unwrap();
        for place in 0..bytes.len() {
            bytes[place] ^= 1;
            assert_eq!(
                verify(&here, &format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&bytes))),
                None,
                "{place}"
            );
            bytes[place] ^= 1;
        }
        for odd in
            ["", "bfc_", "bfc_AAAA", "42", &token.reveal()[4..], &format!("bfc_{}", "A".repeat(43))]
        {
            assert_eq!(verify(&here, odd), None, "{odd}");
        }
    }

    #[test]
    fn public_id_does_not_reveal_the_token() {
        let token = issue(&open(), None, &SystemRng);
        let id = public_id(&token);
        assert_eq!(
            (identifier(&id), identifier(" 42 "), identifier("  ")),
            (None, Some("42"), None)
        );
        assert_ne!(id[4..], source_id(&token).as_str().replace('-', ""));
        assert_eq!(
            (public_id(&token), source_id(&token)),
            (id, source_id(&token)),
            "they are deterministic"
        );
    }
}
