//! Identity verification in the public client API: the site's backend signs its users' identifiers
//! with the inbox's HMAC token.

use super::SessionError;
use belfry_domain::{
    ExternalId,
    channel::{ChannelToken, InboxWithSecrets},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// A client's identifier and its proof.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdentityProof {
    /// The site's own id of a contact.
    pub identifier: Option<String>,
    /// HMAC-SHA256 of the identifier in lower-case hexadecimal digits.
    pub hash: Option<String>,
}

impl IdentityProof {
    /// The verified identifier. `None` when there is no proof and none is required.
    pub(super) fn check(
        &self,
        open: &InboxWithSecrets,
    ) -> Result<Option<ExternalId>, SessionError> {
        let hash = self.hash.as_deref().filter(|hash| !hash.trim().is_empty());
        let (identifier, hash) = match (self.identifier.as_deref(), hash) {
            (_, None) if !open.inbox.settings.hmac_mandatory => return Ok(None),
            (Some(identifier), Some(hash)) => (identifier, hash),
            _ => return Err(SessionError::InvalidHash),
        };
        if !is_hash_of(&open.secrets.hmac_token, identifier, hash) {
            return Err(SessionError::InvalidHash);
        }
        // An identifier whose normalised form differs from the signed one might be another
        // contact's.
        ExternalId::parse(identifier)
            .ok()
            .filter(|id| id.as_str() == identifier)
            .map(Some)
            .ok_or(SessionError::InvalidHash)
    }
}

/// Compares in constant time.
fn is_hash_of(token: &ChannelToken, identifier: &str, hash: &str) -> bool {
    let Some(claimed) = bytes_of(hash) else { return false };
    // HMAC accepts a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(token.reveal().as_bytes()) else {
        return false;
    };
    mac.update(identifier.as_bytes());
    mac.verify_slice(&claimed).is_ok()
}

/// Decodes 64 lower-case hexadecimal digits.
fn bytes_of(hash: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let is_lower_case = !hash.bytes().any(|byte| byte.is_ascii_uppercase());
    (is_lower_case && hex::decode_to_slice(hash, &mut bytes).is_ok()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test case 2 of RFC 4231.
    #[test]
    fn hash_is_hmac_sha_256_in_small_hexadecimal_digits() {
        let token = ChannelToken::from_text("Jefe".to_owned());
        let hash = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let identifier = "what do ya want for nothing?";
        assert!(is_hash_of(&token, identifier, hash));
        assert!(!is_hash_of(&ChannelToken::from_text("jefe".to_owned()), identifier, hash));
        assert!(!is_hash_of(&token, "what do ya want for nothing", hash));
        for odd in [
            &hash.to_uppercase(),
            &hash[..62],
            &format!("{hash}00"),
            "",
            "g",
            &"ü".repeat(32),
            &format!(" {hash}"),
        ] {
            assert!(!is_hash_of(&token, identifier, odd), "{odd}");
        }
    }
}
