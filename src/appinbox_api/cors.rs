//! CORS: pages of the site's own origins may call this API, without cookies.
//!
//! A preflight and a rejected token don't identify the site, so for those the origin of any site is
//! accepted: the page learns only that it may send the request, or that it was rejected.
//!
//! `tower_http::cors` is not used: its `AllowOrigin::async_predicate` decides by the request alone and
//! before the handler, while the site is known only once the token was exchanged, which is done once
//! and by [`super::auth`]. A predicate would have to look the token up a second time.

use super::{ApiState, auth::TOKEN_HEADER};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use belfry_domain::Origin;

/// The `Origin` of a request. `None` if it is absent, `null` or malformed.
pub(super) fn origin(headers: &HeaderMap) -> Option<Origin> {
    let text = headers.get(header::ORIGIN)?.to_str().ok()?;
    text.parse().ok().filter(|origin: &Origin| origin.as_str() == text)
}

/// The response to a preflight.
pub(super) async fn preflight(state: &ApiState, origin: Option<&Origin>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(origin) = allowed_by_any_site(state, origin).await {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("ES-TOKEN, Content-Type"),
        );
        // Ten minutes, so that browsers forget a removed origin soon.
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        allow(&mut response, Some(origin));
    } else {
        allow(&mut response, None);
    }
    response
}

/// Returns the origin if any site allows it.
pub(super) async fn allowed_by_any_site<'a>(
    state: &ApiState,
    origin: Option<&'a Origin>,
) -> Option<&'a Origin> {
    let is_known = state.app.is_origin_of_a_site(origin?).await;
    origin.filter(|_| is_known.unwrap_or(false))
}

/// Allows pages of this origin to read the response. `Vary` keeps caches from reusing it for
/// another origin.
pub(super) fn allow(response: &mut Response, origin: Option<&Origin>) {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(value) = origin.and_then(|origin| HeaderValue::from_str(origin.as_str()).ok()) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
        headers
            .insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(TOKEN_HEADER));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_is_accepted_only_in_canonical_form() {
        let read = |text: &str| {
            origin(&HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_str(text).unwrap())]))
        };
        assert!(read("https://shop.example").is_some());
        for odd in [
            "null",
            "*",
            "",
            "https://shop.example/",
            "HTTPS://shop.example",
            "https://shop.example:443",
            "https://*.example",
            "shop.example",
        ] {
            assert!(read(odd).is_none(), "{odd}");
        }
    }
}
