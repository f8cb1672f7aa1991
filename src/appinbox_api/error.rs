//! Error responses of this API: `{"status":400,"message":"…","field":"pageSize"}`. Internal details
//! go to the log and never into a response.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use belfry_app::AppError;
use belfry_domain::{ErrorKind, ValidationError};
use belfry_web::error_status;
use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;

/// An error response.
#[derive(Debug)]
pub(super) struct AppInboxError {
    status: StatusCode,
    retry_after: Option<u64>,
    message: Cow<'static, str>,
    field: String,
}

/// An error response.
#[derive(Serialize, ToSchema)]
pub(super) struct Refusal<'a> {
    /// The HTTP status.
    status: u16,
    /// The reason, in one sentence.
    message: &'a str,
    /// Path of the field or name of the parameter; absent if there is no single one.
    #[serde(skip_serializing_if = "str::is_empty")]
    field: &'a str,
}

impl AppInboxError {
    fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, retry_after: None, message: message.into(), field: String::new() }
    }

    /// 401, with the same message for missing, wrong, expired and revoked credentials.
    pub(super) fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "missing, invalid or expired credentials; get new ones from the site",
        )
    }

    /// 405; the router adds `Allow`.
    pub(super) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method not allowed; see the Allow header")
    }

    /// 413.
    pub(super) fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body must have at most {limit} bytes"),
        )
    }

    /// 415.
    pub(super) fn unsupported() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body must be JSON: send it uncompressed, with Content-Type: application/json",
        )
    }

    /// 429; `seconds` is the time until a retry can succeed.
    pub(super) fn too_many(seconds: u64) -> Self {
        let retry_after = Some(seconds.max(1));
        Self {
            retry_after,
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too many requests; try again after the time in Retry-After",
            )
        }
    }

    pub(super) fn is_unauthenticated(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }
}

impl From<ValidationError> for AppInboxError {
    fn from(invalid: ValidationError) -> Self {
        Self {
            field: invalid.field.clone(),
            ..Self::new(error_status::status(ErrorKind::Invalid), invalid.to_string())
        }
    }
}

impl From<AppError> for AppInboxError {
    fn from(error: AppError) -> Self {
        let kind = match error {
            AppError::ValidationError(invalid) => return invalid.into(),
            // Readers name nothing that could be missing.
            AppError::NotFound => ErrorKind::Internal,
            _ => error.kind().of_reader(),
        };
        error_status::log(kind, &error);
        let message = match kind {
            ErrorKind::Unauthenticated => return Self::unauthenticated(),
            ErrorKind::Unavailable => "the database is busy; try again shortly",
            ErrorKind::NotWritable => "the database can't be written at the moment",
            _ => "internal server error; see the server log for details",
        };
        Self { retry_after: kind.retry_after(), ..Self::new(error_status::status(kind), message) }
    }
}

impl IntoResponse for AppInboxError {
    fn into_response(self) -> Response {
        let rejection =
            Refusal { status: self.status.as_u16(), message: &self.message, field: &self.field };
        let mut response = (self.status, Json(rejection)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_store::{Conflict, StoreError};

    #[test]
    fn store_errors_map_to_statuses_without_details() {
        let secret = || "table reader_chain, /var/lib/belfry.db".to_owned();
        for (error, status) in [
            (StoreError::Unavailable(secret()), 503),
            (StoreError::NotWritable(secret()), 507),
            (StoreError::Inconsistent(secret()), 500),
            (Conflict::Constraint(secret()).into(), 500),
        ] {
            let refused = AppInboxError::from(AppError::Store(error));
            assert_eq!(refused.status.as_u16(), status);
            assert!(!refused.message.contains("belfry.db"), "{refused:?}");
            assert_eq!(
                refused.into_response().headers().contains_key(header::RETRY_AFTER),
                status == 503
            );
        }
    }
}
