//! Reads a request body: JSON content type, uncompressed, bounded.

use super::ReaderError;
use crate::domain::Invalid;
use axum::{
    extract::{FromRequest, Request},
    http::header,
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// Maximum body size.
const LIMIT: usize = 64 * 1_024;

/// The bytes of a body that is declared as JSON.
pub(super) struct JsonBody(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = ReaderError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ReaderError> {
        let headers = request.headers();
        let json = headers.get(header::CONTENT_TYPE).is_some_and(|value| value.to_str().is_ok_and(names_json));
        if !json || headers.contains_key(header::CONTENT_ENCODING) {
            return Err(ReaderError::unsupported());
        }
        match Limited::new(request.into_body(), LIMIT).collect().await {
            Ok(collected) => Ok(Self(collected.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(ReaderError::too_large(LIMIT)),
            Err(_) => Err(Invalid::new("", "the body ended prematurely").into()),
        }
    }
}

fn names_json(value: &str) -> bool {
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
