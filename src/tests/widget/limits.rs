//! Rate limits of a reader, and the limit on sessions.

use super::{SHOP, open, post_token, publish, token};
use crate::support::TestApp;
use axum::http::Method;
use belfry_app::rate_limit::RateLimit;
use belfry_widget::Limits;
use serde_json::json;
use std::time::Duration;

fn three_an_hour() -> Limits {
    Limits { reader: RateLimit::new(3, Duration::from_hours(1)), ..Limits::unlimited() }
}

#[tokio::test]
async fn rate_limit_is_per_reader() {
    let app = TestApp::with_reader_limits(three_an_hour()).await;
    let site = app.create_site().await;
    let message = publish(&app, &site, json!("everyone"), "First").await;
    let (loud, quiet) = (open(&app, &site, "loud").await, open(&app, &site, "quiet").await);
    // Opening the widget was the first request.
    for mark in [json!({ "read": [message] }), json!({ "unread": [message] })] {
        loud.mark(&app, mark).await.expect(200);
    }
    let refused = loud.mark(&app, json!({ "read": [message] })).await;
    assert_eq!(
        refused.expect(429)["message"],
        "too many requests; try again after the time in Retry-After"
    );
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3_600).contains(&wait), "{wait}");
    // Rejected requests had no effect, and reads aren't limited.
    assert_eq!(loud.get(&app, "/counts").await.expect(200)["unread"], 1);
    assert_eq!(loud.get(&app, "/messages").await.status, 200);
    // All kinds of writes count for the same reader, with any token.
    assert_eq!(
        loud.form(&app, &format!("do=read&of={message}&reader={}", loud.reader)).await.status,
        429
    );
    assert_eq!(loud.call(&app, Method::POST, "/ticket").json(&json!({})).send().await.status, 429);
    let again = post_token(&app, &site, &token(&app, &site, "loud").await, Some(SHOP)).await;
    assert_eq!(again.status, 429);
    assert!(
        again.header("retry-after").is_some() && again.text().contains("data-fault"),
        "the document reports it"
    );
    let renewed = loud
        .call(&app, Method::POST, "/session")
        .json(&json!({ "token": token(&app, &site, "loud").await }))
        .send()
        .await;
    assert_eq!(renewed.status, 429);
    quiet.mark(&app, json!({ "read": [message] })).await.expect(200);
    // Signing out is always allowed.
    assert_eq!(loud.call(&app, Method::POST, "/leave").send().await.status, 303);
}

#[tokio::test]
async fn rate_limit_is_per_site() {
    let limits = Limits { site: RateLimit::new(4, Duration::from_hours(1)), ..Limits::unlimited() };
    let app = TestApp::with_reader_limits(limits).await;
    let (loud, quiet) = (app.create_site().await, app.create_site().await);
    let readers = [open(&app, &loud, "1").await, open(&app, &loud, "2").await];
    for reader in &readers {
        reader.mark(&app, json!({ "seen": true })).await.expect(200);
    }
    assert_eq!(readers[0].mark(&app, json!({ "seen": true })).await.status, 429);
    open(&app, &quiet, "1").await.mark(&app, json!({ "seen": true })).await.expect(200);
}

/// One token, exchanged in a loop.
#[tokio::test]
async fn sessions_are_limited_per_reader_and_the_oldest_end() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let contact = app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let first = open(&app, &site, "42").await;
    first.get(&app, "/counts").await.expect(200);
    let token = token(&app, &site, "42").await;
    let mut last = String::new();
    for _ in 0..60 {
        let answer = post_token(&app, &site, &token, Some(SHOP)).await;
        last = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    }
    let held = app.app.export_contact(site.site.id, contact).await.unwrap().credentials;
    assert!(held.iter().filter(|credential| credential.is_session).count() <= 50, "{}", held.len());
    // Also if the session was in the cache a moment ago.
    assert_eq!(first.get(&app, "/counts").await.status, 401);
    let newest = super::WidgetSession { cookie: last, ..first };
    newest.get(&app, "/counts").await.expect(200);
}
