//! Extractors that parse a request's query and, except for `GET`, its body into parameters and
//! uploaded files. [`crate::params`] does the parsing.

use super::{ApplicationState, error::ApplicationError, params::Params};
use crate::params::{self as shared, BodyLimits, ParamsError};
use axum::{
    extract::{FromRequest, Request},
    http::Method,
};
use belfry_app::channel::FileUpload;
use belfry_domain::channel::MAX_ATTACHMENTS;
use serde_json::Value;

/// The parameters and uploaded files of a request.
#[derive(Debug, Default)]
pub(super) struct ParsedBody {
    pub(super) params: Params,
    pub(super) files: Vec<FileUpload>,
}

impl FromRequest<ApplicationState> for Params {
    type Rejection = ApplicationError;

    async fn from_request(
        request: Request,
        _: &ApplicationState,
    ) -> Result<Self, ApplicationError> {
        Ok(read(request, 0, 0).await?.params)
    }
}

impl FromRequest<ApplicationState> for ParsedBody {
    type Rejection = ApplicationError;

    async fn from_request(
        request: Request,
        application: &ApplicationState,
    ) -> Result<Self, ApplicationError> {
        read(request, application.app.max_attachment_bytes(), MAX_ATTACHMENTS).await
    }
}

async fn read(
    request: Request,
    file_bytes: usize,
    files: usize,
) -> Result<ParsedBody, ApplicationError> {
    // Some clients send `Content-Type: application/json` with a GET and no body.
    let mut read = if matches!(*request.method(), Method::GET | Method::HEAD) {
        shared::Params::parse_query(request.uri().query())?
    } else {
        shared::Params::read(request, BodyLimits::new(shared::MAX_BODY_BYTES, file_bytes, files))
            .await?
    };
    Ok(ParsedBody {
        files: read.take_files(),
        params: Params::from_value(Value::Object(read.into_members())),
    })
}

impl From<ParamsError> for ApplicationError {
    fn from(error: ParamsError) -> Self {
        match error {
            ParamsError::Malformed => Self::malformed(error.to_string()),
            ParamsError::Compressed => Self::unsupported(error.to_string()),
            ParamsError::TooLarge => Self::too_large(error.to_string()),
            ParamsError::TooManyFiles(_) | ParamsError::FilesTooLarge(_) => {
                Self::unprocessable(error.to_string())
            }
            ParamsError::Busy => Self::busy(error.to_string()),
        }
    }
}
