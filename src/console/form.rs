//! What a form brought. It is read once, bounded, and only when it carries the token of the session: the token is looked for before
//! anything else is kept of a form.

use super::{Console, error::ConsoleError, refusals, visit::Visit, words::Lang};
use crate::domain::{Digest, Invalid};
use axum::{
    extract::{FromRequest, FromRequestParts, Multipart, Request, multipart::MultipartError},
    http::{StatusCode, header},
};
use bytes::Bytes;
use std::sync::Arc;

/// Fields of a form, at most: a table's mapping has one for each of 200 columns.
const MAX_FIELDS: usize = 2_000;
/// Bytes of a form with files before its token.
const MAX_BYTES_BEFORE_TOKEN: usize = 64 * 1_024;

/// A file that was chosen in a form.
#[derive(Clone)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

/// The fields of a form, as they were typed, and what is wrong with them. It is cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Form {
    fields: Arc<Vec<(String, String)>>,
    files: Arc<Vec<(String, Upload)>>,
    wrong: Arc<Vec<Invalid>>,
    /// In which what is wrong is said.
    lang: Lang,
}

impl Form {
    /// A form that nobody has filled in, with what stands in it.
    pub(super) fn of<Value: Into<String>>(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Self { fields: Arc::new(fields), ..Self::default() }
    }

    /// A form with these fields, whose names are made as it is shown.
    pub(super) fn filled(fields: Vec<(String, String)>) -> Self {
        Self { fields: Arc::new(fields), ..Self::default() }
    }

    /// The same form with another text in this field.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        let fields = Arc::make_mut(&mut self.fields);
        fields.retain(|(named, _)| named != name);
        fields.push((name.to_owned(), value.into()));
        self
    }

    /// The same form, in which what is wrong is said in this language. One that was sent has the language of its sender.
    #[must_use]
    pub(super) fn speaking(mut self, lang: Lang) -> Self {
        self.lang = lang;
        self
    }

    /// The fields, without the token.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter(|(name, _)| name != "token").map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Everything that is wrong.
    pub(super) fn wrong(&self) -> &[Invalid] {
        &self.wrong
    }

    /// The chosen files, by the field in which each was chosen.
    pub(super) fn uploads(&self) -> impl Iterator<Item = (&str, &Upload)> {
        self.files.iter().filter(|(_, file)| !file.bytes.is_empty()).map(|(name, file)| (name.as_str(), file))
    }

    /// A field's text; empty when it is not there.
    pub(super) fn get(&self, name: &str) -> &str {
        self.maybe_raw(name).unwrap_or_default()
    }

    /// A field's text without the space around it, unless nothing is left.
    pub(super) fn maybe(&self, name: &str) -> Option<&str> {
        self.maybe_raw(name).map(str::trim).filter(|text| !text.is_empty())
    }

    /// All values of a field that is there several times.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.fields.iter().filter(move |(named, _)| named == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box was ticked.
    pub(super) fn has(&self, name: &str) -> bool {
        self.maybe_raw(name).is_some()
    }

    /// A chosen file, unless it is empty.
    pub(super) fn file(&self, name: &str) -> Option<&Upload> {
        self.files.iter().find_map(|(named, file)| (named == name && !file.bytes.is_empty()).then_some(file))
    }

    /// Notes what is wrong with a field, in the language of whoever sent the form.
    pub(super) fn refuse(&mut self, mut invalid: Invalid) {
        invalid.reason = refusals::said(self.lang, &invalid.reason);
        Arc::make_mut(&mut self.wrong).push(invalid);
    }

    /// The same form with what is wrong with it.
    #[must_use]
    pub(super) fn refused(mut self, invalid: Invalid) -> Self {
        self.refuse(invalid);
        self
    }

    /// What is wrong with a field.
    pub(super) fn error(&self, name: &str) -> Option<String> {
        self.wrong.iter().find(|invalid| invalid.field == name).map(|invalid| invalid.reason.clone())
    }

    /// What is wrong with none of these fields in particular.
    pub(super) fn other_errors(&self, fields: &[&str]) -> Vec<String> {
        self.wrong.iter().filter(|invalid| !fields.contains(&invalid.field.as_str())).map(ToString::to_string).collect()
    }

    /// Whether something is wrong.
    pub(super) fn is_refused(&self) -> bool {
        !self.wrong.is_empty()
    }

    fn maybe_raw(&self, name: &str) -> Option<&str> {
        self.fields.iter().find_map(|(named, value)| (named == name).then_some(value.as_str()))
    }
}

fn unreadable(status: StatusCode, text: String) -> ConsoleError {
    ConsoleError::Unreadable(status, text)
}

fn too_many() -> ConsoleError {
    unreadable(StatusCode::PAYLOAD_TOO_LARGE, format!("a form has at most {MAX_FIELDS} fields"))
}

impl FromRequest<Console> for Form {
    type Rejection = ConsoleError;

    async fn from_request(request: Request, console: &Console) -> Result<Self, ConsoleError> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, console).await?;
        if visit.token.is_empty() {
            return Err(ConsoleError::Stale);
        }
        let multipart = parts.headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"multipart/form-data"));
        let request = Request::from_parts(parts, body);
        let (fields, files) = if multipart {
            let parts = Multipart::from_request(request, console).await.map_err(|error| unreadable(error.status(), error.body_text()))?;
            read_parts(parts, &visit.token).await?
        } else {
            let read = axum::extract::RawForm::from_request(request, console).await;
            (read_pairs(&read.map_err(|error| unreadable(error.status(), error.body_text()))?.0, &visit.token)?, Vec::new())
        };
        Ok(Self { fields: Arc::new(fields), files: Arc::new(files), wrong: Arc::default(), lang: visit.lang })
    }
}

/// Digests are compared, so that the time it takes tells nothing of the token.
fn proves(given: &str, token: &str) -> bool {
    Digest::of(given) == Digest::of(token)
}

fn read_pairs(body: &[u8], token: &str) -> Result<Vec<(String, String)>, ConsoleError> {
    if body.split(|byte| *byte == b'&').nth(MAX_FIELDS).is_some() {
        return Err(too_many());
    }
    let pairs = || url::form_urlencoded::parse(body);
    if !pairs().find(|(name, _)| name == "token").is_some_and(|(_, value)| proves(&value, token)) {
        return Err(ConsoleError::Stale);
    }
    Ok(pairs().into_owned().collect())
}

type Fields = (Vec<(String, String)>, Vec<(String, Upload)>);

async fn read_parts(mut parts: Multipart, token: &str) -> Result<Fields, ConsoleError> {
    let failed = |error: MultipartError| unreadable(error.status(), error.body_text());
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    let (mut proved, mut before) = (false, 0);
    while let Some(mut part) = parts.next_field().await.map_err(failed)? {
        if fields.len() + files.len() >= MAX_FIELDS {
            return Err(too_many());
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
            proved = proves(&text, token);
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
        assert_eq!(read(format!("token=right{}", "&a".repeat(MAX_FIELDS - 1))).unwrap(), MAX_FIELDS);
        let many = read(format!("token=right{}", "&a".repeat(MAX_FIELDS))).unwrap_err();
        assert_eq!(many.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
