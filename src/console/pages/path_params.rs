//! Typed path parameters.

use crate::{Console, error::ConsoleError};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use std::str::FromStr;

/// The `N`th path parameter, counted from the site, which is 0. An unreadable one is a 404.
pub(super) struct PathId<T, const N: usize = 1>(pub(super) T);

impl<T: FromStr, const N: usize> FromRequestParts<Console> for PathId<T, N> {
    type Rejection = ConsoleError;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Console,
    ) -> Result<Self, ConsoleError> {
        let named = RawPathParams::from_request_parts(parts, console)
            .await
            .map_err(|_| ConsoleError::NotFound)?;
        named
            .iter()
            .nth(N)
            .and_then(|(_, text)| text.parse().ok())
            .map(Self)
            .ok_or(ConsoleError::NotFound)
    }
}
