//! What a reader's browser is told when something can't be done.

use super::{policy, view};
use crate::{content::catalogue::Texts, domain::Site, inbox::InboxError, store::StoreError};
use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// For whoever designs a theme; no reader comes here.
const LINK_OVER: &str =
    "This link shows nothing any more: it is older than a week, or the version was deleted. Make a new one with `belfry theme preview`.";

/// For whoever copies the snippet; no reader comes here either.
const UNKNOWN_SITE: &str = "There is no site with this id. The console shows each site's snippet, and `belfry site list` their ids.";

/// Why the widget's door said no.
#[derive(Debug)]
pub(super) enum WidgetError {
    /// The proof is missing, expired or revoked: ask the site's page for a new token.
    Unauthenticated,
    /// The request did not come from where it must come from.
    Forbidden(&'static str),
    /// The document was rendered for another reader than the session is for: load it again.
    OtherReader,
    /// Something in the request.
    Invalid(String),
    /// What should be undone was done again since, or was undone before.
    TooLate,
    /// A body with more bytes, or a form with more fields, than are read.
    TooLarge,
    /// A body in a form that is not read here.
    Unsupported,
    /// Not there.
    NotFound,
    /// No site has this id.
    UnknownSite,
    /// The link to a theme is over, or never was one.
    LinkOver,
    /// Too many open streams.
    TooMany,
    /// Too many requests: how many seconds to wait.
    TooManyRequests(u64),
    /// For now.
    Unavailable,
    /// A defect, logged.
    Internal,
}

impl From<InboxError> for WidgetError {
    fn from(error: InboxError) -> Self {
        match error {
            InboxError::Unauthenticated => Self::Unauthenticated,
            InboxError::NotFound => Self::NotFound,
            InboxError::Invalid(invalid) => Self::Invalid(invalid.to_string()),
            InboxError::Store(error @ (StoreError::Unavailable(_) | StoreError::NotWritable(_))) => {
                tracing::error!(error = %error, "the store refused a reader's request");
                Self::Unavailable
            }
            // The rest is said by rules that no reader comes near.
            InboxError::Store(_)
            | InboxError::KeyReused
            | InboxError::NotScheduled
            | InboxError::NoDraft
            | InboxError::ThemeInForce
            | InboxError::ThemeIsDraft
            | InboxError::ThemeRefused(_)
            | InboxError::Changed
            | InboxError::Conflict(_)
            | InboxError::SegmentExists
            | InboxError::SegmentInUse
            | InboxError::TooManySegments
            | InboxError::TooManyFanOuts
            | InboxError::TooManyImports => {
                tracing::error!(error = %error, "a reader's request failed");
                Self::Internal
            }
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
            Self::TooLate => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotFound | Self::UnknownSite | Self::LinkOver => StatusCode::NOT_FOUND,
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
            Self::TooLate => "this can no longer be undone",
            Self::TooLarge => "a body has at most 64 kB, and a form at most 500 fields",
            Self::Unsupported => "send application/json",
            Self::NotFound => "not found",
            Self::UnknownSite => UNKNOWN_SITE,
            Self::LinkOver => LINK_OVER,
            Self::TooMany => "too many open streams",
            Self::TooManyRequests(_) => "too many requests; try again after the time in Retry-After",
            Self::Unavailable => "not available for the moment",
            Self::Internal => "something went wrong",
        }
    }

    /// The error as a document for the iframe. With a site it may be framed there, so that the script in it can ask the page for a new token.
    pub(super) async fn into_document(self, site: Option<&Site>, texts: &'static Texts) -> Response {
        let view = view::fault(site, texts, self.message_for_reader(texts));
        self.with_retry(policy::document(site, self.status(), view).await)
    }

    /// Says when it is worth trying again, where that is known.
    fn with_retry(&self, mut response: Response) -> Response {
        let seconds = match self {
            Self::TooManyRequests(seconds) => (*seconds).max(1),
            Self::TooMany | Self::Unavailable => 5,
            _ => return response,
        };
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        response
    }

    fn message_for_reader(&self, texts: &Texts) -> &'static str {
        match self {
            Self::Unauthenticated | Self::OtherReader => texts.signed_out,
            // For whoever builds the page: a reader meets it only where something is not set up yet.
            Self::Forbidden(reason) => reason,
            Self::LinkOver => LINK_OVER,
            Self::UnknownSite => UNKNOWN_SITE,
            _ => texts.unavailable,
        }
    }
}

impl IntoResponse for WidgetError {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = Json(json!({ "status": status.as_u16(), "message": self.message() }));
        self.with_retry((status, policy::private(), body).into_response())
    }
}
