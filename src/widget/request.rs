//! Parts of requests, for handlers that take the request apart themselves. Must not depend on what a
//! request is for.

use super::error::WidgetError;
use axum::{
    Json,
    body::Body,
    extract::{FromRequest, FromRequestParts, Query, Request, rejection::JsonRejection},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

/// Reads a small JSON body.
pub(super) async fn json<T: DeserializeOwned>(
    parts: Parts,
    body: Body,
) -> Result<Json<T>, WidgetError> {
    let request = Request::from_parts(parts, body);
    <Json<T> as FromRequest<()>>::from_request(request, &()).await.map_err(|error| match error {
        JsonRejection::MissingJsonContentType(_) => WidgetError::Unsupported,
        other => WidgetError::Invalid(other.body_text()),
    })
}

/// The query parameters.
pub(super) async fn query<T: DeserializeOwned + Send + 'static>(
    parts: &mut Parts,
) -> Result<T, WidgetError> {
    Query::<T>::from_request_parts(parts, &())
        .await
        .map(|query| query.0)
        .map_err(|error| WidgetError::Invalid(error.body_text()))
}
