//! Authentication: an API key as HTTP Basic (used by the official plugins) or as a bearer token.
//! Called by [`super::middleware`].
//!
//! `TypedHeader<Authorization<Basic>>` is not used: it rejects Base64 without padding, which clients
//! in use send, and takes the first of several headers where an ambiguous request must be rejected.

use super::{ApiError, ApiState};
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use belfry_app::{
    AppError, AuthenticatedKey,
    rate_limit::{ClientPrefix, RateLimitStatus},
};
use belfry_runtime::fair_scheduler;
use std::net::SocketAddr;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The holder that [`super::middleware`] authenticated.
impl FromRequestParts<ApiState> for AuthenticatedKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _api: &ApiState) -> Result<Self, ApiError> {
        parts.extensions.get().cloned().ok_or_else(ApiError::unauthenticated)
    }
}

/// Authenticates a request and applies the rate limit of its key.
pub(super) async fn authenticate(
    parts: &Parts,
    api: &ApiState,
) -> Result<(AuthenticatedKey, RateLimitStatus), ApiError> {
    let holder = match extract_key(&parts.headers) {
        Some(key) => api.keys.authenticate(&api.app, &key).await,
        None => Err(AppError::Unauthenticated),
    };
    match holder {
        Ok(holder) => {
            fair_scheduler::set_current_site(holder.site);
            let rate_limit = api.limiter.request(&holder.key)?;
            Ok((holder, rate_limit))
        }
        // Counted after the lookup: a backend with a valid key is served regardless of failures of
        // others behind the same address.
        Err(AppError::Unauthenticated) => {
            let address = parts
                .extensions
                .get::<ConnectInfo<SocketAddr>>()
                .map(|ConnectInfo(peer)| peer.ip());
            let rate_limit = api.limiter.failure(ClientPrefix::of(address))?;
            Err(ApiError::unauthenticated().with_rate_limit(rate_limit))
        }
        Err(other) => Err(other.into()),
    }
}

/// The key in the `Authorization` header, if there is exactly one header with a known scheme.
fn extract_key(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, credentials) = value.to_str().ok()?.trim().split_once(' ')?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        Some(credentials.to_owned())
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(BASE64.decode(credentials).ok()?).ok()?;
        pair.split_once(':').map(|(_any_user, key)| key.to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn key(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        extract_key(&headers)
    }

    #[test]
    fn password_follows_the_first_colon() {
        assert_eq!(key(&[&format!("Basic {}", BASE64.encode("user:KEY"))]).as_deref(), Some("KEY"));
        assert_eq!(key(&[&format!("basic  {}", BASE64.encode(":KEY"))]).as_deref(), Some("KEY"));
        assert_eq!(
            key(&[&format!("Basic {}", BASE64.encode("a@b.example:K:E:Y"))]).as_deref(),
            Some("K:E:Y")
        );
        assert_eq!(
            key(&[&format!("Basic {}", BASE64.encode("user:KEYS").trim_end_matches('='))])
                .as_deref(),
            Some("KEYS")
        );
        assert_eq!(key(&["bearer K:E:Y"]).as_deref(), Some("K:E:Y"));
    }

    #[test]
    fn other_authorization_headers_are_rejected() {
        let basic = format!("Basic {}", BASE64.encode("user:KEY"));
        for odd in [
            "",
            "Basic",
            "Basic !!!",
            "Digest x",
            "KEY",
            "Bearer",
            &format!("Basic {}", BASE64.encode("no colon")),
        ] {
            assert_eq!(key(&[odd]), None, "{odd}");
        }
        assert_eq!(key(&[&format!("Basic {}", BASE64.encode(b"user:\xff\xfe"))]), None);
        assert_eq!(key(&[&basic, &basic]), None);
        assert_eq!(key(&[]), None);
    }
}
