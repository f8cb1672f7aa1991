//! Middleware for every request of every HTTP surface.

use super::{error_response::error_response, log_throttle::LogThrottle, unread_body};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use belfry_domain::{Origin, Rng};
use belfry_store::RequestCancellation;
use belfry_web::{
    address::{AddressProblem, check},
    encoding::AcceptedEncodings,
};
use std::{any::Any, borrow::Cow, sync::Arc, time::Duration};
use tokio::time::Instant;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Assigns a request id and writes the request log. It contains no query, headers or body, since
/// those may contain secrets. What is left of the body is read here, because a layer of its own
/// would cost each request a few thousand instructions.
pub(super) async fn request_log(
    State(rng): State<Arc<dyn Rng>>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let id = request_id(request.headers(), &*rng);
    let method = request.method().clone();
    let path = escape_path(&redact_path(request.uri().path())).into_owned();
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let mut response = unread_body::finish(request, next).await;
    let status = response.status().as_u16();
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%method, %path, status, ms, request_id = id.to_str().unwrap_or_default(), "request");
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// The id set by a proxy, so that both logs can be correlated; otherwise a new one.
fn request_id(headers: &HeaderMap, rng: &dyn Rng) -> HeaderValue {
    let plain = |value: &&HeaderValue| {
        (8..=64).contains(&value.len())
            && value
                .as_bytes()
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    headers.get(REQUEST_ID).filter(plain).cloned().unwrap_or_else(|| {
        let mut bytes = [0; 12];
        rng.fill(&mut bytes);
        HeaderValue::try_from(hex::encode(bytes))
            .unwrap_or_else(|_| HeaderValue::from_static("none"))
    })
}

/// The path without session names, contact tokens and attachment keys, since each grants access.
fn redact_path(path: &str) -> Cow<'_, str> {
    let secret = if path.starts_with("/attachments/") {
        2
    } else if path.starts_with("/public/api/v1/inboxes/")
        && path.split('/').nth(6) == Some("contacts")
    {
        7
    } else if path.starts_with("/api/bot/") {
        5
    } else {
        return Cow::Borrowed(path);
    };
    path.split('/')
        .enumerate()
        .map(|(index, part)| if index == secret { "***" } else { part })
        .collect::<Vec<_>>()
        .join("/")
        .into()
}

/// Bounds a path for the log and removes characters that a terminal could interpret.
fn escape_path(path: &str) -> Cow<'_, str> {
    const LONGEST: usize = 200;
    if path.len() <= LONGEST && path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Cow::Borrowed(path);
    }
    path.chars()
        .take(LONGEST)
        .map(|character| if character.is_ascii_graphic() { character } else { '?' })
        .collect()
}

/// The public origin, and the throttle of the log message about other addresses.
#[derive(Clone)]
pub(super) struct PublicAddressCheck(Arc<(Origin, LogThrottle)>);

impl PublicAddressCheck {
    pub(super) fn new(public_url: Origin) -> Self {
        Self(Arc::new((public_url, LogThrottle::default())))
    }
}

/// Logs when browsers use an address at which the console and the widget can't work.
pub(super) async fn check_address(
    State(addressed): State<PublicAddressCheck>,
    request: Request,
    next: Next,
) -> Response {
    let (public_url, throttled) = &*addressed.0;
    let path = request.uri().path();
    if (path.starts_with("/console") || path.starts_with("/scripts/"))
        && let Some(AddressProblem::OtherHost(asked)) = check(request.headers(), public_url)
    {
        throttled.log(|times| {
            tracing::warn!(
                times,
                "a browser used {asked}, but the public URL is {public_url}: sign-in and the widget work only at the public URL; \
                 set --public-url to an https URL that browsers can reach"
            );
        });
    }
    next.run(request).await
}

/// Rejects a client that accepts no encoding at all, and normalizes `Accept-Encoding` for the
/// compression layer below.
pub(super) async fn negotiate_encoding(mut request: Request, next: Next) -> Response {
    let lines = request.headers().get_all(header::ACCEPT_ENCODING);
    // Browsers send a plain list, which every library parses the same way.
    let plain =
        |line: &HeaderValue| !line.as_bytes().iter().any(|byte| matches!(byte, b';' | b'*'));
    if lines.iter().all(plain) {
        return next.run(request).await;
    }
    let accepted = AcceptedEncodings::parse(request.headers());
    if accepted.smallest().is_none() {
        return error_response(
            StatusCode::NOT_ACCEPTABLE,
            "not acceptable: Accept-Encoding must allow br, gzip or identity, or be omitted",
        );
    }
    match accepted.simplest_header() {
        Some(line) => drop(request.headers_mut().insert(header::ACCEPT_ENCODING, line)),
        None => drop(request.headers_mut().remove(header::ACCEPT_ENCODING)),
    }
    next.run(request).await
}

/// Default security headers, unless the surface sets them: framing, content type sniffing,
/// referrer.
pub(super) async fn set_security_headers(
    State(secure): State<bool>,
    mut response: Response,
) -> Response {
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "no-referrer");
    if secure {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

/// Responds when a handler exceeds its time. The response says whether the write was cancelled or
/// may still be committed.
pub(super) async fn request_timeout(
    State(longest): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    let refused = |text| error_response(StatusCode::SERVICE_UNAVAILABLE, text);
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return tokio::time::timeout(longest, next.run(request))
            .await
            .unwrap_or_else(|_| refused("the request timed out; try again"));
    }
    let call = RequestCancellation::default();
    tokio::time::timeout(longest, call.scope(next.run(request))).await.unwrap_or_else(|_| {
        refused(if call.cancel() {
            "the request timed out and was not executed; try again"
        } else {
            "the request timed out and may have been executed; check before you try again"
        })
    })
}

/// Responds when a handler panicked; the panic hook has logged the panic.
pub(super) fn panic_response(_panic: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request handler panicked");
    error_response(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal server error; see the server log for details",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        Router,
        body::{Body, to_bytes},
        middleware::from_fn_with_state,
        routing::{any, get},
    };
    use belfry_domain::SystemRng;
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    #[test]
    fn logged_paths_are_redacted() {
        for (path, logged) in [
            (
                "/public/api/v1/inboxes/abc/contacts/0b0e8d0e-1/conversations/1",
                "/public/api/v1/inboxes/abc/contacts/***/conversations/1",
            ),
            ("/public/api/v1/inboxes/abc/contacts", "/public/api/v1/inboxes/abc/contacts"),
            ("/api/bot/0b8f6a3e-6a51/user/bfc_1", "/api/bot/0b8f6a3e-6a51/user/***"),
            ("/api/bot/0b8f6a3e-6a51/upload/k3y", "/api/bot/0b8f6a3e-6a51/upload/***"),
            ("/api/bot/0b8f6a3e-6a51/leave-message", "/api/bot/0b8f6a3e-6a51/leave-message"),
            ("/attachments/k3y/photo.png", "/attachments/***/photo.png"),
            ("/api/v1/accounts/1/contacts/7", "/api/v1/accounts/1/contacts/7"),
        ] {
            assert_eq!(redact_path(path), logged);
        }
    }

    #[test]
    fn valid_request_id_is_kept_and_invalid_replaced() {
        let with = |value: &'static str| {
            HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static(value))])
        };
        assert_eq!(request_id(&with("0af7651916cd43dd"), &SystemRng), "0af7651916cd43dd");
        for odd in ["short", "has space in it", "semi;colon;here", ""] {
            let id = request_id(&with(odd), &SystemRng);
            assert!(id != odd && id.len() == 24, "{odd}");
        }
    }

    #[test]
    fn logged_path_is_bounded_and_printable() {
        assert_eq!(escape_path("/v1/messages"), "/v1/messages");
        assert_eq!(escape_path("/\u{1b}[31m\u{7f}ä"), "/?[31m??");
        assert_eq!(escape_path(&"/a".repeat(400)).len(), 200);
    }

    #[tokio::test]
    async fn panicking_or_hanging_handler_gets_a_response() {
        async fn fall() -> StatusCode {
            panic!("a defect")
        }
        let router = Router::new()
            .route("/falls", get(fall))
            .route("/sleeps", any(std::future::pending::<StatusCode>))
            .layer(from_fn_with_state(Duration::from_millis(20), request_timeout))
            .layer(CatchPanicLayer::custom(panic_response));
        let said = async |method: Method| {
            let request =
                Request::builder().method(method).uri("/sleeps").body(Body::empty()).unwrap();
            let body = to_bytes(router.clone().oneshot(request).await.unwrap().into_body(), 1_000)
                .await
                .unwrap();
            serde_json::from_slice::<serde_json::Value>(&body).unwrap()["message"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(said(Method::GET).await, "the request timed out; try again");
        assert_eq!(
            said(Method::POST).await,
            "the request timed out and was not executed; try again"
        );
        for (path, status) in [("/falls", 500), ("/sleeps", 503)] {
            let answer = router
                .clone()
                .oneshot(Request::get(path).body(Body::empty()).unwrap())
                .await
                .unwrap();
            assert_eq!(answer.status(), status);
            let body = to_bytes(answer.into_body(), 1_000).await.unwrap();
            assert_eq!(
                serde_json::from_slice::<serde_json::Value>(&body).unwrap()["status"],
                status
            );
        }
    }
}
