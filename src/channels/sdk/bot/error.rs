//! Error responses of this surface: `{"status":404,"reason":"not_found","message":"…"}`, with
//! `field` if a member of the request is invalid. The reasons are those of the socket. Internal
//! causes are logged and never sent.

use crate::{limits::RetryAfter, params::ParamsError, sdk::uploads::UploadError};
use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use belfry_app::channel::{ChannelError, SessionError};
use belfry_domain::{ErrorKind, ValidationError, channel::Rejection};
use belfry_store::StoreError;
use belfry_web::error_status;
use serde_json::json;
use std::fmt::Display;

/// An error response.
#[derive(Debug)]
pub(super) struct BotError {
    status: StatusCode,
    reason: &'static str,
    message: String,
    field: Option<String>,
    retry_after: Option<u64>,
}

impl BotError {
    pub(super) fn new(
        status: StatusCode,
        reason: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { status, reason, message: message.into(), field: None, retry_after: None }
    }

    /// An error with the reason and message of its status.
    pub(super) fn status(status: StatusCode) -> Self {
        let (reason, message) = match status {
            StatusCode::BAD_REQUEST => ("bad_request", "the request can't be read"),
            StatusCode::UNAUTHORIZED => {
                ("unauthorized", "the inbox takes customers who have proven who they are")
            }
            StatusCode::NOT_FOUND => ("not_found", "there is nothing here"),
            StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "method not allowed"),
            StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "the body is too large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("bad_request", "the body must not be compressed")
            }
            StatusCode::TOO_MANY_REQUESTS => ("rate_limited", "too many requests; try again later"),
            StatusCode::SERVICE_UNAVAILABLE => ("unavailable", "try again shortly"),
            _ => ("failed", "something went wrong on our side"),
        };
        Self::new(status, reason, message)
    }

    /// A member of the request is missing or invalid.
    pub(super) fn field(field: &str, message: impl Into<String>) -> Self {
        let field = (!field.is_empty()).then(|| field.to_owned());
        Self { field, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_request", message) }
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

impl From<RetryAfter> for BotError {
    fn from(RetryAfter(seconds): RetryAfter) -> Self {
        Self::of_kind(ErrorKind::TooMany { retry_after: seconds.max(1) })
    }
}

impl From<ValidationError> for BotError {
    fn from(invalid: ValidationError) -> Self {
        Self::field(&invalid.field, invalid.reason.to_string())
    }
}

impl From<ParamsError> for BotError {
    fn from(error: ParamsError) -> Self {
        match error {
            ParamsError::Malformed => Self::status(StatusCode::BAD_REQUEST),
            ParamsError::Compressed => Self::status(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ParamsError::TooLarge
            | ParamsError::TooManyFiles(_)
            | ParamsError::FilesTooLarge(_) => Self::status(StatusCode::PAYLOAD_TOO_LARGE),
            ParamsError::Busy => Self::of_kind(ErrorKind::Unavailable),
        }
    }
}

impl From<UploadError> for BotError {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Unknown => Self::status(StatusCode::NOT_FOUND),
            UploadError::TooLarge => Self::status(StatusCode::PAYLOAD_TOO_LARGE),
            UploadError::Busy | UploadError::Failed => Self::of_kind(ErrorKind::Unavailable),
            UploadError::Malformed => Self::status(StatusCode::BAD_REQUEST),
        }
    }
}

impl From<SessionError> for BotError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::InvalidHash => Self::status(StatusCode::UNAUTHORIZED),
            SessionError::Channel(ChannelError::Rejected(rejection)) => rejection.into(),
            SessionError::Channel(ChannelError::Store(error)) => error.into(),
            other => Self::failed(ErrorKind::Internal, &other),
        }
    }
}

impl From<Rejection> for BotError {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            // An object that the customer may not see is answered with 404.
            Rejection::NotFound(_) | Rejection::Forbidden => Self::of_kind(ErrorKind::NotFound),
            Rejection::Taken(field) => Self::field(field, rejection.to_string()),
            Rejection::TooManyMessages => {
                Self { reason: "too_many_messages", ..Self::of_kind(rejection.kind()) }
            }
            Rejection::SourceIdTaken => Self::of_kind(ErrorKind::Unauthenticated),
            Rejection::Invalid(invalid) => invalid.into(),
        }
    }
}

impl From<StoreError> for BotError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Limit(invalid) => invalid.into(),
            // Customers' requests are all small, so a retry can succeed soon.
            StoreError::TooLong(_) => Self::failed(ErrorKind::Unavailable, &error),
            _ => Self::failed(error.kind().without_conflicts(), &error),
        }
    }
}

impl IntoResponse for BotError {
    fn into_response(self) -> Response {
        let mut body = json!({ "status": self.status.as_u16(), "reason": self.reason, "message": self.message });
        if let (Some(field), Some(body)) = (self.field, body.as_object_mut()) {
            body.insert("field".to_owned(), field.into());
        }
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            let refused = BotError::from(error);
            assert_eq!(refused.status.as_u16(), status);
            assert!(!format!("{refused:?}").contains("belfry.db"));
            assert_eq!(
                refused.into_response().headers().contains_key(header::RETRY_AFTER),
                status == 503
            );
        }
    }
}
