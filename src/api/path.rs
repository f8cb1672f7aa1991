//! The name in a path. One that can't be a name is answered as one that names nothing, so that a guesser learns nothing.

use super::ApiError;
use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use std::str::FromStr;

/// The `{id}` of a path.
pub(super) struct Named<T>(pub(super) T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Named<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| ApiError::not_found())?;
        text.parse().map(Self).map_err(|_| ApiError::not_found())
    }
}
