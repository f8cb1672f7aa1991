//! JWTs of agents, signed with HS256 by a site's backend.
//!
//! What is read before the signature is checked is bounded, and decides nothing but whose keys are looked at.

mod claims;
mod hs256;

use crate::domain::{
    Timestamp,
    sdk::{SdkAgentDraft, SdkKeyId, SdkOwner, SdkRefusal, SdkRole, SigningKey},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{Claims, Members};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::IgnoredAny;
use serde_json::Value;

/// Longest JWT that is looked at.
pub const MAX_JWT_BYTES: usize = 16 * 1_024;
/// What is compared with where there is no key, so that it takes as long.
const NO_KEY: &str = "0000000000000000000000000000000000000000000";

/// A JWT that says something, which nobody has vouched for yet.
#[derive(Debug)]
pub(super) struct UnverifiedJwt<'t> {
    text: &'t str,
    kid: Option<String>,
    claims: Claims,
}

impl<'t> UnverifiedJwt<'t> {
    /// Reads the parts of a JWT. One whose algorithm is another than HS256, or that says something twice, is invalid.
    pub fn read(text: &'t str) -> Result<Self, SdkRefusal> {
        if text.len() > MAX_JWT_BYTES {
            return Err(SdkRefusal::InvalidToken);
        }
        let mut parts = text.split('.');
        let (Some(header), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(SdkRefusal::InvalidToken);
        };
        let header = members(header)?;
        if header.get("alg").and_then(Value::as_str) != Some("HS256") {
            return Err(SdkRefusal::InvalidToken);
        }
        let kid = header.get("kid").and_then(Value::as_str).map(str::to_owned);
        Ok(Self { text, kid, claims: Claims::new(members(claims)?) })
    }

    /// Whose keys are to be looked at; none where the claim names nobody who could have any.
    pub fn owner(&self) -> Result<Option<SdkOwner>, SdkRefusal> {
        self.claims.owner()
    }

    /// Which of these keys signed it.
    pub fn signed_by(&self, keys: &[(SdkKeyId, SigningKey)]) -> Option<SdkKeyId> {
        if keys.is_empty() {
            let _ = self.is_signed_with(NO_KEY);
            return None;
        }
        let hinted = |(id, _): &&(SdkKeyId, SigningKey)| self.kid.as_deref() == Some(id.to_string().as_str());
        let (first, others): (Vec<_>, Vec<_>) = keys.iter().partition(hinted);
        first.into_iter().chain(others).find(|(_, key)| self.is_signed_with(key.reveal())).map(|(id, _)| *id)
    }

    /// The agent whom it describes, where it is valid at this moment. Asked of one that a key signed.
    pub fn agent(&self, now: Timestamp) -> Result<(SdkAgentDraft, Vec<SdkRole>), SdkRefusal> {
        self.claims.check_times(now)?;
        self.claims.agent()
    }

    fn is_signed_with(&self, key: &str) -> bool {
        hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        // The times are looked at by the clock that everything goes by; whom else a JWT is for is not our business.
        (validation.validate_exp, validation.validate_aud) = (false, false);
        validation.required_spec_claims.clear();
        DecodingKey::from_secret(key.as_bytes()).is_ok_and(|key| jsonwebtoken::decode::<IgnoredAny>(self.text, &key, &validation).is_ok())
    }
}

/// The members of a part.
fn members(part: &str) -> Result<Members, SdkRefusal> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| SdkRefusal::InvalidToken)?;
    serde_json::from_slice(&json).map_err(|_| SdkRefusal::InvalidToken)
}

/// A JWT with these claims, as a site's backend signs it. None where the claims are no JSON object.
pub fn sign_jwt(claims: &Value, key: &SigningKey) -> Option<String> {
    hs256::install();
    let key = EncodingKey::from_secret(key.reveal().as_bytes()).ok()?;
    claims.is_object().then(|| jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).ok())?
}

#[cfg(test)]
mod tests;
