//! Why there is no page. What is said of it is put into words at the edge, where language and session are known.

use crate::{
    domain::{Invalid, channel::Rejection},
    inbox::{InboxError, channel::ChannelError},
    store::StoreError,
};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// Why there is no page.
#[derive(Debug, Clone)]
pub(super) enum ConsoleError {
    /// Nobody is signed in.
    SignIn,
    /// Nothing is here, or it is not theirs: the two can't be told apart.
    NotFound,
    /// Their role does not go so far.
    Forbidden,
    /// The form is not one of ours, or its session is over.
    Stale,
    /// Too many tries; how many seconds to wait.
    TooMany(u64),
    /// A form that can't be read.
    Unreadable(StatusCode, String),
    /// Something below failed.
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

/// A bare answer that carries the reason; the edge makes a page of it.
impl IntoResponse for ConsoleError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<InboxError> for ConsoleError {
    fn from(error: InboxError) -> Self {
        match error {
            InboxError::NotFound => Self::NotFound,
            InboxError::Unauthenticated => Self::SignIn,
            InboxError::Invalid(invalid) | InboxError::Store(StoreError::Limit(invalid)) => invalid.into(),
            InboxError::Store(StoreError::Unavailable(reason)) => {
                tracing::error!(reason, "the database is not available");
                Self::Broken(StatusCode::SERVICE_UNAVAILABLE)
            }
            InboxError::Store(StoreError::TooLong(_)) => Self::Broken(StatusCode::SERVICE_UNAVAILABLE),
            InboxError::Store(StoreError::NotWritable(reason)) => {
                tracing::error!(reason, "the database can't be written");
                Self::Broken(StatusCode::INSUFFICIENT_STORAGE)
            }
            InboxError::Store(error) => {
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
            // A conversation of an inbox that the agent is no member of can't be told from one that is not there.
            ChannelError::Rejected(Rejection::NotFound(_) | Rejection::Forbidden) => Self::NotFound,
            ChannelError::Rejected(Rejection::Invalid(invalid)) => invalid.into(),
            ChannelError::Rejected(Rejection::TooManyMessages) => Self::TooMany(60),
            ChannelError::Rejected(other) => Self::Unreadable(StatusCode::CONFLICT, other.to_string()),
            ChannelError::Unauthenticated => Self::SignIn,
            ChannelError::Store(error) => InboxError::Store(error).into(),
        }
    }
}

impl From<Invalid> for ConsoleError {
    fn from(invalid: Invalid) -> Self {
        Self::Unreadable(StatusCode::UNPROCESSABLE_ENTITY, invalid.to_string())
    }
}

impl From<tower_sessions::session::Error> for ConsoleError {
    fn from(error: tower_sessions::session::Error) -> Self {
        tracing::error!(%error, "a session could not be kept");
        Self::Broken(StatusCode::SERVICE_UNAVAILABLE)
    }
}
