//! Session renewal. One token is requested from the site's page, however many requests wait for it.

use super::{dom, http, http::Failure, take_counts, texts};
use js_sys::{Function, Promise};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::CustomEvent;

/// Time in milliseconds that the page's backend has to return a token.
const TOKEN_TIMEOUT_MS: i32 = 40_000;

/// The running renewal: the promise that all requests wait for, and its resolvers.
struct PendingRenewal {
    promise: Promise,
    resolve: Function,
    reject: Function,
}

thread_local! {
    static PENDING: RefCell<Option<PendingRenewal>> = const { RefCell::new(None) };
}

/// Waits for a renewed session; starts a renewal unless one is running.
pub(super) async fn renew() -> Result<(), Failure> {
    let promise =
        PENDING.with_borrow_mut(|pending| pending.get_or_insert_with(begin).promise.clone());
    // A busy server has not rejected the session.
    JsFuture::from(promise)
        .await
        .map(|_| ())
        .map_err(|busy| if busy.is_truthy() { Failure::Unreachable } else { Failure::Refused(401) })
}

fn begin() -> PendingRenewal {
    let functions = Rc::new(RefCell::new(None));
    let kept = Rc::clone(&functions);
    let promise = Promise::new(&mut |resolve, reject| *kept.borrow_mut() = Some((resolve, reject)));
    let (resolve, reject) = functions.borrow_mut().take().unwrap_or_default();
    // Deferred, so that a token that arrives at once finds the renewal pending.
    dom::set_timeout(0, || dom::post_to_host("auth", &[]));
    dom::set_timeout(TOKEN_TIMEOUT_MS, || settle(false, false));
    PendingRenewal { promise, resolve, reject }
}

fn settle(renewed: bool, busy: bool) {
    if let Some(pending) = PENDING.take() {
        let function = if renewed { &pending.resolve } else { &pending.reject };
        let _ = function.call1(&JsValue::UNDEFINED, &busy.into());
        dom::show_notice(&if renewed || busy {
            String::new()
        } else {
            texts::text("session_over")
        });
    }
}

/// Receives the tokens that the loader passes through the frame script.
pub(super) fn listen() {
    let Some(document) = dom::document() else { return };
    dom::listen(&document, "belfry:token", |event| {
        let Some(token) =
            event.dyn_ref::<CustomEvent>().and_then(|event| event.detail().as_string())
        else {
            return;
        };
        spawn_local(async move {
            let answer = http::exchange_token(&token).await;
            if let Ok(answer) = &answer {
                http::set_bearer(http::string(answer, "bearer"));
                take_counts(answer);
            }
            let busy =
                matches!(answer, Err(Failure::Unreachable | Failure::Refused(429 | 502..=504)));
            settle(answer.is_ok(), busy);
        });
    });
}
