//! HTTP requests to Belfry, each with proof of the session. When the session has expired, one new
//! token is requested for all requests in flight, and each of them is sent once more.

use super::{dom, session_renewal};
use js_sys::{Object, Reflect};
use std::cell::RefCell;
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

/// The session's bearer secret, kept in memory for browsers that refuse the cookie.
struct Bearer {
    secret: Option<String>,
    needed: bool,
}

thread_local! {
    static BEARER: RefCell<Bearer> = RefCell::new(Bearer { secret: dom::take_attribute("bearer"), needed: false });
}

/// Whether this browser rejects our cookie.
pub(super) fn without_cookie() -> bool {
    BEARER.with_borrow(|bearer| bearer.needed)
}

/// Whether the document came without a bearer, because the browser had already sent a cookie of
/// ours.
pub(super) fn is_cookie_proven() -> bool {
    BEARER.with_borrow(|bearer| bearer.secret.is_none())
}

pub(super) fn set_bearer(secret: String) {
    if !secret.is_empty() {
        BEARER.with_borrow_mut(|bearer| bearer.secret = Some(secret));
    }
}

/// `GET`s a path below the widget and returns its JSON.
pub(super) async fn get(path: &str) -> Result<JsValue, Failure> {
    send("GET", path, None).await
}

/// `POST`s JSON to a path below the widget and returns its JSON.
pub(super) async fn post(path: &str, body: &str) -> Result<JsValue, Failure> {
    send("POST", path, Some(body)).await
}

async fn send(method: &str, path: &str, body: Option<&str>) -> Result<JsValue, Failure> {
    let answer = send_once(method, path, body).await;
    if answer != Err(Failure::Refused(401)) {
        return reload_for_other_reader(answer);
    }
    // The cookie may have been refused rather than expired; then the bearer proves the session.
    if use_bearer() {
        let answer = send_once(method, path, body).await;
        if answer != Err(Failure::Refused(401)) {
            return reload_for_other_reader(answer);
        }
    }
    session_renewal::renew().await?;
    reload_for_other_reader(send_once(method, path, body).await)
}

/// Exchanges a new token for a session. Not retried, because it is itself the retry.
pub(super) async fn exchange_token(token: &str) -> Result<JsValue, Failure> {
    let body = js_sys::JSON::stringify(&token.into()).map(String::from).unwrap_or_default();
    let answer = send_once("POST", "/session", Some(&["{\"token\":", &body, "}"].concat())).await;
    reload_for_other_reader(answer)
}

/// The session belongs to another reader now, so the document must be reloaded before it shows
/// anything else.
fn reload_for_other_reader(answer: Result<JsValue, Failure>) -> Result<JsValue, Failure> {
    if answer == Err(Failure::Refused(409)) {
        if let Some(body) = dom::document().and_then(|document| document.body()) {
            body.set_hidden(true);
        }
        dom::post_to_host("embed", &[]);
    }
    answer
}

fn use_bearer() -> bool {
    BEARER.with_borrow_mut(|bearer| {
        let turned = !bearer.needed && bearer.secret.is_some();
        bearer.needed = bearer.needed || turned;
        turned
    })
}

async fn send_once(method: &str, path: &str, body: Option<&str>) -> Result<JsValue, Failure> {
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
    BEARER.with_borrow(|bearer| {
        if let Some(secret) = bearer.secret.as_ref().filter(|_| bearer.needed) {
            let _ = head("authorization", &["Bearer ", secret].concat());
        }
    });
    if let Some(body) = body {
        let _ = head("content-type", "application/json");
        init.set_body(&body.into());
        // Following a link leaves the page; `keepalive` lets the request finish.
        let _ = Reflect::set(&init, &"keepalive".into(), &true.into());
    }
    init.set_headers(&headers);
    init
}

fn value(answer: &JsValue, name: &str) -> JsValue {
    Reflect::get(answer, &name.into()).unwrap_or_default()
}

/// A string of a response; empty if absent.
pub(super) fn string(answer: &JsValue, name: &str) -> String {
    value(answer, name).as_string().unwrap_or_default()
}

/// An integer of a response as text; empty if absent.
pub(super) fn integer_text(answer: &JsValue, name: &str) -> String {
    // Positions and versions are integers below 2^53.
    value(answer, name)
        .as_f64()
        .map(|number| String::from(js_sys::Number::from(number).to_js_string()))
        .unwrap_or_default()
}

/// A boolean of a response; false if absent.
pub(super) fn flag(answer: &JsValue, name: &str) -> bool {
    value(answer, name).is_truthy()
}

/// An integer of a response; 0 if absent.
#[expect(clippy::cast_possible_truncation, reason = "versions stay below 2^53")]
pub(super) fn number(answer: &JsValue, name: &str) -> i64 {
    value(answer, name).as_f64().unwrap_or_default() as i64
}

/// The version of a response or event.
pub(super) fn version(answer: &JsValue) -> i64 {
    number(answer, "version")
}

/// The counts of a response: version, unread, unseen.
#[expect(clippy::cast_possible_truncation, reason = "counts stay below 101")]
pub(super) fn counts(answer: &JsValue) -> Option<(i64, i32, i32)> {
    let number = |name| value(answer, name).as_f64().map(|number| number as i32);
    Some((version(answer), number("unread")?, number("unseen")?))
}
