//! Forms that a reader's browser sends, read within bounds. Called after the checks of where a request comes from and whose it is, as far as
//! they need no field of it. Must not know what a form says.

use super::error::WidgetError;
use axum::{
    body::Body,
    extract::{Form, FromRequest as _, Request},
    http::request::Parts,
};
use http_body_util::{BodyExt as _, Limited};
use serde::de::DeserializeOwned;

/// Bytes of a body, whatever its type.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1_024;
/// Pairs of a form: the page of preferences has two for each of up to 50 categories, and some more.
const MAX_PAIRS: usize = 500;

/// What a form says.
pub(super) async fn read<T: DeserializeOwned>(parts: Parts, body: Body) -> Result<T, WidgetError> {
    let bytes = Limited::new(body, MAX_BODY_BYTES).collect().await.map_err(|_| WidgetError::TooLarge)?.to_bytes();
    if bytes.split(|byte| *byte == b'&').nth(MAX_PAIRS).is_some() {
        return Err(WidgetError::TooLarge);
    }
    let request = Request::from_parts(parts, Body::from(bytes));
    let Form(filled) = Form::<T>::from_request(request, &()).await.map_err(|error| WidgetError::Invalid(error.body_text()))?;
    Ok(filled)
}
