//! Requests with proof of the session. When the session has expired, one token is requested from
//! the site's page for all requests in flight, and each of them is sent once more. Must not depend
//! on the parts that send requests.

use super::{
    counts, dom,
    http::{self, Failure},
    json, script_events,
    state::{PendingRenewal, state},
    texts,
};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Time in milliseconds that the page's backend has to return a token.
const TOKEN_TIMEOUT_MS: i32 = 40_000;

/// `GET`s a path below the widget and returns its JSON.
pub(super) async fn get(path: &str) -> Result<JsValue, Failure> {
    send("GET", path, None).await
}

/// `POST`s JSON to a path below the widget and returns its JSON.
pub(super) async fn post(path: &str, body: &str) -> Result<JsValue, Failure> {
    send("POST", path, Some(body)).await
}

async fn send(method: &str, path: &str, body: Option<&str>) -> Result<JsValue, Failure> {
    let mut answer = http::send(method, path, body).await;
    // The cookie may have been refused rather than expired; then the bearer proves the session.
    if is_refused(&answer, 401) && http::use_bearer() {
        answer = http::send(method, path, body).await;
    }
    if is_refused(&answer, 401) {
        renew().await?;
        answer = http::send(method, path, body).await;
    }
    reload_for_other_reader(&answer);
    answer
}

fn is_refused(answer: &Result<JsValue, Failure>, status: u16) -> bool {
    matches!(answer, Err(Failure::Refused(refused)) if *refused == status)
}

/// The session belongs to another reader now, so the document must be reloaded before it shows
/// anything else.
fn reload_for_other_reader(answer: &Result<JsValue, Failure>) {
    if is_refused(answer, 409) {
        if let Some(body) = dom::document().and_then(|document| document.body()) {
            body.set_hidden(true);
        }
        script_events::post_to_host("embed", &[]);
    }
}

/// Waits for a renewed session; starts a renewal unless one is running.
async fn renew() -> Result<(), Failure> {
    let renewal = state().renewal.take().unwrap_or_else(begin);
    let promise = renewal.promise.clone();
    state().renewal.set(Some(renewal));
    // A busy server has not rejected the session.
    JsFuture::from(promise)
        .await
        .map(|_| ())
        .map_err(|busy| if busy.is_truthy() { Failure::Unreachable } else { Failure::Refused(401) })
}

fn begin() -> PendingRenewal {
    let mut functions = None;
    let promise = Promise::new(&mut |resolve, reject| functions = Some((resolve, reject)));
    let (resolve, reject) = functions.unwrap_or_default();
    // Deferred, so that a token that arrives at once finds the renewal pending.
    dom::set_timeout(0, || script_events::post_to_host("auth", &[]));
    dom::set_timeout(TOKEN_TIMEOUT_MS, || settle(false, false));
    PendingRenewal { promise, resolve, reject }
}

fn settle(renewed: bool, busy: bool) {
    if let Some(pending) = state().renewal.take() {
        let function = if renewed { &pending.resolve } else { &pending.reject };
        let _ = function.call1(&JsValue::UNDEFINED, &busy.into());
        dom::show_notice(&if renewed || busy {
            String::new()
        } else {
            texts::text("session_over")
        });
    }
}

/// Exchanges a token of the site's page for a session, which ends the running renewal. The request
/// is not retried, because it is itself the retry.
pub(super) fn exchange_token(token: &str) {
    let token = js_sys::JSON::stringify(&token.into()).map(String::from).unwrap_or_default();
    spawn_local(async move {
        let body = ["{\"token\":", &token, "}"].concat();
        let answer = http::send("POST", "/session", Some(&body)).await;
        reload_for_other_reader(&answer);
        if let Ok(answer) = &answer {
            http::set_bearer(json::string(answer, "bearer"));
            counts::take(answer);
        }
        let busy = matches!(answer, Err(Failure::Unreachable | Failure::Refused(429 | 502..=504)));
        settle(answer.is_ok(), busy);
    });
}
