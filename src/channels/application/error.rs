//! Error responses in the shapes that clients of this API expect. Internal causes are logged and
//! never sent.

use super::limits;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use belfry_app::{channel::ChannelError, rate_limit::RateLimitStatus};
use belfry_domain::{ErrorKind, ValidationError, channel::Rejection};
use belfry_store::StoreError;
use belfry_web::error_status;
use serde_json::{Value, json};
use std::borrow::Cow;

/// An error response.
#[derive(Debug)]
pub(super) struct ApplicationError {
    status: StatusCode,
    body: Body,
    retry_after: Option<u64>,
    rate_limit: Option<Box<RateLimitStatus>>,
}

#[derive(Debug)]
enum Body {
    /// `{"error":"…"}`
    Error(Cow<'static, str>),
    /// `{"errors":["…"]}`
    Errors(&'static str),
    /// `{"message":"…","attributes":["…"]}`
    Model { message: String, attribute: String },
}

impl ApplicationError {
    fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, body: Body::Error(message.into()), retry_after: None, rate_limit: None }
    }

    pub(super) fn unprocessable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    /// The same error with a `Retry-After` header.
    fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// Adds the rate limit headers.
    pub(super) fn with_rate_limit(self, rate_limit: RateLimitStatus) -> Self {
        Self { rate_limit: Some(Box::new(rate_limit)), ..self }
    }

    /// 401 for a request without a token.
    pub(super) fn no_token() -> Self {
        let body = Body::Errors("You need to sign in or sign up before continuing.");
        Self { body, ..Self::new(StatusCode::UNAUTHORIZED, "") }
    }

    /// 401 for an unknown token.
    pub(super) fn unknown_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Invalid Access Token")
    }

    /// 401; the same response for another site's account and for an unknown one.
    pub(super) fn other_account() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "You are not authorized to access this account")
    }

    /// 401 for callers who are not administrators, or not members of the inbox.
    pub(super) fn not_allowed() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "You are not authorized to do this action")
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Resource could not be found")
    }

    /// 405; the router adds `Allow`.
    pub(super) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed; see the Allow header")
    }

    /// 422 for a missing parameter.
    pub(super) fn missing(parameter: &str) -> Self {
        Self::unprocessable(format!("param is missing or the value is empty: {parameter}"))
    }

    /// 422 for an empty search text.
    pub(super) fn no_search_text() -> Self {
        Self::unprocessable("Specify search string with parameter q")
    }

    /// 400 for a body that can't be parsed.
    pub(super) fn malformed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 413 Content Too Large.
    pub(super) fn too_large(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    /// 415 Unsupported Media Type.
    pub(super) fn unsupported(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
    }

    /// 429 Too Many Requests.
    pub(super) fn too_many(seconds: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Retry later").retry_after(seconds.max(1))
    }

    /// 503 when the server has no capacity at the moment.
    pub(super) fn busy(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message).retry_after(2)
    }

    /// The same error in the shape that message creation uses for every error: `{"error":"…"}`.
    pub(super) fn into_message_error(self) -> Self {
        match self.body {
            Body::Model { message, .. } => Self { body: Body::Error(message.into()), ..self },
            _ => self,
        }
    }

    fn to_json(&self) -> Value {
        match &self.body {
            Body::Error(message) => json!({ "error": message }),
            Body::Errors(message) => json!({ "errors": [message] }),
            Body::Model { message, attribute } if attribute.is_empty() => {
                json!({ "message": message, "attributes": [] })
            }
            Body::Model { message, attribute } => {
                json!({ "message": message, "attributes": [attribute] })
            }
        }
    }
}

impl From<ValidationError> for ApplicationError {
    /// Builds `Phone number should be in e164 format`, with the attribute beside it.
    fn from(ValidationError { field, reason }: ValidationError) -> Self {
        let mut title = field.replace(['_', '.'], " ");
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let message =
            if title.is_empty() { reason.to_string() } else { format!("{title} {reason}") };
        Self { body: Body::Model { message, attribute: field }, ..Self::unprocessable("") }
    }
}

impl From<Rejection> for ApplicationError {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::NotFound(_) => Self::not_found(),
            Rejection::Forbidden => Self::not_allowed(),
            Rejection::Taken(attribute) => {
                let body =
                    Body::Model { message: rejection.to_string(), attribute: attribute.to_owned() };
                Self { body, ..Self::unprocessable("") }
            }
            Rejection::SourceIdTaken | Rejection::TooManyMessages => {
                Self::unprocessable(rejection.to_string())
            }
            Rejection::Invalid(invalid) => invalid.into(),
        }
    }
}

impl From<ChannelError> for ApplicationError {
    fn from(error: ChannelError) -> Self {
        match error {
            ChannelError::Rejected(rejection) => rejection.into(),
            ChannelError::Unauthenticated => Self::unknown_token(),
            ChannelError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for ApplicationError {
    fn from(error: StoreError) -> Self {
        let kind = error.kind();
        match error {
            StoreError::Limit(invalid) => return invalid.into(),
            StoreError::Changed => return Self::unprocessable("It was changed meanwhile"),
            _ => error_status::log(kind, &error),
        }
        let message = match kind {
            // Clients of this API know no 409.
            ErrorKind::Conflict => {
                return Self::unprocessable("One of these values has already been taken");
            }
            ErrorKind::Unavailable => "The database is busy; try again shortly",
            ErrorKind::TimedOut => {
                "This takes too long at the moment; try again later, or ask for less"
            }
            ErrorKind::NotWritable => {
                "Nothing can be stored at the moment; what is stored can still be read"
            }
            _ => "Something went wrong on our side; the log of the server has the details",
        };
        Self { retry_after: kind.retry_after(), ..Self::new(error_status::status(kind), message) }
    }
}

impl IntoResponse for ApplicationError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.to_json())).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(rate_limit) = self.rate_limit {
            limits::write(*rate_limit, headers);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_locales::phrases::errors;
    use belfry_store::Conflict;

    fn of(error: impl Into<ApplicationError>) -> (u16, Value) {
        let error = error.into();
        (error.status.as_u16(), error.to_json())
    }

    #[test]
    fn errors_have_the_shapes_of_the_contract() {
        let message = "You need to sign in or sign up before continuing.";
        assert_eq!(of(ApplicationError::no_token()), (401, json!({"errors": [message]})));
        assert_eq!(
            of(ApplicationError::unknown_token()),
            (401, json!({"error": "Invalid Access Token"}))
        );
        assert_eq!(
            of(ApplicationError::other_account()),
            (401, json!({"error": "You are not authorized to access this account"}))
        );
        assert_eq!(
            of(Rejection::Forbidden),
            (401, json!({"error": "You are not authorized to do this action"}))
        );
        assert_eq!(
            of(Rejection::NotFound("inbox")),
            (404, json!({"error": "Resource could not be found"}))
        );
        assert_eq!(
            of(ApplicationError::missing("url")),
            (422, json!({"error": "param is missing or the value is empty: url"}))
        );
        assert_eq!(
            of(Rejection::Taken("email")),
            (422, json!({"message": "Email has already been taken", "attributes": ["email"]}))
        );
        assert_eq!(
            of(Rejection::SourceIdTaken),
            (422, json!({"error": "source_id should be unique"}))
        );
        assert_eq!(of(Rejection::TooManyMessages), (422, json!({"error": "Too many messages"})));
        let invalid = || ValidationError::new("phone_number", errors::verbatim("is wrong"));
        assert_eq!(
            of(invalid()),
            (422, json!({"message": "Phone number is wrong", "attributes": ["phone_number"]}))
        );
        assert_eq!(
            of(ApplicationError::from(invalid()).into_message_error()),
            (422, json!({"error": "Phone number is wrong"}))
        );
        assert_eq!(
            of(ValidationError::new("", errors::verbatim("a site has at most 100 inboxes"))).1,
            json!({"message": "a site has at most 100 inboxes", "attributes": []})
        );
    }

    #[test]
    fn full_upload_memory_is_503_with_retry_after() {
        let refused = ApplicationError::from(crate::params::ParamsError::Busy);
        assert_eq!(
            refused.to_json(),
            json!({"error": "too many files are on their way at the moment; try again shortly"})
        );
        let response = refused.into_response();
        assert_eq!(
            (response.status().as_u16(), &response.headers()[header::RETRY_AFTER]),
            (503, &HeaderValue::from_static("2"))
        );
    }

    #[test]
    fn store_errors_do_not_disclose_details() {
        let secret = || "table message, /var/lib/belfry.db".to_owned();
        for (error, status) in [
            (Conflict::Constraint(secret()).into(), 422),
            (StoreError::Unavailable(secret()), 503),
            (StoreError::TooLong("table message, /var/lib/belfry.db"), 503),
            (StoreError::NotWritable(secret()), 507),
            (StoreError::Inconsistent(secret()), 500),
            (StoreError::Newer { found: 9, supported: 1 }, 500),
        ] {
            let (found, shape) = of(error);
            assert_eq!(found, status, "{shape}");
            assert!(!shape.to_string().contains("belfry.db"), "{shape}");
        }
    }
}
