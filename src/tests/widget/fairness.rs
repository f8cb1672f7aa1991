//! A noisy site at full speed beside a quiet one in the same process. The scheduler has unit tests
//! of its own; this tests the whole.

use super::{SHOP, open, post_token, publish, token};
use crate::support::{TestApp, TestSite};
use axum::http::Method;
use belfry_widget::Limits;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// Requests of the quiet site in one round.
const ROUNDS: usize = 15;
/// Far longer than a round takes on the slowest machine with fair scheduling, and far shorter than
/// without it.
const ROUND_TIMEOUT: Duration = Duration::from_secs(10);

/// Creates a hundred segments of a hundred conditions each, all with messages.
async fn enable_conversations(app: &TestApp, site: &TestSite) {
    for number in 0..100 {
        let values: Vec<Value> = (0..99)
            .map(|value| json!({ "attribute": "a", "equals": format!("{number} {value}") }))
            .collect();
        let segment = json!({ "name": number.to_string(), "condition": { "any": values } });
        let response =
            app.post("/v1/segments").key(&site.key).json(&segment).send().await.expect(201);
        publish(app, site, json!({ "segment": response["id"] }), "To a segment").await;
    }
    app.contact(site, json!({ "externalCustomerId": "who exchanges" })).await;
}

async fn run_load(
    app: &TestApp,
    site: &TestSite,
    number: usize,
    stop: &AtomicBool,
    done: &AtomicUsize,
) {
    app.contact(site, json!({ "externalCustomerId": number.to_string(), "attributes": { "a": "y".repeat(15_000) } })).await;
    let widget = open(app, site, &number.to_string()).await;
    // Another reader's, because it ends the oldest sessions of its reader.
    let token = token(app, site, "who exchanges").await;
    let message = publish(app, site, json!("everyone"), "To everyone").await;
    let preview = json!({ "audience": "everyone", "content": { "en": { "title": "Preview" } } });
    while !stop.load(Relaxed) {
        for mark in [json!({ "unread": [message] }), json!({ "allRead": true })] {
            let status = widget.mark(app, mark).await.status.as_u16();
            assert!(matches!(status, 200 | 429 | 503), "{status}");
        }
        post_token(app, site, &token, Some(SHOP)).await;
        widget.call(app, Method::POST, "/ticket").json(&json!({})).send().await;
        app.get(&format!("/v1/messages/{message}/stats?by=segment")).key(&site.key).send().await;
        app.post("/v1/messages/preview").key(&site.key).json(&preview).send().await;
        write(app, site, number).await;
        done.fetch_add(1, Relaxed);
        tokio::task::yield_now().await;
    }
}

/// Backend requests: contacts that change, imports, themes, messages to many named contacts, and
/// long personalized ones.
async fn write(app: &TestApp, site: &TestSite, number: usize) {
    let contact = json!({ "externalCustomerId": number.to_string(), "attributes": { "a": "z".repeat(15_000) } });
    app.post("/v1/contact").key(&site.key).json(&contact).send().await;
    let imported: Vec<Value> = (0..200).map(|row| json!({ "externalCustomerId": format!("{number} {row}"), "firstName": "z".repeat(100) })).collect();
    app.post("/v1/imports").key(&site.key).json(&json!({ "contacts": imported })).send().await;
    let named: Vec<Value> =
        (0..16).map(|number| json!({ "externalCustomerId": number.to_string() })).collect();
    let long = json!({ "en": { "title": "Long", "body": "{{name|you}} & *a* ".repeat(500) } });
    app.post("/v1/messages")
        .key(&site.key)
        .json(&json!({ "audience": { "contacts": named }, "content": long }))
        .send()
        .await;
    let sheet = ".title { color: #abcdef }\n".repeat(100);
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"css\"; filename=\"a.css\"\r\n\r\n{sheet}\r\n--b--\r\n"
    );
    let upload = app
        .call(Method::PUT, "/v1/themes/draft")
        .key(&site.key)
        .header("content-type", "multipart/form-data; boundary=b");
    upload.body(form.into_bytes()).send().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn busy_site_does_not_slow_a_quiet_one() {
    // Without rate limits, which would make the test too easy.
    let app = Arc::new(TestApp::with_reader_limits(Limits::unlimited()).await);
    let (loud, quiet) = (Arc::new(app.create_site().await), app.create_site().await);
    enable_conversations(&app, &loud).await;
    let reader = open(&app, &quiet, "quiet").await;
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let (app, loud, stop, done) =
                (Arc::clone(&app), Arc::clone(&loud), Arc::clone(&stop), Arc::clone(&done));
            tokio::spawn(async move { run_load(&app, &loud, number, &stop, &done).await })
        })
        .collect();
    while done.load(Relaxed) < 16 {
        tokio::task::yield_now().await;
    }
    let mut sent = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        token(&app, &quiet, "quiet").await;
        sent.push(publish(&app, &quiet, json!("everyone"), "Quiet").await);
        reader.mark(&app, json!({ "read": [sent[sent.len() - 1]] })).await.expect(200);
        let list = reader.get(&app, "/messages").await.expect(200);
        assert_eq!(list["unread"], 0);
        assert!(began.elapsed() < ROUND_TIMEOUT, "{:?}", began.elapsed());
    }
    assert!(tasks.iter().all(|task| !task.is_finished()), "the noisy site ran all the time");
    stop.store(true, Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    // All of its messages exist, and none of the other site's.
    let listed = app.get("/v1/messages?limit=100").key(&quiet.key).send().await.expect(200);
    let listed: BTreeSet<&str> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect();
    assert_eq!(listed, sent.iter().map(String::as_str).collect());
}
