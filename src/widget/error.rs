//! Errors of the widget, as JSON for its scripts and as documents for readers.

use super::{security_headers, view};
use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use belfry_app::AppError;
use belfry_domain::{ErrorKind, Site};
use belfry_locales::{UiLanguage, phrases::widget as phrases};
use belfry_web::error_status;
use serde_json::json;

/// Shown to theme designers only.
const PREVIEW_LINK_EXPIRED: &str = "This link shows nothing any more: it is older than a week, or the version was deleted. Make a new one with `belfry theme preview`.";

/// Shown to people who install the snippet only.
const UNKNOWN_SITE: &str = "There is no site with this id. The console shows each site's snippet, and `belfry site list` their ids.";

/// Why a request was rejected.
#[derive(Debug)]
pub(super) enum WidgetError {
    /// The session or token is missing, expired or revoked; the script requests a new token from
    /// the site's page.
    Unauthenticated,
    /// The request came from an origin that may not send it.
    Forbidden(&'static str),
    /// The document was rendered for another reader than the session's; the script reloads it.
    OtherReader,
    /// A field of the request is invalid.
    Invalid(String),
    /// The action to undo was repeated since, or was undone before.
    UndoUnavailable,
    /// The body has too many bytes, or the form too many fields.
    TooLarge,
    /// The content type of the body is not supported.
    Unsupported,
    NotFound,
    /// No site has this id.
    UnknownSite,
    /// The preview link has expired or never existed.
    LinkExpired,
    /// Too many open streams.
    TooMany,
    /// Too many requests; the value is the number of seconds to wait.
    TooManyRequests(u64),
    /// Temporarily unavailable.
    Unavailable,
    /// An internal error, which is logged.
    Internal,
}

impl From<AppError> for WidgetError {
    fn from(error: AppError) -> Self {
        let kind = error.kind().of_reader();
        error_status::log(kind, &error);
        match error {
            AppError::Unauthenticated => Self::Unauthenticated,
            AppError::NotFound => Self::NotFound,
            AppError::ValidationError(invalid) => Self::Invalid(invalid.to_string()),
            _ if matches!(kind, ErrorKind::Unavailable | ErrorKind::NotWritable) => {
                Self::Unavailable
            }
            _ => Self::Internal,
        }
    }
}

impl WidgetError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::OtherReader => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::UndoUnavailable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotFound | Self::UnknownSite | Self::LinkExpired => StatusCode::NOT_FOUND,
            Self::TooMany | Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn message(&self) -> &str {
        match self {
            Self::Unauthenticated => "the session is over",
            Self::Forbidden(reason) => reason,
            Self::OtherReader => "this page belongs to another reader",
            Self::Invalid(reason) => reason,
            Self::UndoUnavailable => "this can no longer be undone",
            Self::TooLarge => "a body has at most 64 kB, and a form at most 500 fields",
            Self::Unsupported => "send application/json",
            Self::NotFound => "not found",
            Self::UnknownSite => UNKNOWN_SITE,
            Self::LinkExpired => PREVIEW_LINK_EXPIRED,
            Self::TooMany => "too many open streams",
            Self::TooManyRequests(_) => {
                "too many requests; try again after the time in Retry-After"
            }
            Self::Unavailable => "not available for the moment",
            Self::Internal => "something went wrong",
        }
    }

    /// The error as a document for the iframe. With a site it may be framed there, so that its
    /// script can request a new token from the page.
    pub(super) async fn into_document(self, site: Option<&Site>, lang: UiLanguage) -> Response {
        let view = view::error_page(site, lang, self.message_for_reader(lang));
        self.with_retry(security_headers::document(site, self.status(), view).await)
    }

    /// Adds `Retry-After` if the wait is known.
    fn with_retry(&self, mut response: Response) -> Response {
        let seconds = match self {
            Self::TooManyRequests(seconds) => (*seconds).max(1),
            Self::TooMany | Self::Unavailable => 5,
            _ => return response,
        };
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        response
    }

    fn message_for_reader(&self, lang: UiLanguage) -> &'static str {
        match self {
            Self::Unauthenticated | Self::OtherReader => phrases::SIGNED_OUT.t(lang),
            // Addressed to the developer of the page: readers see it only while the integration is
            // incomplete.
            Self::Forbidden(reason) => reason,
            Self::LinkExpired => PREVIEW_LINK_EXPIRED,
            Self::UnknownSite => UNKNOWN_SITE,
            _ => phrases::UNAVAILABLE.t(lang),
        }
    }
}

impl IntoResponse for WidgetError {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = Json(json!({ "status": status.as_u16(), "message": self.message() }));
        self.with_retry((status, security_headers::private_headers(), body).into_response())
    }
}
