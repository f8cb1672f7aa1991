//! Reads a request body: JSON content type, uncompressed, bounded.

use super::AppInboxError;
use axum::{
    extract::{FromRequest, Request},
    http::header,
};
use belfry_domain::ValidationError;
use belfry_locales::phrases::errors;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// Maximum body size.
const MAX_BODY_BYTES: usize = 64 * 1_024;

/// The bytes of a body that is declared as JSON.
pub(super) struct JsonBody(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = AppInboxError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, AppInboxError> {
        let headers = request.headers();
        let json = headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value.to_str().is_ok_and(is_json_type));
        if !json || headers.contains_key(header::CONTENT_ENCODING) {
            return Err(AppInboxError::unsupported());
        }
        match Limited::new(request.into_body(), MAX_BODY_BYTES).collect().await {
            Ok(collected) => Ok(Self(collected.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => {
                Err(AppInboxError::too_large(MAX_BODY_BYTES))
            }
            Err(_) => Err(ValidationError::new("", errors::BODY_ENDED).into()),
        }
    }
}

fn is_json_type(value: &str) -> bool {
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
