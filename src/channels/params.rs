//! Parses the parameters of a request from the query, JSON, a form, or a multipart form with files.
//!
//! Members are parsed leniently, as existing clients expect: numbers are accepted as text, an
//! object may be JSON text, and a value of the wrong type counts as absent. Bodies are limited
//! while they are read. Must not depend on routes, nor on the meaning of members. The application
//! API, the public client API and the Inbox SDK call it.

mod multipart;
mod nested;
mod upload_memory;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, header},
};
use belfry_app::channel::FileUpload;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::{Map, Value};
use upload_memory::UPLOAD_MEMORY;
pub(super) use upload_memory::UploadMemory;

/// Maximum size of a body without files. A message of 150,000 characters takes 1.8 MB as
/// ASCII-escaped JSON.
pub(super) const MAX_BODY_BYTES: usize = 2 * 1_024 * 1_024;
/// Maximum members of a form.
const MAX_MEMBERS: usize = 1_000;

/// The limits of a body.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimits {
    /// Bytes of the body without its files.
    pub(super) body_bytes: usize,
    /// Bytes of all files; 0 if none are accepted.
    pub(super) file_bytes: usize,
    /// Maximum number of files.
    pub(super) files: usize,
    /// The process-wide budget that the files' bytes are counted against.
    pub(super) memory: &'static UploadMemory,
}

impl BodyLimits {
    /// Limits for a body with up to `files` files of `file_bytes` together.
    pub(super) const fn new(body_bytes: usize, file_bytes: usize, files: usize) -> Self {
        Self { body_bytes, file_bytes, files, memory: &UPLOAD_MEMORY }
    }
}

/// Why a request could not be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ParamsError {
    #[error("the body is not what its Content-Type says, or it ended before its time")]
    Malformed,
    #[error("the body must not be compressed")]
    Compressed,
    #[error("the body is too large")]
    TooLarge,
    #[error("Attachments exceeded maximum allowed: {0}")]
    TooManyFiles(usize),
    #[error("Attachments must have at most {0} bytes together")]
    FilesTooLarge(usize),
    #[error("too many files are on their way at the moment; try again shortly")]
    Busy,
}

/// The members of a request, and its files.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Params {
    members: Map<String, Value>,
    files: Vec<FileUpload>,
}

impl Params {
    /// Parses the query only.
    pub(super) fn parse_query(query: Option<&str>) -> Result<Self, ParamsError> {
        let mut params = Self::default();
        params.add_form(query.unwrap_or_default().as_bytes())?;
        Ok(params)
    }

    /// Parses the query and the body; members of the body take precedence.
    pub(super) async fn read(request: Request, bounds: BodyLimits) -> Result<Self, ParamsError> {
        Self::read_verified(request, bounds, async |_| true).await
    }

    /// Like [`Self::read`], but calls `prove` with the members before the first file, and reads no
    /// file unless it returns `true`.
    pub(super) async fn read_verified(
        request: Request,
        bounds: BodyLimits,
        prove: impl AsyncFnOnce(&Self) -> bool,
    ) -> Result<Self, ParamsError> {
        let mut params = Self::parse_query(request.uri().query())?;
        let headers = request.headers();
        if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return Err(ParamsError::Compressed);
        }
        let kind = media_type(headers);
        if is_multipart(headers) {
            multipart::read(request, bounds, &mut params, prove).await?;
            return Ok(params);
        }
        if content_length(headers).is_some_and(|length| length > bounds.body_bytes) {
            return Err(ParamsError::TooLarge);
        }
        let body = read_body(request.into_body(), bounds.body_bytes).await?;
        if kind == "application/x-www-form-urlencoded" {
            params.add_form(&body)?;
        } else if kind == "application/json"
            || kind.ends_with("+json")
            || (kind.is_empty() && body.starts_with(b"{"))
        {
            params.add_json(&body)?;
        }
        Ok(params)
    }

    fn add_form(&mut self, form: &[u8]) -> Result<(), ParamsError> {
        for (count, (name, value)) in url::form_urlencoded::parse(form).enumerate() {
            if count >= MAX_MEMBERS {
                return Err(ParamsError::TooLarge);
            }
            nested::insert(&mut self.members, &name, value.into_owned());
        }
        Ok(())
    }

    fn add_json(&mut self, body: &[u8]) -> Result<(), ParamsError> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        // Some clients write `null` for an empty body. Any other value that is no object is an
        // error.
        let members = serde_json::from_slice::<Option<Map<String, Value>>>(body)
            .map_err(|_| ParamsError::Malformed)?;
        self.members.extend(members.unwrap_or_default());
        Ok(())
    }

    /// Takes the files of the `attachments` member; empty the second time.
    pub(super) fn take_files(&mut self) -> Vec<FileUpload> {
        std::mem::take(&mut self.files)
    }

    /// Removes a member.
    pub(super) fn remove(&mut self, name: &str) {
        self.members.remove(name);
    }

    pub(super) fn into_members(self) -> Map<String, Value> {
        self.members
    }

    /// The member as it was sent.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// A string; a number or a boolean as text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        scalar(self.get(name)?)
    }

    /// An integer, also as text.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// An object, also as JSON text.
    pub(super) fn object(&self, name: &str) -> Option<Map<String, Value>> {
        match self.get(name)? {
            Value::Object(members) => Some(members.clone()),
            Value::String(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }
}

/// Whether the body is multipart, and so may contain files.
pub(super) fn is_multipart(headers: &HeaderMap) -> bool {
    media_type(headers) == "multipart/form-data"
}

/// A string, number or boolean as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let kind =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn read_body(body: Body, max: usize) -> Result<Bytes, ParamsError> {
    match Limited::new(body, max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ParamsError::TooLarge),
        Err(_) => Err(ParamsError::Malformed),
    }
}

#[cfg(test)]
mod tests;
