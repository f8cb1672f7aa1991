//! The one shape in which this door says no: `{"status":400,"message":"…","field":"content.en.title"}`.
//!
//! Clients of the existing products look for `message` or for `status`; both are always there. What happened inside is
//! for the log and never part of an answer.

use crate::{domain::Invalid, inbox::InboxError, store::StoreError};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::borrow::Cow;

/// An answer that says no.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    message: Cow<'static, str>,
    field: String,
    advice: Advice,
}

/// The header that tells the caller what to do about it.
#[derive(Debug, Clone, Copy)]
enum Advice {
    None,
    Authenticate,
    RetryAfter(u64),
}

#[derive(Serialize)]
struct Shape<'a> {
    status: u16,
    message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    field: &'a str,
}

impl ApiError {
    fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, message: message.into(), field: String::new(), advice: Advice::None }
    }

    fn with(self, advice: Advice) -> Self {
        Self { advice, ..self }
    }

    /// 401: the same words whether a key is missing, wrong or revoked.
    pub(super) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "a valid API key is needed: as the password of HTTP Basic, or as `Authorization: Bearer KEY`")
            .with(Advice::Authenticate)
    }

    /// 404: the same words for what does not exist, what is another site's, and what can't be a name at all.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing here")
    }

    /// 405; the router adds `Allow`.
    pub(super) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not answer this method; see the Allow header")
    }

    /// 413.
    pub(super) fn too_large(limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body must have at most {limit} bytes"))
    }

    /// 415.
    pub(super) fn unsupported(message: &'static str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
    }

    /// 429, with the whole seconds after which it is worth trying again.
    pub(super) fn too_many(seconds: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too many requests; try again after the time in Retry-After")
            .with(Advice::RetryAfter(seconds.max(1)))
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self { field: invalid.field.clone(), ..Self::new(StatusCode::BAD_REQUEST, invalid.to_string()) }
    }
}

impl From<InboxError> for ApiError {
    fn from(error: InboxError) -> Self {
        match error {
            InboxError::Invalid(invalid) => invalid.into(),
            InboxError::NotFound => Self::not_found(),
            InboxError::Unauthenticated => Self::unauthenticated(),
            InboxError::KeyReused => Self {
                field: "Idempotency-Key".to_owned(),
                ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "this Idempotency-Key was used before with a different request")
            },
            InboxError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(_) => {
                tracing::debug!(%error, "refused by the store");
                Self::new(StatusCode::CONFLICT, "one of these identifiers belongs to another contact")
            }
            StoreError::Unavailable(_) => {
                tracing::warn!(%error, "the store is not available");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "the database is busy; try again shortly").with(Advice::RetryAfter(2))
            }
            StoreError::NotWritable(_) => {
                tracing::error!(%error, "the store can't be written");
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "nothing can be stored at the moment; what is stored can still be read")
            }
            StoreError::Newer { .. } | StoreError::Inconsistent(_) => {
                tracing::error!(%error, "the store failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong on our side; the log of the server has the details")
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let shape = Shape { status: self.status.as_u16(), message: &self.message, field: &self.field };
        let mut response = (self.status, Json(shape)).into_response();
        let headers = response.headers_mut();
        match self.advice {
            Advice::None => None,
            Advice::Authenticate => headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Belfry\"")),
            Advice::RetryAfter(seconds) => headers.insert(header::RETRY_AFTER, seconds.into()),
        };
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(error: StoreError) -> u16 {
        ApiError::from(InboxError::Store(error)).status.as_u16()
    }

    #[test]
    fn failures_of_the_store_have_their_own_statuses_and_keep_their_details_to_themselves() {
        let secret = || "table messages, /var/lib/belfry.db".to_owned();
        assert_eq!(status(StoreError::Conflict(secret())), 409);
        assert_eq!(status(StoreError::Unavailable(secret())), 503);
        assert_eq!(status(StoreError::NotWritable(secret())), 507);
        assert_eq!(status(StoreError::Inconsistent(secret())), 500);
        assert_eq!(status(StoreError::Newer { found: 9, known: 1 }), 500);
        for error in
            [StoreError::Conflict(secret()), StoreError::Unavailable(secret()), StoreError::NotWritable(secret()), StoreError::Inconsistent(secret())]
        {
            let answer = ApiError::from(error);
            assert!(!answer.message.contains("belfry.db") && !answer.message.contains("table"), "{answer:?}");
        }
        let busy = ApiError::from(StoreError::Unavailable(secret())).into_response();
        assert_eq!(busy.headers()[header::RETRY_AFTER], "2");
    }
}
