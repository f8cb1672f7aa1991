//! Programs that disconnect at any moment. Using a token replaces it, and the action follows: a
//! client that disconnects between the two retries with its token, and the action is performed
//! then.

use super::shop;
use crate::{
    disconnect::{AtomicityChecker, Retry, answered_by, between_steps},
    support::{Call, TestApp},
    tenant_isolation::routes::{self, Surface},
    widget::publish,
};
use axum::http::Method;
use belfry_domain::{MessageId, ReaderAction};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Tables that the use of a token changes.
const TOKEN_TABLES: &[&str] = &["token_family", "token_chain", "contact_token"];
const DEVICE: &str = "0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4";

/// A request of this route for a reader who has an unread message.
async fn request(app: &TestApp, method: &str, route: &str, act: &str) -> Call {
    let site = shop(app).await;
    let message = publish(app, &site, json!("everyone"), "Hello").await;
    let call = app.call(Method::from_bytes(method.as_bytes()).unwrap(), route);
    let call = match act {
        "one" => call.json(&json!({"status": "OPENED", "ids": [message]})),
        "all" => call.json(&json!({"status": "OPENED"})),
        _ => call,
    };
    if route.starts_with("/appinbox/") {
        return call.header("es-token", &app.token(&site, "42").await);
    }
    let contact = app.contact(&site, json!({"externalCustomerId": "42"})).await;
    let bind = app.post(&format!("/v1/contact/{contact}/devices")).key(&site.key);
    bind.json(&json!({"deviceId": DEVICE})).send().await.expect(200);
    call.header("x-reteno-access-key", &site.site.id.to_string())
        .header("x-reteno-sdk-version", "2.0.0")
        .header("x-reteno-device-id", DEVICE)
}

#[tokio::test]
async fn interrupted_request_is_completed_by_a_retry() {
    // Checks all routes, so that one run reports every failure.
    let mut failed = Vec::new();
    // A read-only request of a device writes nothing; a script's request replaces its token.
    let writes =
        |route: &routes::Route| route.method == "POST" || route.path.starts_with("/appinbox/");
    let routes: Vec<_> = routes::all()
        .into_iter()
        .filter(|route| route.surface == Surface::Reader && writes(route))
        .collect();
    assert!(routes.iter().any(|route| route.method == "POST"), "{routes:?}");
    for route in routes {
        let acts: &[&str] = match (route.method.as_str(), route.path.rsplit('/').next()) {
            ("GET", _) => &[""],
            ("POST", Some("status")) => &["one", "all"],
            _ => panic!("{} {} has no request here", route.method, route.path),
        };
        for act in acts {
            let app = TestApp::new().await;
            let name = format!("{} {} {act}", route.method, route.path);
            let prepare = async |_| request(&app, &route.method, &route.path, act).await;
            let mut watched = AtomicityChecker::new(&app).await;
            let again = Retry::ByToken(TOKEN_TABLES);
            if let Err(fault) = watched.check_atomic(&name, again, prepare).await {
                failed.push(fault);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

/// A request that marks messages, by a handler that does so in this way after it used the token.
async fn mark(app: &TestApp, at_once: bool, at_each_use: bool) -> Call {
    let site = shop(app).await;
    let one: MessageId = publish(app, &site, json!("everyone"), "One").await.parse().unwrap();
    let other: MessageId = publish(app, &site, json!("everyone"), "Other").await.parse().unwrap();
    let token = app.token(&site, "42").await;
    let (inbox, used) = (app.app.clone(), Arc::new(AtomicBool::new(false)));
    answered_by(move |_| async move {
        let (reader, _) = inbox.rotate_token(site.site.id, &token).await.unwrap();
        if used.swap(true, Ordering::SeqCst) && !at_each_use {
            return;
        }
        between_steps().await;
        let marks = if at_once { vec![vec![one, other]] } else { vec![vec![one], vec![other]] };
        for ids in marks {
            inbox.apply_reader_action(&reader, &ReaderAction::Read(ids)).await.unwrap();
            between_steps().await;
        }
    })
}

#[tokio::test]
async fn action_stored_only_on_first_token_use_is_detected() {
    let app = TestApp::new().await;
    let (faulty, sound) =
        (async |_| mark(&app, true, false).await, async |_| mark(&app, true, true).await);
    AtomicityChecker::new(&app)
        .await
        .query("done otherwise once more", Retry::ByToken(TOKEN_TABLES), faulty, sound)
        .await;
}

#[tokio::test]
async fn action_stored_per_message_is_detected() {
    let app = TestApp::new().await;
    let (faulty, sound) =
        (async |_| mark(&app, false, true).await, async |_| mark(&app, true, true).await);
    AtomicityChecker::new(&app)
        .await
        .query("half done", Retry::ByToken(TOKEN_TABLES), faulty, sound)
        .await;
}
