//! Which pages a browser lets call this door (CORS): those of the site's origins, one by one, never with cookies.
//!
//! A preflight and a refused token do not tell the site, so there the origin of any site will do: the page learns no more
//! than that it may ask, or that it was refused.

use super::{Door, access::TOKEN};
use crate::domain::Origin;
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// The origin that a browser says the request is from. `None` where it says none, `null`, or something that is none.
pub(super) fn origin(headers: &HeaderMap) -> Option<Origin> {
    let text = headers.get(header::ORIGIN)?.to_str().ok()?;
    text.parse().ok().filter(|origin: &Origin| origin.as_str() == text)
}

/// The answer to a preflight.
pub(super) async fn preflight(door: &Door, origin: Option<&Origin>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(origin) = of_any_site(door, origin).await {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("ES-TOKEN, Content-Type"));
        // Ten minutes: an origin that a site gives up is not remembered for long.
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        allow(&mut response, Some(origin));
    } else {
        allow(&mut response, None);
    }
    response
}

/// The origin, when any site is shown on its pages.
pub(super) async fn of_any_site<'a>(door: &Door, origin: Option<&'a Origin>) -> Option<&'a Origin> {
    let known = door.inbox.is_origin_of_a_site(origin?).await;
    origin.filter(|_| known.is_ok_and(|known| known))
}

/// Lets pages of this origin read the answer. What is kept of an answer would be another's for another origin.
pub(super) fn allow(response: &mut Response, origin: Option<&Origin>) {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(value) = origin.and_then(|origin| HeaderValue::from_str(origin.as_str()).ok()) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(TOKEN));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_counts_only_as_browsers_write_it() {
        let read = |text: &str| origin(&HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_str(text).unwrap())]));
        assert!(read("https://shop.example").is_some());
        for odd in ["null", "*", "", "https://shop.example/", "HTTPS://shop.example", "https://shop.example:443", "https://*.example", "shop.example"]
        {
            assert!(read(odd).is_none(), "{odd}");
        }
    }
}
