//! JWTs of agents, signed with HS256 by a site's backend.
//!
//! What is parsed before the signature is checked is bounded, and only selects the keys to check it
//! with.

mod claims;
mod hs256;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use belfry_domain::{
    Timestamp,
    sdk::{SdkAgentDraft, SdkAuthError, SdkKeyId, SdkRole, SigningKey, SigningKeyOwner},
};
use claims::{Claims, Members};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::IgnoredAny;
use serde_json::Value;

/// Size of a JWT.
pub const MAX_JWT_BYTES: usize = 16 * 1_024;
/// Verified against when there is no key, so that it takes as long.
const DUMMY_KEY: &str = "0000000000000000000000000000000000000000000";

/// A parsed JWT whose signature has not been verified.
#[derive(Debug)]
pub(super) struct UnverifiedJwt<'t> {
    text: &'t str,
    kid: Option<String>,
    claims: Claims,
}

impl<'t> UnverifiedJwt<'t> {
    /// Parses the parts of a JWT. Algorithms other than HS256 and duplicate members are invalid.
    pub fn parse(text: &'t str) -> Result<Self, SdkAuthError> {
        if text.len() > MAX_JWT_BYTES {
            return Err(SdkAuthError::InvalidToken);
        }
        let mut parts = text.split('.');
        let (Some(header), Some(claims), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(SdkAuthError::InvalidToken);
        };
        let header = members(header)?;
        if header.get("alg").and_then(Value::as_str) != Some("HS256") {
            return Err(SdkAuthError::InvalidToken);
        }
        let kid = header.get("kid").and_then(Value::as_str).map(str::to_owned);
        Ok(Self { text, kid, claims: Claims::new(members(claims)?) })
    }

    /// Whose keys to load; `None` when the claim names nothing that could have any.
    pub fn owner(&self) -> Result<Option<SigningKeyOwner>, SdkAuthError> {
        self.claims.owner()
    }

    /// The key that signed it.
    pub fn signing_key(&self, keys: &[(SdkKeyId, SigningKey)]) -> Option<SdkKeyId> {
        if keys.is_empty() {
            let _ = self.is_signed_with(DUMMY_KEY);
            return None;
        }
        let hinted = |(id, _): &&(SdkKeyId, SigningKey)| {
            self.kid.as_deref() == Some(id.to_string().as_str())
        };
        let (first, others): (Vec<_>, Vec<_>) = keys.iter().partition(hinted);
        first
            .into_iter()
            .chain(others)
            .find(|(_, key)| self.is_signed_with(key.reveal()))
            .map(|(id, _)| *id)
    }

    /// The agent described by the claims, if the JWT is valid at `now`. Call it after the signature
    /// is verified.
    pub fn agent(&self, now: Timestamp) -> Result<(SdkAgentDraft, Vec<SdkRole>), SdkAuthError> {
        self.claims.check_times(now)?;
        self.claims.agent()
    }

    fn is_signed_with(&self, key: &str) -> bool {
        hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        // Times are checked against the application's clock; the audience is not restricted.
        (validation.validate_exp, validation.validate_aud) = (false, false);
        validation.required_spec_claims.clear();
        DecodingKey::from_secret(key.as_bytes()).is_ok_and(|key| {
            jsonwebtoken::decode::<IgnoredAny>(self.text, &key, &validation).is_ok()
        })
    }
}

/// The members of a JWT part.
fn members(part: &str) -> Result<Members, SdkAuthError> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| SdkAuthError::InvalidToken)?;
    serde_json::from_slice(&json).map_err(|_| SdkAuthError::InvalidToken)
}

/// A JWT with these claims, signed as by a site's backend. `None` when the claims are not a JSON
/// object.
pub fn sign_jwt(claims: &Value, key: &SigningKey) -> Option<String> {
    hs256::install();
    let key = EncodingKey::from_secret(key.reveal().as_bytes()).ok()?;
    claims
        .is_object()
        .then(|| jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).ok())?
}

#[cfg(test)]
mod tests;
