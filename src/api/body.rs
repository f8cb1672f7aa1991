//! Reads a request body: JSON content type, uncompressed, bounded. Parsing happens in
//! the use cases.

use super::ApiError;
use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use belfry_locales::phrases::errors;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// Maximum body size.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1_024;

/// Maximum body size of an import.
pub(super) const MAX_BULK_BYTES: usize = 8 * 1_024 * 1_024;

/// The bytes of a body that is declared as JSON; at most `MAX_PAGE_SIZE` bytes.
pub(super) struct JsonBody<const MOST: usize = MAX_BODY_BYTES>(pub(super) Bytes);

impl<S: Send + Sync, const MOST: usize> FromRequest<S> for JsonBody<MOST> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let headers = request.headers();
        if headers.contains_key(header::CONTENT_ENCODING) {
            return Err(ApiError::unsupported(
                "the body must not be compressed: send it without Content-Encoding",
            ));
        }
        let json =
            headers.get(header::CONTENT_TYPE).map(|value| value.to_str().is_ok_and(is_json_type));
        if json == Some(false) {
            return Err(not_json());
        }
        if content_length(headers).is_some_and(|length| length > MOST) {
            return Err(ApiError::too_large(MOST));
        }
        let bytes = read(request.into_body(), MOST).await?;
        // An empty body may come without a content type; its parser reports what is missing.
        if json.is_none() && !bytes.is_empty() { Err(not_json()) } else { Ok(Self(bytes)) }
    }
}

fn not_json() -> ApiError {
    ApiError::unsupported("the body must be JSON: send it with Content-Type: application/json")
}

fn is_json_type(value: &str) -> bool {
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

pub(super) fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn read(body: Body, max: usize) -> Result<Bytes, ApiError> {
    match Limited::new(body, max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::too_large(max)),
        Err(_) => Err(belfry_domain::ValidationError::new("", errors::BODY_ENDED).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::is_json_type;

    #[test]
    fn json_content_types_are_recognized() {
        for name in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/merge-patch+json",
            " application/json ;x",
        ] {
            assert!(is_json_type(name), "{name}");
        }
        for other in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "text/json",
            "multipart/form-data",
            "json",
        ] {
            assert!(!is_json_type(other), "{other}");
        }
    }
}
