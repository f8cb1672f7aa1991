//! HTTP requests to Belfry, each sent once: the only module that sends any. Must not depend on any
//! part. Called by [`super::session`], which renews the session and repeats requests.

use super::{dom, state::state};
use js_sys::{Object, Reflect};
use std::cell::RefMut;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit, Response};

/// Request timeout in milliseconds. After it the connection is taken to be dead.
const REQUEST_TIMEOUT_MS: i32 = 20_000;

/// Why a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// Belfry could not be reached.
    Unreachable,
    /// Belfry refused the request with this status.
    Refused(u16),
}

/// Whether this browser rejects our cookie.
pub(super) fn without_cookie() -> bool {
    state().bearer.is_needed.get()
}

/// Whether the document came without a bearer, because the browser had already sent a cookie of
/// ours.
pub(super) fn is_cookie_proven() -> bool {
    secret().is_none()
}

/// Replaces the bearer, unless the new one is empty.
pub(super) fn set_bearer(secret: String) {
    if !secret.is_empty() {
        *self::secret() = Some(secret);
    }
}

/// Sends the bearer from now on. Returns whether that is a change.
pub(super) fn use_bearer() -> bool {
    secret().is_some() && !state().bearer.is_needed.replace(true)
}

fn secret() -> RefMut<'static, Option<String>> {
    state().bearer.secret.borrow_mut()
}

/// Sends a request to a path below the widget and returns its JSON.
pub(super) async fn send(method: &str, path: &str, body: Option<&str>) -> Result<JsValue, Failure> {
    let window = dom::window().ok_or(Failure::Unreachable)?;
    let address = [dom::attribute("base").unwrap_or_default().as_str(), path].concat();
    let response = JsFuture::from(window.fetch_with_str_and_init(&address, &request(method, body)));
    let response: Response = response.await.map_err(|_| Failure::Unreachable)?.unchecked_into();
    if !response.ok() {
        return Err(Failure::Refused(response.status()));
    }
    JsFuture::from(response.json().map_err(|_| Failure::Unreachable)?)
        .await
        .map_err(|_| Failure::Unreachable)
}

fn request(method: &str, body: Option<&str>) -> RequestInit {
    let init = RequestInit::new();
    init.set_method(method);
    if let Ok(deadline) = AbortController::new() {
        init.set_signal(Some(&deadline.signal()));
        dom::set_timeout(REQUEST_TIMEOUT_MS, move || deadline.abort());
    }
    let headers = Object::new();
    let head = |name: &str, value: &str| Reflect::set(&headers, &name.into(), &value.into());
    let _ = head("x-belfry-reader", &dom::attribute("reader").unwrap_or_default());
    if without_cookie()
        && let Some(secret) = secret().as_ref()
    {
        let _ = head("authorization", &["Bearer ", secret].concat());
    }
    if let Some(body) = body {
        let _ = head("content-type", "application/json");
        init.set_body(&body.into());
        // Following a link leaves the page; `keepalive` lets the request finish.
        let _ = Reflect::set(&init, &"keepalive".into(), &true.into());
    }
    init.set_headers(&headers);
    init
}
