//! Error responses in the shapes that clients of this API expect. Internal causes are logged and
//! never sent.

use crate::{limits::RetryAfter, params::ParamsError};
use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use belfry_app::channel::{ChannelError, SessionError};
use belfry_domain::{ErrorKind, ValidationError, channel::Rejection};
use belfry_store::StoreError;
use belfry_web::error_status;
use serde_json::{Value, json};
use std::fmt::Display;

/// An error response.
#[derive(Debug)]
pub(super) struct PublicError {
    status: StatusCode,
    body: Value,
    retry_after: Option<u64>,
}

impl PublicError {
    /// `{"status":404,"error":"Not Found"}`
    pub(super) fn status(status: StatusCode) -> Self {
        let body = json!({ "status": status.as_u16(), "error": status.canonical_reason().unwrap_or_default() });
        Self { status, body, retry_after: None }
    }

    fn error(status: StatusCode, error: impl Display) -> Self {
        Self { status, body: json!({ "error": error.to_string() }), retry_after: None }
    }

    /// `{"message":"Email has already been taken","attributes":["email"]}`
    fn unprocessable(message: &str, attributes: &[&str]) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            body: json!({ "message": message, "attributes": attributes }),
            retry_after: None,
        }
    }

    pub(super) fn not_found() -> Self {
        Self::status(StatusCode::NOT_FOUND)
    }

    /// An error with the status of its class; its details are logged.
    fn failed(kind: ErrorKind, error: &impl Display) -> Self {
        error_status::log(kind, error);
        Self::of_kind(kind)
    }

    fn of_kind(kind: ErrorKind) -> Self {
        Self { retry_after: kind.retry_after(), ..Self::status(error_status::status(kind)) }
    }
}

impl From<RetryAfter> for PublicError {
    fn from(RetryAfter(seconds): RetryAfter) -> Self {
        Self { retry_after: Some(seconds.max(1)), ..Self::status(StatusCode::TOO_MANY_REQUESTS) }
    }
}

impl From<ValidationError> for PublicError {
    fn from(invalid: ValidationError) -> Self {
        let title = invalid.field.replace('_', " ");
        let mut characters = title.chars();
        let title: String = characters
            .next()
            .map(|first| first.to_uppercase().chain(characters).collect())
            .unwrap_or_default();
        let message = if title.is_empty() {
            invalid.reason.to_string()
        } else {
            format!("{title} {}", invalid.reason)
        };
        let attributes: &[&str] = if invalid.field.is_empty() { &[] } else { &[&invalid.field] };
        Self::unprocessable(&message, attributes)
    }
}

impl From<ParamsError> for PublicError {
    fn from(error: ParamsError) -> Self {
        match error {
            ParamsError::Malformed => Self::status(StatusCode::BAD_REQUEST),
            ParamsError::Compressed => Self::status(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ParamsError::TooLarge => Self::status(StatusCode::PAYLOAD_TOO_LARGE),
            ParamsError::Busy => Self::of_kind(ErrorKind::Unavailable),
            ParamsError::TooManyFiles(_) | ParamsError::FilesTooLarge(_) => {
                Self::unprocessable(&error.to_string(), &["attachments"])
            }
        }
    }
}

impl From<SessionError> for PublicError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::InvalidHash => Self::error(StatusCode::UNAUTHORIZED, error),
            SessionError::SurveyClosed => Self::error(StatusCode::UNPROCESSABLE_ENTITY, error),
            SessionError::Channel(ChannelError::Rejected(rejection)) => rejection.into(),
            SessionError::Channel(ChannelError::Store(error)) => error.into(),
            // Contacts have no credential that could be rejected.
            SessionError::Channel(ChannelError::Unauthenticated) => {
                Self::failed(ErrorKind::Internal, &error)
            }
        }
    }
}

impl From<Rejection> for PublicError {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            // An object that the contact may not see is answered with 404.
            Rejection::NotFound(_) | Rejection::Forbidden => Self::not_found(),
            Rejection::Taken(attribute) => {
                Self::unprocessable(&rejection.to_string(), &[attribute])
            }
            Rejection::SourceIdTaken => Self::unprocessable(&rejection.to_string(), &["source_id"]),
            // Clients of this API know no 429.
            Rejection::TooManyMessages => Self {
                retry_after: rejection.kind().retry_after(),
                ..Self::unprocessable(&rejection.to_string(), &[])
            },
            Rejection::Invalid(invalid) => invalid.into(),
        }
    }
}

impl From<StoreError> for PublicError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Limit(invalid) => invalid.into(),
            _ => Self::failed(error.kind().without_conflicts(), &error),
        }
    }
}

impl IntoResponse for PublicError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_locales::phrases::errors;
    use belfry_store::Conflict;

    #[test]
    fn errors_do_not_disclose_details() {
        let secret = || "table contact_inbox, /var/lib/belfry.db".to_owned();
        for (error, status) in [
            (StoreError::Unavailable(secret()), 503),
            (StoreError::NotWritable(secret()), 507),
            (StoreError::Inconsistent(secret()), 500),
            (Conflict::Constraint(secret()).into(), 500),
        ] {
            let refused = PublicError::from(error);
            assert_eq!(
                (refused.status.as_u16(), &refused.body["status"]),
                (status, &json!(status))
            );
            assert!(!refused.body.to_string().contains("belfry.db"));
            assert_eq!(
                refused.into_response().headers().contains_key(header::RETRY_AFTER),
                status == 503
            );
        }
    }

    #[test]
    fn full_upload_memory_is_503_with_retry_after() {
        let refused = PublicError::from(ParamsError::Busy);
        assert_eq!(refused.body, json!({ "status": 503, "error": "Service Unavailable" }));
        let response = refused.into_response();
        assert_eq!(
            (response.status().as_u16(), &response.headers()[header::RETRY_AFTER]),
            (503, &axum::http::HeaderValue::from_static("2"))
        );
    }

    #[test]
    fn errors_have_the_shapes_that_clients_expect() {
        let taken = PublicError::from(Rejection::Taken("phone_number"));
        assert_eq!(
            taken.body,
            json!({ "message": "Phone number has already been taken", "attributes": ["phone_number"] })
        );
        assert_eq!(PublicError::not_found().body, json!({ "status": 404, "error": "Not Found" }));
        let invalid = PublicError::from(ValidationError::new("content", errors::too_long(150_000)));
        assert_eq!(
            invalid.body,
            json!({ "message": "Content is too long (maximum is 150000 characters)", "attributes": ["content"] })
        );
        assert_eq!(
            PublicError::from(SessionError::InvalidHash).body,
            json!({ "error": "HMAC failed: Invalid Identifier Hash Provided" })
        );
    }
}
