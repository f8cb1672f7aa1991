//! The network: requests to Belfry, each with the proof of who reads. When the session is over, one new token is asked for
//! on behalf of all requests in flight, and each of them is sent once more.

use super::{dom, renewal};
use js_sys::{Object, Reflect};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit, Response};

/// An answer that takes longer, in milliseconds, will not come: the line is dead without anyone having said so.
const PATIENCE: i32 = 20_000;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// Belfry could not be reached.
    Unreachable,
    /// Belfry said no.
    Refused(u16),
}

/// The session's secret in memory, for browsers that refuse the cookie.
struct Bearer {
    secret: Option<String>,
    needed: bool,
}

thread_local! {
    static BEARER: RefCell<Bearer> = RefCell::new(Bearer { secret: dom::take_attribute("bearer"), needed: false });
}

/// Whether this browser refuses our cookie.
pub(super) fn without_cookie() -> bool {
    BEARER.with_borrow(|bearer| bearer.needed)
}

/// Whether the document came without a bearer, since the browser had sent a cookie of ours before it.
pub(super) fn is_cookie_proven() -> bool {
    BEARER.with_borrow(|bearer| bearer.secret.is_none())
}

/// Keeps a new bearer.
pub(super) fn keep_bearer(secret: String) {
    if !secret.is_empty() {
        BEARER.with_borrow_mut(|bearer| bearer.secret = Some(secret));
    }
}

/// `GET`s a part of the widget; gives its JSON.
pub(super) async fn get(path: &str) -> Result<JsValue, Failure> {
    send("GET", path, None).await
}

/// `POST`s JSON to a part of the widget; gives its JSON.
pub(super) async fn post(path: &str, body: &str) -> Result<JsValue, Failure> {
    send("POST", path, Some(body)).await
}

async fn send(method: &str, path: &str, body: Option<&str>) -> Result<JsValue, Failure> {
    let answer = attempt(method, path, body).await;
    if answer != Err(Failure::Refused(401)) {
        return moved_on(answer);
    }
    // The cookie may have been refused rather than outlived: the bearer tells.
    if use_bearer() {
        let answer = attempt(method, path, body).await;
        if answer != Err(Failure::Refused(401)) {
            return moved_on(answer);
        }
    }
    renewal::renew().await?;
    moved_on(attempt(method, path, body).await)
}

/// Exchanges a new token for a session; not retried, since it is the retry.
pub(super) async fn exchange(token: &str) -> Result<JsValue, Failure> {
    let body = js_sys::JSON::stringify(&token.into()).map(String::from).unwrap_or_default();
    let answer = attempt("POST", "/session", Some(&["{\"token\":", &body, "}"].concat())).await;
    moved_on(answer)
}

/// The page is another reader's now: this document must go before it shows anything else.
fn moved_on(answer: Result<JsValue, Failure>) -> Result<JsValue, Failure> {
    if answer == Err(Failure::Refused(409)) {
        if let Some(body) = dom::document().and_then(|document| document.body()) {
            body.set_hidden(true);
        }
        dom::say("embed", &[]);
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

async fn attempt(method: &str, path: &str, body: Option<&str>) -> Result<JsValue, Failure> {
    let window = dom::window().ok_or(Failure::Unreachable)?;
    let address = [dom::attribute("base").unwrap_or_default().as_str(), path].concat();
    let response = JsFuture::from(window.fetch_with_str_and_init(&address, &request(method, body)));
    let response: Response = response.await.map_err(|_| Failure::Unreachable)?.unchecked_into();
    if !response.ok() {
        return Err(Failure::Refused(response.status()));
    }
    JsFuture::from(response.json().map_err(|_| Failure::Unreachable)?).await.map_err(|_| Failure::Unreachable)
}

fn request(method: &str, body: Option<&str>) -> RequestInit {
    let init = RequestInit::new();
    init.set_method(method);
    if let Ok(deadline) = AbortController::new() {
        init.set_signal(Some(&deadline.signal()));
        dom::later(PATIENCE, move || deadline.abort());
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
        // A followed link leaves the page; what it marks must arrive all the same.
        let _ = Reflect::set(&init, &"keepalive".into(), &true.into());
    }
    init.set_headers(&headers);
    init
}

fn value(answer: &JsValue, name: &str) -> JsValue {
    Reflect::get(answer, &name.into()).unwrap_or_default()
}

/// A text of an answer; empty where there is none.
pub(super) fn string(answer: &JsValue, name: &str) -> String {
    value(answer, name).as_string().unwrap_or_default()
}

/// A whole number of an answer as text; empty where there is none.
pub(super) fn whole(answer: &JsValue, name: &str) -> String {
    // Positions and versions are whole numbers below 2^53.
    value(answer, name).as_f64().map(|number| String::from(js_sys::Number::from(number).to_js_string())).unwrap_or_default()
}

/// A yes or no of an answer.
pub(super) fn flag(answer: &JsValue, name: &str) -> bool {
    value(answer, name).is_truthy()
}

/// A whole number of an answer; 0 where there is none.
#[expect(clippy::cast_possible_truncation, reason = "versions stay below 2^53")]
pub(super) fn number(answer: &JsValue, name: &str) -> i64 {
    value(answer, name).as_f64().unwrap_or_default() as i64
}

/// The version of an answer or event.
pub(super) fn version(answer: &JsValue) -> i64 {
    number(answer, "version")
}

/// The counts of an answer, with their version.
#[expect(clippy::cast_possible_truncation, reason = "counts stay below 101")]
pub(super) fn counts(answer: &JsValue) -> Option<(i64, i32, i32)> {
    let number = |name| value(answer, name).as_f64().map(|number| number as i32);
    Some((version(answer), number("unread")?, number("unseen")?))
}
