//! Posted forms: fields and files, read once and bounded, and only when they carry the session's
//! CSRF token. The token is checked before anything else of the form is stored. Handlers take
//! [`Form`] as their last extractor.

use super::{Console, error::ConsoleError, phrases::UiLanguage, request_context::RequestContext};
use axum::{
    extract::{FromRequest, FromRequestParts, Multipart, Request, multipart::MultipartError},
    http::{StatusCode, header},
};
use belfry_domain::{Digest, ValidationError};
use belfry_locales::phrases::errors;
use bytes::Bytes;
use std::sync::Arc;

/// Most fields of a form. The mapping of a table has one for each of 200 columns.
const MAX_FIELDS: usize = 2_000;
/// Bytes of a multipart form before its token.
const MAX_BYTES_BEFORE_TOKEN: usize = 64 * 1_024;

/// An uploaded file.
#[derive(Clone)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

/// The fields of a form as they were typed, with validation errors. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Form {
    fields: Arc<Vec<(String, String)>>,
    files: Arc<Vec<(String, Upload)>>,
    errors: Arc<Vec<ValidationError>>,
    /// The language of the errors.
    lang: UiLanguage,
}

impl Form {
    /// A form with initial values.
    pub(super) fn new<Value: Into<String>>(
        fields: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Self {
        let fields =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Self { fields: Arc::new(fields), ..Self::default() }
    }

    /// A form with fields whose names are made at runtime.
    pub(super) fn from_fields(fields: Vec<(String, String)>) -> Self {
        Self { fields: Arc::new(fields), ..Self::default() }
    }

    /// Replaces the value of a field.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        let fields = Arc::make_mut(&mut self.fields);
        fields.retain(|(named, _)| named != name);
        fields.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the language of the errors. A posted form has the language of its sender.
    #[must_use]
    pub(super) fn with_language(mut self, lang: UiLanguage) -> Self {
        self.lang = lang;
        self
    }

    /// All fields except the CSRF token.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .filter(|(name, _)| name != "token")
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The uploaded files by field name.
    pub(super) fn uploads(&self) -> impl Iterator<Item = (&str, &Upload)> {
        self.files
            .iter()
            .filter(|(_, file)| !file.bytes.is_empty())
            .map(|(name, file)| (name.as_str(), file))
    }

    /// A field's value; empty when it is missing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.raw(name).unwrap_or_default()
    }

    /// A field's trimmed value; `None` when it is blank or missing.
    pub(super) fn trimmed(&self, name: &str) -> Option<&str> {
        self.raw(name).map(str::trim).filter(|text| !text.is_empty())
    }

    /// All values of a repeated field.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.fields.iter().filter(move |(named, _)| named == name).map(|(_, value)| value.as_str())
    }

    /// Whether a field was sent, such as a ticked checkbox.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// An uploaded file that is not empty.
    pub(super) fn file(&self, name: &str) -> Option<&Upload> {
        self.files
            .iter()
            .find_map(|(named, file)| (named == name && !file.bytes.is_empty()).then_some(file))
    }

    /// Adds an error at a field.
    pub(super) fn reject(&mut self, invalid: ValidationError) {
        Arc::make_mut(&mut self.errors).push(invalid);
    }

    /// [`Form::reject`] by value.
    #[must_use]
    pub(super) fn rejected(mut self, invalid: ValidationError) -> Self {
        self.reject(invalid);
        self
    }

    /// The error at a field.
    pub(super) fn error(&self, name: &str) -> Option<String> {
        self.errors
            .iter()
            .find(|invalid| invalid.field == name)
            .map(|invalid| invalid.reason.t(self.lang))
    }

    /// The errors at fields that are not among these.
    pub(super) fn other_errors(&self, fields: &[&str]) -> Vec<String> {
        self.errors_at(|field| !fields.contains(&field))
    }

    /// The errors at these fields, each with the field's name.
    pub(super) fn errors_at(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
        self.errors
            .iter()
            .filter(|invalid| is_wanted(&invalid.field))
            .map(|invalid| invalid.text().t(self.lang))
            .collect()
    }

    /// Whether there are errors.
    pub(super) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    fn raw(&self, name: &str) -> Option<&str> {
        self.fields.iter().find_map(|(named, value)| (named == name).then_some(value.as_str()))
    }
}

fn bad_request(status: StatusCode, text: String) -> ConsoleError {
    ConsoleError::BadRequest(status, errors::verbatim(text))
}

fn too_many_fields() -> ConsoleError {
    ConsoleError::BadRequest(
        StatusCode::PAYLOAD_TOO_LARGE,
        errors::too_many_form_fields(MAX_FIELDS),
    )
}

impl FromRequest<Console> for Form {
    type Rejection = ConsoleError;

    async fn from_request(request: Request, console: &Console) -> Result<Self, ConsoleError> {
        let (mut parts, body) = request.into_parts();
        let context = RequestContext::from_request_parts(&mut parts, console).await?;
        if context.token.is_empty() {
            return Err(ConsoleError::InvalidCsrfToken);
        }
        let multipart = parts
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"multipart/form-data"));
        let request = Request::from_parts(parts, body);
        let (fields, files) = if multipart {
            let parts = Multipart::from_request(request, console)
                .await
                .map_err(|error| bad_request(error.status(), error.body_text()))?;
            read_parts(parts, &context.token).await?
        } else {
            let read = axum::extract::RawForm::from_request(request, console).await;
            (
                read_pairs(
                    &read.map_err(|error| bad_request(error.status(), error.body_text()))?.0,
                    &context.token,
                )?,
                Vec::new(),
            )
        };
        Ok(Self {
            fields: Arc::new(fields),
            files: Arc::new(files),
            errors: Arc::default(),
            lang: context.lang,
        })
    }
}

/// Compares digests, so that timing reveals nothing about the token.
fn is_valid_token(given: &str, token: &str) -> bool {
    Digest::of(given) == Digest::of(token)
}

fn read_pairs(body: &[u8], token: &str) -> Result<Vec<(String, String)>, ConsoleError> {
    if body.split(|byte| *byte == b'&').nth(MAX_FIELDS).is_some() {
        return Err(too_many_fields());
    }
    let pairs = || url::form_urlencoded::parse(body);
    if !pairs()
        .find(|(name, _)| name == "token")
        .is_some_and(|(_, value)| is_valid_token(&value, token))
    {
        return Err(ConsoleError::InvalidCsrfToken);
    }
    Ok(pairs().into_owned().collect())
}

type Fields = (Vec<(String, String)>, Vec<(String, Upload)>);

async fn read_parts(mut parts: Multipart, token: &str) -> Result<Fields, ConsoleError> {
    let failed = |error: MultipartError| bad_request(error.status(), error.body_text());
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    let (mut proved, mut before) = (false, 0);
    while let Some(mut part) = parts.next_field().await.map_err(failed)? {
        if fields.len() + files.len() >= MAX_FIELDS {
            return Err(too_many_fields());
        }
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(ToOwned::to_owned);
        let bytes = if proved {
            part.bytes().await.map_err(failed)?
        } else {
            let mut bytes = Vec::new();
            while let Some(chunk) = part.chunk().await.map_err(failed)? {
                before += chunk.len();
                if before > MAX_BYTES_BEFORE_TOKEN {
                    return Err(ConsoleError::InvalidCsrfToken);
                }
                bytes.extend_from_slice(&chunk);
            }
            bytes.into()
        };
        if let Some(file) = file {
            files.push((name, Upload { name: file, bytes }));
            continue;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if !proved && name == "token" {
            proved = is_valid_token(&text, token);
            if !proved {
                return Err(ConsoleError::InvalidCsrfToken);
            }
        }
        fields.push((name, text));
    }
    if proved { Ok((fields, files)) } else { Err(ConsoleError::InvalidCsrfToken) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_kept_only_with_its_token_and_within_bounds() {
        let read = |body: String| read_pairs(body.as_bytes(), "right").map(|fields| fields.len());
        assert_eq!(read("a=1&token=right&a=2".to_owned()).unwrap(), 3);
        for stale in ["", "a=1", "token=wrong", "token=wrong&token=right", "token=righ"] {
            assert!(
                matches!(read(stale.to_owned()), Err(ConsoleError::InvalidCsrfToken)),
                "{stale}"
            );
        }
        assert_eq!(
            read(format!("token=right{}", "&a".repeat(MAX_FIELDS - 1))).unwrap(),
            MAX_FIELDS
        );
        let many = read(format!("token=right{}", "&a".repeat(MAX_FIELDS))).unwrap_err();
        assert_eq!(many.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
