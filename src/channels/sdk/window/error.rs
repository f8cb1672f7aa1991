//! Errors of the window.

use super::{phrases, security_headers, view};
use crate::params::ParamsError;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use belfry_app::{channel::ChannelError, sdk::SdkError};
use belfry_domain::{ErrorKind, ValidationError, channel::Rejection};
use belfry_locales::{Phrase, UiLanguage};
use belfry_store::StoreError;
use belfry_web::error_status;

/// Why a request failed.
#[derive(Debug)]
pub(super) enum WindowError {
    /// The code or the token is invalid or has expired.
    Ended,
    /// The conversation doesn't exist, or this agent or this window may not see it.
    NotFound,
    /// The form was posted by a page of another origin.
    CrossOrigin,
    /// A field of the form is invalid.
    Invalid(ValidationError),
    /// The message is empty.
    NothingToSend,
    /// The message is invalid, and its files have to be chosen again.
    WithFiles(ValidationError),
    /// The body can't be parsed.
    Params(ParamsError),
    /// The conversation has too many messages per minute.
    TooManyMessages,
    /// The rate limit is exceeded: retry after this number of seconds.
    TooMany(u64),
    /// The service is temporarily unavailable.
    Unavailable,
    /// An internal error, which is logged.
    Internal,
}

impl From<ParamsError> for WindowError {
    fn from(error: ParamsError) -> Self {
        Self::Params(error)
    }
}

impl From<ValidationError> for WindowError {
    fn from(invalid: ValidationError) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<ChannelError> for WindowError {
    fn from(error: ChannelError) -> Self {
        let kind = match error {
            ChannelError::Rejected(Rejection::Invalid(invalid))
            | ChannelError::Store(StoreError::Limit(invalid)) => return Self::Invalid(invalid),
            ChannelError::Rejected(
                rejection @ (Rejection::Taken(_) | Rejection::SourceIdTaken),
            ) => return Self::Invalid(ValidationError::new("", rejection.text())),
            _ => error.kind().without_conflicts(),
        };
        error_status::log(kind, &error);
        match kind {
            ErrorKind::NotFound | ErrorKind::Forbidden => Self::NotFound,
            ErrorKind::Unauthenticated => Self::Ended,
            ErrorKind::TooMany { .. } => Self::TooManyMessages,
            ErrorKind::Unavailable | ErrorKind::TimedOut | ErrorKind::NotWritable => {
                Self::Unavailable
            }
            ErrorKind::Invalid
            | ErrorKind::Conflict
            | ErrorKind::Unprocessable
            | ErrorKind::Internal => Self::Internal,
        }
    }
}

impl From<SdkError> for WindowError {
    fn from(error: SdkError) -> Self {
        match error {
            SdkError::Unauthorized(_) => Self::Ended,
            SdkError::Channel(error) => error.into(),
        }
    }
}

impl WindowError {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Ended => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::CrossOrigin => StatusCode::FORBIDDEN,
            Self::Invalid(_)
            | Self::NothingToSend
            | Self::WithFiles(_)
            | Self::Params(ParamsError::TooManyFiles(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Params(ParamsError::Malformed) => StatusCode::BAD_REQUEST,
            Self::Params(ParamsError::Compressed) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Params(ParamsError::TooLarge | ParamsError::FilesTooLarge(_)) => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::TooManyMessages | Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Params(ParamsError::Busy) | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether the window stays usable after this error.
    pub(super) fn is_recoverable(&self) -> bool {
        !matches!(self, Self::Ended | Self::NotFound | Self::CrossOrigin)
    }

    /// The error text.
    pub(super) fn text(&self, lang: UiLanguage) -> String {
        let word = match self {
            Self::Invalid(invalid) => {
                return invalid.text().t(lang);
            }
            Self::WithFiles(invalid) => {
                return format!("{}. {}", invalid.text().t(lang), phrases::FILES_AGAIN.t(lang));
            }
            Self::Params(ParamsError::FilesTooLarge(bytes)) => {
                return phrases::FILES_TOO_LARGE
                    .with(lang, &[("size", &(bytes / (1_024 * 1_024)))]);
            }
            Self::Params(ParamsError::TooManyFiles(count)) => {
                return phrases::TOO_MANY_FILES.with(lang, &[("count", count)]);
            }
            _ => self.phrase(),
        };
        word.t(lang).to_owned()
    }

    fn phrase(&self) -> Phrase {
        match self {
            Self::Ended | Self::CrossOrigin => phrases::ENDED_TEXT,
            Self::NothingToSend => phrases::NOTHING_TO_SEND,
            Self::NotFound => phrases::NOT_FOUND_TEXT,
            Self::TooManyMessages => phrases::TOO_MANY_MESSAGES,
            Self::TooMany(_) => phrases::TOO_MANY,
            Self::Params(ParamsError::TooLarge) => phrases::TOO_LARGE,
            Self::Params(ParamsError::Busy) | Self::Unavailable | Self::Internal => {
                phrases::UNAVAILABLE
            }
            Self::Invalid(_) | Self::WithFiles(_) | Self::Params(_) => phrases::UNREADABLE,
        }
    }

    /// The code for the embedding page: on `ended` it requests a new code.
    fn reason(&self) -> &'static str {
        match self {
            Self::Ended | Self::CrossOrigin => "ended",
            Self::NotFound => "not_found",
            Self::TooMany(_) | Self::TooManyMessages => "rate_limited",
            Self::Unavailable | Self::Internal | Self::Params(ParamsError::Busy) => "failed",
            Self::Invalid(_) | Self::WithFiles(_) | Self::NothingToSend | Self::Params(_) => {
                "bad_request"
            }
        }
    }

    fn title(&self) -> Phrase {
        match self {
            Self::NotFound => phrases::NOT_FOUND,
            _ => phrases::ENDED,
        }
    }

    /// The text only, for the script.
    pub(super) fn into_text(self, lang: UiLanguage) -> Response {
        let text = [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))];
        self.with_retry_after(security_headers::private(
            (self.status(), text, self.text(lang)).into_response(),
        ))
    }

    /// As a page of its own.
    pub(super) fn into_document(self, frame: &view::Frame<'_>) -> Response {
        let lang = frame.language.lang;
        let title =
            if self.is_recoverable() { self.text(lang) } else { self.title().t(lang).to_owned() };
        let text = if self.is_recoverable() { String::new() } else { self.text(lang) };
        let view = view::error_page(frame, self.reason(), title, text);
        self.with_retry_after(security_headers::document(
            &frame.window.public_url,
            frame.site,
            self.status(),
            view,
        ))
    }

    /// Adds `Retry-After`, if the error has one.
    pub(super) fn with_retry_after(&self, mut response: Response) -> Response {
        let seconds = match self {
            Self::TooMany(seconds) => (*seconds).max(1),
            Self::TooManyMessages => 60,
            Self::Params(ParamsError::Busy) | Self::Unavailable => 2,
            _ => return response,
        };
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        response
    }
}
