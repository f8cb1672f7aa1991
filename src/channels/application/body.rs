//! A request as parameters: its query, and of anything but a `GET` its body as JSON, a form, or parts, of which files are kept where a route takes
//! them.

use super::{Application, error::ApplicationError, params::Params};
use crate::{domain::Invalid, inbox::channel::FileUpload};
use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request, multipart::Field},
    http::{HeaderMap, Method, header},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::Value;

/// The longest JSON or form: 150,000 characters of a message, each of which JSON may write with twelve bytes, and something beside them.
const MAX_BYTES: usize = 2 * 1_024 * 1_024 + 256 * 1_024;
/// The longest body of parts: the attachments of a message, and the same beside them.
const MAX_MULTIPART_BYTES: usize = crate::domain::channel::MAX_ATTACHMENT_BYTES + MAX_BYTES;
/// Parts of one body.
const MAX_PARTS: usize = 200;

/// What a request says, and the files of its parts.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) params: Params,
    pub(super) files: Vec<FileUpload>,
}

impl FromRequest<Application> for Params {
    type Rejection = ApplicationError;

    async fn from_request(request: Request, application: &Application) -> Result<Self, ApplicationError> {
        Ok(Said::from_request(request, application).await?.params)
    }
}

impl FromRequest<Application> for Said {
    type Rejection = ApplicationError;

    async fn from_request(request: Request, _: &Application) -> Result<Self, ApplicationError> {
        let mut said = Self::default();
        said.params.add_form(request.uri().query().unwrap_or_default().as_bytes()).map_err(malformed)?;
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(said);
        }
        let body = read(request).await?;
        said.params.extend(body.params);
        Ok(Self { files: body.files, ..said })
    }
}

async fn read(request: Request) -> Result<Said, ApplicationError> {
    let headers = request.headers();
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(ApplicationError::unsupported("The body must not be compressed: send it without Content-Encoding"));
    }
    let kind = Kind::of(headers)?;
    let limit = if kind == Kind::Multipart { MAX_MULTIPART_BYTES } else { MAX_BYTES };
    if announced_length(headers).is_some_and(|length| length > limit) {
        return Err(ApplicationError::too_large(limit));
    }
    if kind == Kind::Multipart {
        let (parts, body) = request.into_parts();
        let limited = Request::from_parts(parts, Body::new(Limited::new(body, limit)));
        let form = Multipart::from_request(limited, &()).await;
        return read_parts(form.map_err(|error| ApplicationError::malformed(error.body_text()))?).await;
    }
    let bytes = match Limited::new(request.into_body(), limit).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(ApplicationError::too_large(limit)),
        Err(_) => return Err(ApplicationError::malformed("The body ended before its time")),
    };
    let mut params = Params::default();
    match kind {
        Kind::Form => params.add_form(&bytes).map_err(malformed)?,
        // Some clients say that a request has JSON whether it has a body or not.
        _ if bytes.iter().all(u8::is_ascii_whitespace) => {}
        _ => params = Params::of(serde_json::from_slice(&bytes).map_err(|error| ApplicationError::malformed(format!("The body is no JSON: {error}")))?),
    }
    Ok(Said { params, files: Vec::new() })
}

async fn read_parts(mut form: Multipart) -> Result<Said, ApplicationError> {
    let mut said = Said::default();
    let mut parts = 0;
    while let Some(field) = next(&mut form).await? {
        parts += 1;
        if parts > MAX_PARTS {
            return Err(ApplicationError::malformed(format!("The body must have at most {MAX_PARTS} parts")));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let (filename, content_type) = (field.file_name().map(str::to_owned), field.content_type().map(str::to_owned));
        let bytes = field.bytes().await.map_err(|error| of_multipart(&error))?;
        match filename {
            Some(filename) => said.files.push(FileUpload { filename, claimed_type: content_type.unwrap_or_default(), bytes }),
            None => said.params.add(&name, Value::String(String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
    Ok(said)
}

async fn next(form: &mut Multipart) -> Result<Option<Field<'_>>, ApplicationError> {
    form.next_field().await.map_err(|error| of_multipart(&error))
}

fn of_multipart(error: &axum::extract::multipart::MultipartError) -> ApplicationError {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        return ApplicationError::too_large(MAX_MULTIPART_BYTES);
    }
    ApplicationError::malformed(format!("The parts of the body can't be read: {}", error.body_text()))
}

fn malformed(invalid: Invalid) -> ApplicationError {
    ApplicationError::malformed(invalid.reason)
}

fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Form,
    Multipart,
}

impl Kind {
    /// What the body is said to be; JSON, where nothing is said.
    fn of(headers: &HeaderMap) -> Result<Self, ApplicationError> {
        let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(Self::Json) };
        let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "" | "application/json" | "text/json" => Ok(Self::Json),
            "application/x-www-form-urlencoded" => Ok(Self::Form),
            "multipart/form-data" => Ok(Self::Multipart),
            other if other.starts_with("application/") && other.ends_with("+json") => Ok(Self::Json),
            _ => Err(ApplicationError::unsupported("The body must be JSON, a form or multipart/form-data")),
        }
    }
}
