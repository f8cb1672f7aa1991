//! Errors of the console's handlers. The middleware renders them as pages, since it knows language
//! and session.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use belfry_app::{AppError, channel::ChannelError};
use belfry_domain::{ErrorKind, ValidationError, channel::Rejection};
use belfry_locales::{LocalizedText, phrases::errors};
use belfry_store::StoreError;
use belfry_web::error_status;

/// Why a request gets no page.
#[derive(Debug, Clone)]
pub(super) enum ConsoleError {
    /// Nobody is signed in.
    SignIn,
    /// Not found, or the account has no access: the two look the same.
    NotFound,
    /// The member's role does not allow it.
    Forbidden,
    /// The CSRF token is missing or wrong, or its session has ended.
    InvalidCsrfToken,
    /// Rate limited; seconds until the next attempt.
    TooMany(u64),
    /// The request can't be processed; the reason is shown.
    BadRequest(StatusCode, LocalizedText),
    /// An internal error.
    Internal(StatusCode),
}

impl ConsoleError {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::SignIn => StatusCode::SEE_OTHER,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::InvalidCsrfToken => StatusCode::FORBIDDEN,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::BadRequest(status, _) | Self::Internal(status) => *status,
        }
    }
}

/// A response without a body that carries the error; the middleware renders the page.
impl IntoResponse for ConsoleError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<AppError> for ConsoleError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::NotFound => Self::NotFound,
            AppError::Unauthenticated => Self::SignIn,
            AppError::ValidationError(invalid) => invalid.into(),
            AppError::Store(error) => error.into(),
            rejected => Self::BadRequest(
                error_status::status(ErrorKind::Conflict),
                rejected.text().unwrap_or(errors::INVALID),
            ),
        }
    }
}

impl From<StoreError> for ConsoleError {
    fn from(error: StoreError) -> Self {
        if let StoreError::Limit(invalid) = error {
            return invalid.into();
        }
        // The pages handle the conflicts that a member can cause.
        let kind = error.kind().without_conflicts();
        error_status::log(kind, &error);
        Self::Internal(error_status::status(kind))
    }
}

impl From<ChannelError> for ConsoleError {
    fn from(error: ChannelError) -> Self {
        match error {
            // A conversation of an inbox that the agent is no member of looks like a missing one.
            ChannelError::Rejected(Rejection::NotFound(_) | Rejection::Forbidden) => Self::NotFound,
            ChannelError::Rejected(Rejection::Invalid(invalid)) => invalid.into(),
            ChannelError::Rejected(rejection) => match rejection.kind() {
                ErrorKind::TooMany { retry_after } => Self::TooMany(retry_after),
                kind => Self::BadRequest(error_status::status(kind), rejection.text()),
            },
            ChannelError::Unauthenticated => Self::SignIn,
            ChannelError::Store(error) => error.into(),
        }
    }
}

impl From<ValidationError> for ConsoleError {
    fn from(invalid: ValidationError) -> Self {
        Self::BadRequest(StatusCode::UNPROCESSABLE_ENTITY, invalid.text())
    }
}

impl From<tower_sessions::session::Error> for ConsoleError {
    fn from(error: tower_sessions::session::Error) -> Self {
        tracing::error!(%error, "a session could not be kept");
        Self::Internal(StatusCode::SERVICE_UNAVAILABLE)
    }
}
