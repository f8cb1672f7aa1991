//! Middleware around every page: CSRF protection by origin, security headers, and error pages. Used
//! by the router in `console.rs`.

use super::{
    Console, SESSION_COOKIE,
    error::ConsoleError,
    request_context::{RequestContext, redirect},
    view::{cross_site_page, error_page},
};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use belfry_web::{
    cookies,
    origin::{RequestSource, request_source},
};
use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};
use tower_sessions::Session;

/// The client's IP address, if the server recorded it.
pub(super) struct Peer(pub(super) Option<IpAddr>);

impl<State: Sync> FromRequestParts<State> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &State) -> Result<Self, Infallible> {
        Ok(Self(
            parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip()),
        ))
    }
}

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: https:; form-action 'self'; frame-src 'self'; \
    connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(super) async fn guard(
    State(console): State<Console>,
    request: Request,
    next: Next,
) -> Response {
    let (headers, session) =
        (request.headers().clone(), request.extensions().get::<Session>().cloned());
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    if let Some(session) =
        session.as_ref().filter(|_| *request.method() == Method::GET && is_cross_site(&headers))
    {
        return add_security_headers(
            match RequestContext::load(&console, session, &headers, false).await {
                Ok(context) => cross_site_page(&context),
                Err(error) => error.into_response(),
            },
        );
    }
    let response = if safe {
        next.run(request).await
    } else if request_source(&headers, &console.public_url) == RequestSource::SameOrigin {
        let broken = || ConsoleError::Internal(StatusCode::INTERNAL_SERVER_ERROR).into_response();
        console.app.run_detached(next.run(request)).await.unwrap_or_else(broken)
    } else {
        ConsoleError::InvalidCsrfToken.into_response()
    };
    add_security_headers(render_error(&console, session, &headers, response).await)
}

/// Whether the request follows a link on another site. Browsers hold the `SameSite=Strict` session
/// cookie back then, so the page would treat a signed-in person as a stranger, and its new session
/// would replace theirs.
fn is_cross_site(headers: &HeaderMap) -> bool {
    let is = |name: &str, word: &str| {
        headers.get(name).is_some_and(|value| value.as_bytes() == word.as_bytes())
    };
    is("sec-fetch-site", "cross-site")
        && is("sec-fetch-mode", "navigate")
        && cookies::value(headers, SESSION_COOKIE).is_none()
}

/// Renders the page of an error.
async fn render_error(
    console: &Console,
    session: Option<Session>,
    headers: &HeaderMap,
    response: Response,
) -> Response {
    let Some(error) = response.extensions().get::<ConsoleError>().cloned() else { return response };
    if matches!(error, ConsoleError::SignIn) {
        let first = console.app.needs_set_up().await.unwrap_or(false);
        return redirect(if first { "/console/setup" } else { "/console/sign-in" });
    }
    let Some(session) = session else { return response };
    let Ok(context) = RequestContext::load(console, &session, headers, false).await else {
        return response;
    };
    let mut page = error_page(&context, &error);
    if let ConsoleError::TooMany(seconds) = error {
        page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    page
}

fn add_security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    // The copy of a customer's page sets its own, narrower policy.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // With `no-referrer` browsers send `Origin: null` with our own forms.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}
