//! Posted forms: fields and files, read once and bounded, and only when they carry the session's
//! CSRF token. The token is checked before anything else of the form is stored. Handlers take
//! [`Form`] as their last extractor.

use super::{
    Console, error::ConsoleError, error_translations, phrases::UiLanguage,
    request_context::RequestContext,
};
use crate::domain::{Digest, ValidationError};
use axum::{
    extract::{FromRequest, FromRequestParts, Multipart, Request, multipart::MultipartError},
    http::{StatusCode, header},
};
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
    wrong: Arc<Vec<ValidationError>>,
    /// The language of the errors.
    lang: UiLanguage,
}

impl Form {
    /// A form with initial values.
    pub(super) fn of<Value: Into<String>>(
        fields: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Self {
        let fields =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Self { fields: Arc::new(fields), ..Self::default() }
    }

    /// A form with fields whose names are made at runtime.
    pub(super) fn filled(fields: Vec<(String, String)>) -> Self {
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
    pub(super) fn speaking(mut self, lang: UiLanguage) -> Self {
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

    /// All validation errors.
    pub(super) fn wrong(&self) -> &[ValidationError] {
        &self.wrong
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
        self.maybe_raw(name).unwrap_or_default()
    }

    /// A field's trimmed value; `None` when it is blank or missing.
    pub(super) fn maybe(&self, name: &str) -> Option<&str> {
        self.maybe_raw(name).map(str::trim).filter(|text| !text.is_empty())
    }

    /// All values of a repeated field.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.fields.iter().filter(move |(named, _)| named == name).map(|(_, value)| value.as_str())
    }

    /// Whether a field was sent, such as a ticked checkbox.
    pub(super) fn has(&self, name: &str) -> bool {
        self.maybe_raw(name).is_some()
    }

    /// An uploaded file that is not empty.
    pub(super) fn file(&self, name: &str) -> Option<&Upload> {
        self.files
            .iter()
            .find_map(|(named, file)| (named == name && !file.bytes.is_empty()).then_some(file))
    }

    /// Adds an error at a field, translated to the form's language.
    pub(super) fn refuse(&mut self, mut invalid: ValidationError) {
        invalid.reason = error_translations::translate(self.lang, &invalid.reason);
        Arc::make_mut(&mut self.wrong).push(invalid);
    }

    /// [`Form::refuse`] by value.
    #[must_use]
    pub(super) fn refused(mut self, invalid: ValidationError) -> Self {
        self.refuse(invalid);
        self
    }

    /// The error at a field.
    pub(super) fn error(&self, name: &str) -> Option<String> {
        self.wrong
            .iter()
            .find(|invalid| invalid.field == name)
            .map(|invalid| invalid.reason.clone())
    }

    /// The errors at fields that are not among these.
    pub(super) fn other_errors(&self, fields: &[&str]) -> Vec<String> {
        self.wrong
            .iter()
            .filter(|invalid| !fields.contains(&invalid.field.as_str()))
            .map(ToString::to_string)
            .collect()
    }

    /// Whether there are errors.
    pub(super) fn is_refused(&self) -> bool {
        !self.wrong.is_empty()
    }

    fn maybe_raw(&self, name: &str) -> Option<&str> {
        self.fields.iter().find_map(|(named, value)| (named == name).then_some(value.as_str()))
    }
}

fn bad_request(status: StatusCode, text: String) -> ConsoleError {
    ConsoleError::Unreadable(status, text)
}

fn too_many_fields() -> ConsoleError {
    bad_request(StatusCode::PAYLOAD_TOO_LARGE, format!("a form has at most {MAX_FIELDS} fields"))
}

impl FromRequest<Console> for Form {
    type Rejection = ConsoleError;

    async fn from_request(request: Request, console: &Console) -> Result<Self, ConsoleError> {
        let (mut parts, body) = request.into_parts();
        let visit = RequestContext::from_request_parts(&mut parts, console).await?;
        if visit.token.is_empty() {
            return Err(ConsoleError::Stale);
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
            read_parts(parts, &visit.token).await?
        } else {
            let read = axum::extract::RawForm::from_request(request, console).await;
            (
                read_pairs(
                    &read.map_err(|error| bad_request(error.status(), error.body_text()))?.0,
                    &visit.token,
                )?,
                Vec::new(),
            )
        };
        Ok(Self {
            fields: Arc::new(fields),
            files: Arc::new(files),
            wrong: Arc::default(),
            lang: visit.lang,
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
        return Err(ConsoleError::Stale);
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
                    return Err(ConsoleError::Stale);
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
                return Err(ConsoleError::Stale);
            }
        }
        fields.push((name, text));
    }
    if proved { Ok((fields, files)) } else { Err(ConsoleError::Stale) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_kept_only_with_its_token_and_within_bounds() {
        let read = |body: String| read_pairs(body.as_bytes(), "right").map(|fields| fields.len());
        assert_eq!(read("a=1&token=right&a=2".to_owned()).unwrap(), 3);
        for stale in ["", "a=1", "token=wrong", "token=wrong&token=right", "token=righ"] {
            assert!(matches!(read(stale.to_owned()), Err(ConsoleError::Stale)), "{stale}");
        }
        assert_eq!(
            read(format!("token=right{}", "&a".repeat(MAX_FIELDS - 1))).unwrap(),
            MAX_FIELDS
        );
        let many = read(format!("token=right{}", "&a".repeat(MAX_FIELDS))).unwrap_err();
        assert_eq!(many.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
