//! Delivery receipts: every kind of response to a reader counts as a delivery.

use super::{events::Stream, open, publish};
use crate::support::{TestApp, TestSite};
use axum::http::Method;
use serde_json::json;
use std::time::Duration;

/// Waits until a message has this many deliveries: they are recorded after the response. The limit
/// only ends a test that would hang.
async fn reached(app: &TestApp, site: &TestSite, message: &str, expected: u64) {
    let look = async {
        while app
            .app
            .message_stats(site.site.id, message.parse().unwrap())
            .await
            .unwrap()
            .total
            .reached
            != expected
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), look).await.expect("a delivery in time");
}

#[tokio::test]
async fn documents_lists_and_events_mark_as_delivered() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let before = publish(&app, &site, json!("everyone"), "Before").await;
    let (anna, olena) = (open(&app, &site, "anna").await, open(&app, &site, "olena").await);
    reached(&app, &site, &before, 2).await;
    let mut stream = Stream::open(&app, &anna, "", None).await;
    while stream.next_of_all().await.unwrap().name != "beat" {}
    let live = publish(&app, &site, json!("everyone"), "Live").await;
    while stream.next_of_all().await.unwrap().name != "message" {}
    reached(&app, &site, &live, 1).await;
    // Counts alone show no message.
    olena.get(&app, "/counts").await.expect(200);
    olena.get(&app, "/messages?filter=archived").await.expect(200);
    let only =
        publish(&app, &site, json!({ "contact": { "externalCustomerId": "anna" } }), "Anna").await;
    while stream.next_of_all().await.unwrap().name != "message" {}
    reached(&app, &site, &only, 1).await;
    assert_eq!(
        app.app.message_stats(site.site.id, live.parse().unwrap()).await.unwrap().total.reached,
        1
    );
    olena.call(&app, Method::GET, "/messages").send().await.expect(200);
    reached(&app, &site, &live, 2).await;
}
