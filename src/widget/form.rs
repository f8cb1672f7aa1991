//! HTML forms sent by readers' browsers, read with bounds. Called after the checks of origin and
//! session, as far as these need no form field. Must not depend on what a form is for.

use super::{
    WidgetState,
    auth::{self, SignedIn},
    error::WidgetError,
    security_headers,
};
use axum::{
    body::Body,
    extract::{Form, FromRequest as _, FromRequestParts as _, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use belfry_domain::Site;
use http_body_util::{BodyExt as _, Limited};
use serde::de::DeserializeOwned;

/// Maximum bytes of a body of any type.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1_024;
/// Maximum fields of a form: the preferences have two for each of up to 50 categories, and a few
/// more.
const MAX_FIELDS: usize = 500;

/// Parses a form.
pub(super) async fn read<T: DeserializeOwned>(parts: Parts, body: Body) -> Result<T, WidgetError> {
    let bytes = Limited::new(body, MAX_BODY_BYTES)
        .collect()
        .await
        .map_err(|_| WidgetError::TooLarge)?
        .to_bytes();
    if bytes.split(|byte| *byte == b'&').nth(MAX_FIELDS).is_some() {
        return Err(WidgetError::TooLarge);
    }
    let request = Request::from_parts(parts, Body::from(bytes));
    let Form(filled) = Form::<T>::from_request(request, &())
        .await
        .map_err(|error| WidgetError::Invalid(error.body_text()))?;
    Ok(filled)
}

/// The fields of a form whose `do` field names the action, and whose other fields say how the page
/// is shown.
pub(super) struct FormFields {
    fields: Vec<(String, String)>,
    is_authenticated_by_bearer: bool,
}

impl FormFields {
    /// All values of a field.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(move |(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a field.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The bearer that authenticated the form if no cookie did. The forms of the next page contain
    /// it as well.
    pub(super) fn bearer(&self) -> Option<&str> {
        self.is_authenticated_by_bearer.then(|| self.first("bearer")).flatten()
    }

    /// Redirects to another page of this site with the same parameters.
    pub(super) fn redirect(&self, site: &Site, page: &str, more: &[(&str, &str)]) -> Response {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for name in ["reader", "language", "scheme", "view"] {
            if let Some(value) = self.first(name) {
                query.append_pair(name, value);
            }
        }
        query.extend_pairs(more);
        let location = format!("/embed/{}/{page}?{}", site.id, query.finish());
        (StatusCode::SEE_OTHER, security_headers::private_headers(), [(header::LOCATION, location)])
            .into_response()
    }
}

/// Checks that a form comes from our own document, and authenticates the reader by cookie, header
/// or the form's bearer.
pub(super) async fn signed_in(
    state: &WidgetState,
    request: Request,
) -> Result<(SignedIn, FormFields), WidgetError> {
    let (mut parts, body) = request.into_parts();
    auth::require_own_document(&parts.headers, &state.0.public_url)?;
    let mut signed_in = SignedIn::from_request_parts(&mut parts, state).await;
    let mut filled =
        FormFields { fields: read(parts.clone(), body).await?, is_authenticated_by_bearer: false };
    if matches!(signed_in, Err(WidgetError::Unauthenticated))
        && let Some(secret) = filled.first("bearer")
    {
        set_bearer_header(&mut parts.headers, secret)?;
        signed_in = SignedIn::from_request_parts(&mut parts, state).await;
        filled.is_authenticated_by_bearer = true;
    }
    Ok((signed_in?, filled))
}

/// Sets the header that our script would have sent.
fn set_bearer_header(headers: &mut HeaderMap, bearer: &str) -> Result<(), WidgetError> {
    let value = HeaderValue::try_from(format!("Bearer {bearer}"))
        .map_err(|_| WidgetError::Unauthenticated)?;
    headers.insert(header::AUTHORIZATION, value);
    Ok(())
}
