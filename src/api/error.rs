//! Error responses of this API: `{"status":400,"message":"…","field":"content.en.title"}`.
//!
//! Clients of the existing products read `message` or `status`; both are always present. Internal
//! details go to the log and never into a response.

use super::rate_limits;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use belfry_app::{AppError, rate_limit::RateLimitStatus};
use belfry_domain::{ErrorKind, Scope, ValidationError};
use belfry_store::StoreError;
use belfry_theme::{Diagnostics, FileTooLarge, Problem};
use belfry_web::error_status;
use serde::Serialize;
use std::borrow::Cow;

/// An error response.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    message: Cow<'static, str>,
    field: String,
    diagnostics: Option<Box<Diagnostics>>,
    created_id: Option<Box<str>>,
    rate_limit: Option<Box<RateLimitStatus>>,
    recovery: RecoveryHeader,
}

/// The header that tells the caller how to recover.
#[derive(Debug, Clone, Copy)]
enum RecoveryHeader {
    None,
    Authenticate,
    RetryAfter(u64),
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    status: u16,
    message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    field: &'a str,
    /// Id of the object that the first request with this `Idempotency-Key` created.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    /// For a rejected theme: all errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    problems: Option<&'a [Problem]>,
    /// For a rejected theme: all warnings.
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<&'a [Problem]>,
}

impl ApiError {
    fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            message: message.into(),
            field: String::new(),
            diagnostics: None,
            created_id: None,
            rate_limit: None,
            recovery: RecoveryHeader::None,
        }
    }

    /// An error with the status and `Retry-After` of its class.
    fn of_kind(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        let recovery = kind.retry_after().map_or(RecoveryHeader::None, RecoveryHeader::RetryAfter);
        Self::new(error_status::status(kind), message).with_recovery(recovery)
    }

    /// Adds the rate-limit headers.
    pub(super) fn with_rate_limit(self, rate_limit: RateLimitStatus) -> Self {
        Self { rate_limit: Some(Box::new(rate_limit)), ..self }
    }

    fn with_recovery(self, recovery: RecoveryHeader) -> Self {
        Self { recovery, ..self }
    }

    fn body(&self) -> ErrorBody<'_> {
        let rejection = self.diagnostics.as_deref();
        ErrorBody {
            status: self.status.as_u16(),
            message: &self.message,
            field: &self.field,
            id: self.created_id.as_deref(),
            problems: rejection.map(|rejection| rejection.problems.as_slice()),
            warnings: rejection.map(|rejection| rejection.warnings.as_slice()),
        }
    }

    /// 401, with the same message for a missing, wrong and revoked key.
    pub(super) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "a valid API key is required: as the password of HTTP Basic, or as `Authorization: Bearer KEY`")
            .with_recovery(RecoveryHeader::Authenticate)
    }

    /// 403: the key lacks a scope.
    pub(super) fn out_of_scope(missing: Scope) -> Self {
        Self::new(StatusCode::FORBIDDEN, format!("the API key lacks the \"{missing}\" scope"))
    }

    /// 409 while an earlier request with this `Idempotency-Key` is in progress.
    pub(super) fn in_progress() -> Self {
        let error = Self::new(
            StatusCode::CONFLICT,
            "a request with this Idempotency-Key is in progress; retry after the time in Retry-After",
        );
        Self {
            field: "Idempotency-Key".to_owned(),
            ..error.with_recovery(RecoveryHeader::RetryAfter(1))
        }
    }

    /// 409 if the outcome of an earlier request is unknown.
    pub(super) fn interrupted() -> Self {
        let words = "a request with this Idempotency-Key was interrupted and may have taken effect; check, and if it did not, retry with a new key";
        Self { field: "Idempotency-Key".to_owned(), ..Self::new(StatusCode::CONFLICT, words) }
    }

    /// 409 for a response that can't be replayed; `made` is the id of the object created by the
    /// first request.
    pub(super) fn not_replayable(made: String) -> Self {
        let words = "this request was executed before, but its response was not stored, because it contains a secret or too many are stored; `id` is the created object";
        Self {
            field: "Idempotency-Key".to_owned(),
            created_id: Some(made.into()),
            ..Self::new(StatusCode::CONFLICT, words)
        }
    }

    /// 500.
    pub(super) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal server error; see the server log for details",
        )
    }

    /// 404, with the same message for what does not exist, what belongs to another site, and ids
    /// that can't be parsed.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not found")
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

    /// 413 for one part of a body.
    pub(super) fn part_too_large(
        part: &str,
        FileTooLarge { max_bytes, is_due_to_fonts }: FileTooLarge,
    ) -> Self {
        let reason = if is_due_to_fonts {
            ", and its embedded fonts are the reason: export it without fonts"
        } else {
            ""
        };
        Self {
            field: part.to_owned(),
            ..Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("{part} must have at most {max_bytes} bytes{reason}"),
            )
        }
    }

    /// 422 with the first error as the message, and all errors as a list.
    fn theme_rejected(diagnostics: Box<Diagnostics>) -> Self {
        let (message, field) = match diagnostics.problems.first() {
            Some(first) => (first.to_string(), first.file.name()),
            None => ("the theme was rejected".to_owned(), ""),
        };
        Self {
            field: field.to_owned(),
            diagnostics: Some(diagnostics),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
        }
    }

    /// 415.
    pub(super) fn unsupported(message: &'static str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
    }

    /// 429; `seconds` is the time until a retry can succeed.
    pub(super) fn too_many(seconds: u64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too many requests; try again after the time in Retry-After",
        )
        .with_recovery(RecoveryHeader::RetryAfter(seconds.max(1)))
    }
}

impl From<ValidationError> for ApiError {
    fn from(invalid: ValidationError) -> Self {
        Self {
            field: invalid.field.clone(),
            ..Self::of_kind(ErrorKind::Invalid, invalid.to_string())
        }
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::ValidationError(invalid) => invalid.into(),
            AppError::NotFound => Self::not_found(),
            AppError::Unauthenticated => Self::unauthenticated(),
            AppError::ThemeRejected(refusal) => Self::theme_rejected(refusal),
            AppError::KeyReused => Self {
                field: "Idempotency-Key".to_owned(),
                ..Self::of_kind(error.kind(), error.to_string())
            },
            AppError::Store(error) => error.into(),
            rejected => Self::of_kind(rejected.kind(), rejected.to_string()),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let kind = error.kind();
        match error {
            StoreError::Changed => return AppError::Changed.into(),
            StoreError::Limit(invalid) if kind == ErrorKind::Invalid => return invalid.into(),
            StoreError::Limit(invalid) => return Self::of_kind(kind, invalid.reason.to_string()),
            _ => {}
        }
        error_status::log(kind, &error);
        match kind {
            ErrorKind::Conflict => {
                Self::of_kind(kind, "one of these identifiers belongs to another contact")
            }
            ErrorKind::Unavailable => {
                Self::of_kind(kind, "the database is busy; try again shortly")
            }
            ErrorKind::TimedOut => Self::of_kind(
                kind,
                "the request takes too long; try again later, or request less data",
            ),
            ErrorKind::NotWritable => Self::of_kind(
                kind,
                "the database can't be written at the moment; reading still works",
            ),
            _ => Self::internal(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        let headers = response.headers_mut();
        match self.recovery {
            RecoveryHeader::None => None,
            RecoveryHeader::Authenticate => headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"Belfry\""),
            ),
            RecoveryHeader::RetryAfter(seconds) => {
                headers.insert(header::RETRY_AFTER, seconds.into())
            }
        };
        if let Some(rate_limit) = self.rate_limit {
            rate_limits::write_headers(*rate_limit, headers);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_store::Conflict;
    use belfry_theme::File;

    fn status(error: StoreError) -> u16 {
        ApiError::from(AppError::Store(error)).status.as_u16()
    }

    #[test]
    fn store_errors_map_to_statuses_without_details() {
        let secret = || "table messages, /var/lib/belfry.db".to_owned();
        assert_eq!(status(Conflict::Constraint(secret()).into()), 409);
        assert_eq!(status(StoreError::Unavailable(secret())), 503);
        assert_eq!(status(StoreError::NotWritable(secret())), 507);
        assert_eq!(status(StoreError::Inconsistent(secret())), 500);
        assert_eq!(status(StoreError::Newer { found: 9, supported: 1 }), 500);
        for error in [
            Conflict::Constraint(secret()).into(),
            StoreError::Unavailable(secret()),
            StoreError::NotWritable(secret()),
            StoreError::Inconsistent(secret()),
        ] {
            let answer = ApiError::from(error);
            assert!(
                !answer.message.contains("belfry.db") && !answer.message.contains("table"),
                "{answer:?}"
            );
        }
        let refused = ApiError::from(AppError::NoDraft);
        assert_eq!(
            (refused.status.as_u16(), &*refused.message),
            (409, "there is no draft to publish; upload one first")
        );
        let busy = ApiError::from(StoreError::Unavailable(secret())).into_response();
        assert_eq!(busy.headers()[header::RETRY_AFTER], "2");
    }

    #[test]
    fn rejected_theme_has_message_and_problem_list() {
        let problem = |file, line| Problem {
            file,
            line,
            column: 5,
            code: belfry_theme::Code::Script,
            what: "<script>".to_owned(),
            reason: belfry_locales::phrases::themes::LOADS,
        };
        let rejection = Diagnostics {
            problems: vec![problem(File::Card, 12), problem(File::Css, 1)],
            warnings: vec![problem(File::Bell, 2)],
        };
        let error = ApiError::from(AppError::ThemeRejected(Box::new(rejection)));
        assert_eq!((error.status.as_u16(), &*error.field), (422, "card.svg"));
        assert_eq!(
            error.message,
            "card.svg:12:5: `<script>` loads something, and a picture must not: remove it"
        );
        let of = |file: &str, line: u32| serde_json::json!({"file": file, "line": line, "column": 5, "code": "script", "what": "<script>", "reason": "loads something, and a picture must not: remove it"});
        let shape = serde_json::to_value(error.body()).unwrap();
        assert_eq!(shape["problems"], serde_json::json!([of("card.svg", 12), of("theme.css", 1)]));
        assert_eq!(shape["warnings"], serde_json::json!([of("bell.svg", 2)]));
        let other = serde_json::to_value(ApiError::not_found().body()).unwrap();
        assert_eq!(other, serde_json::json!({"status": 404, "message": "not found"}));
    }
}
