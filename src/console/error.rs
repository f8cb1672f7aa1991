//! Errors of the console's handlers. The middleware renders them as pages, since it knows language
//! and session.

use crate::{
    app::{AppError, channel::ChannelError},
    domain::{ValidationError, channel::Rejection},
    store::StoreError,
};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

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
    Stale,
    /// Rate limited; seconds until the next attempt.
    TooMany(u64),
    /// The request can't be processed; the reason is shown.
    Unreadable(StatusCode, String),
    /// An internal error.
    Broken(StatusCode),
}

impl ConsoleError {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::SignIn => StatusCode::SEE_OTHER,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::Stale => StatusCode::FORBIDDEN,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unreadable(status, _) | Self::Broken(status) => *status,
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
            AppError::ValidationError(invalid) | AppError::Store(StoreError::Limit(invalid)) => {
                invalid.into()
            }
            AppError::Store(StoreError::Unavailable(reason)) => {
                tracing::error!(reason, "the database is not available");
                Self::Broken(StatusCode::SERVICE_UNAVAILABLE)
            }
            AppError::Store(StoreError::TooLong(_)) => {
                Self::Broken(StatusCode::SERVICE_UNAVAILABLE)
            }
            AppError::Store(StoreError::NotWritable(reason)) => {
                tracing::error!(reason, "the database can't be written");
                Self::Broken(StatusCode::INSUFFICIENT_STORAGE)
            }
            AppError::Store(error) => {
                tracing::error!(%error, "a page could not be made");
                Self::Broken(StatusCode::INTERNAL_SERVER_ERROR)
            }
            other => Self::Unreadable(StatusCode::CONFLICT, other.to_string()),
        }
    }
}

impl From<ChannelError> for ConsoleError {
    fn from(error: ChannelError) -> Self {
        match error {
            // A conversation of an inbox that the agent is no member of looks like a missing one.
            ChannelError::Rejected(Rejection::NotFound(_) | Rejection::Forbidden) => Self::NotFound,
            ChannelError::Rejected(Rejection::Invalid(invalid)) => invalid.into(),
            ChannelError::Rejected(Rejection::TooManyMessages) => Self::TooMany(60),
            ChannelError::Rejected(other) => {
                Self::Unreadable(StatusCode::CONFLICT, other.to_string())
            }
            ChannelError::Unauthenticated => Self::SignIn,
            ChannelError::Store(error) => AppError::Store(error).into(),
        }
    }
}

impl From<ValidationError> for ConsoleError {
    fn from(invalid: ValidationError) -> Self {
        Self::Unreadable(StatusCode::UNPROCESSABLE_ENTITY, invalid.to_string())
    }
}

impl From<tower_sessions::session::Error> for ConsoleError {
    fn from(error: tower_sessions::session::Error) -> Self {
        tracing::error!(%error, "a session could not be kept");
        Self::Broken(StatusCode::SERVICE_UNAVAILABLE)
    }
}
