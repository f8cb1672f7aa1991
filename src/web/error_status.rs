//! The HTTP status of each class of error, and what of it is logged. The bodies are the surfaces'.
//!
//! Must not depend on a surface. Called by the error types of the HTTP surfaces.

use axum::http::StatusCode;
use belfry_domain::ErrorKind;
use std::fmt::Display;

/// The status of an error of this class.
pub fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Invalid => StatusCode::BAD_REQUEST,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable | ErrorKind::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::NotWritable => StatusCode::INSUFFICIENT_STORAGE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Logs the details of an error that its response must not contain.
pub fn log(kind: ErrorKind, error: &impl Display) {
    match kind {
        ErrorKind::Unavailable => tracing::warn!(%error, "the store is not available"),
        ErrorKind::NotWritable => tracing::error!(%error, "the store can't be written"),
        ErrorKind::Internal => tracing::error!(%error, "a request failed"),
        ErrorKind::TimedOut | ErrorKind::Conflict => {
            tracing::debug!(%error, "rejected by the store");
        }
        ErrorKind::Invalid
        | ErrorKind::Unauthenticated
        | ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::Unprocessable
        | ErrorKind::TooMany { .. } => {}
    }
}
