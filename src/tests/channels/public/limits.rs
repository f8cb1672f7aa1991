//! Rate limits of requests and of stored objects.

use super::PublicFixture;
use crate::support::{Answer, TestApp};
use belfry_app::rate_limit::RateLimit;
use belfry_channels::public::Limits;
use serde_json::json;
use std::{net::IpAddr, time::Duration};

const TWO: RateLimit = RateLimit::new(2, Duration::from_hours(1));

async fn app(limits: Limits) -> TestApp {
    TestApp::with_channel_limits(&belfry_channels::Limits {
        public: limits,
        ..belfry_channels::Limits::unlimited()
    })
    .await
}

#[track_caller]
fn assert_rate_limited(answer: &Answer) {
    assert_eq!(answer.expect(429), json!({ "status": 429, "error": "Too Many Requests" }));
    assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

#[tokio::test]
async fn address_has_its_own_limit() {
    let app = app(Limits { address: TWO, ..Limits::unlimited() }).await;
    let fixture = PublicFixture::new(&app).await;
    let at = async |address: &str| {
        fixture.get("").at_address(address.parse::<IpAddr>().unwrap()).send().await
    };
    for _ in 0..2 {
        at("192.0.2.1").await.expect(200);
    }
    assert_rate_limited(&at("192.0.2.1").await);
    at("192.0.2.2").await.expect(200);
}

#[tokio::test]
async fn session_has_its_own_limit() {
    let app = app(Limits { session: TWO, ..Limits::unlimited() }).await;
    let fixture = PublicFixture::new(&app).await;
    let (first, other) = (fixture.session().await, fixture.session().await);
    for _ in 0..2 {
        fixture.get(&format!("/contacts/{first}/conversations")).send().await.expect(200);
    }
    assert_rate_limited(&fixture.get(&format!("/contacts/{first}")).send().await);
    fixture.get(&format!("/contacts/{other}")).send().await.expect(200);
}

#[tokio::test]
async fn rate_limits_are_separate_per_inbox() {
    let app = app(Limits { inbox: TWO, ..Limits::unlimited() }).await;
    let (shop, other) = (PublicFixture::new(&app).await, PublicFixture::new(&app).await);
    for _ in 0..2 {
        shop.get("").send().await.expect(200);
    }
    assert_rate_limited(&shop.get("").send().await);
    other.get("").send().await.expect(200);
}

#[tokio::test]
async fn stored_objects_are_rate_limited() {
    let app = app(Limits {
        sessions_of_inbox: TWO,
        conversations_of_session: TWO,
        messages: TWO,
        ..Limits::unlimited()
    })
    .await;
    let fixture = PublicFixture::new(&app).await;
    let (first, _) = (fixture.session().await, fixture.session().await);
    assert_rate_limited(&fixture.post("/contacts", json!({})).send().await);
    let number = fixture.conversation(&first).await;
    fixture.conversation(&first).await;
    assert_rate_limited(
        &fixture.post(&format!("/contacts/{first}/conversations"), json!({})).send().await,
    );
    let path = format!("/contacts/{first}/conversations/{number}/messages");
    for _ in 0..2 {
        fixture.post(&path, json!({ "content": "hi" })).send().await.expect(200);
    }
    assert_rate_limited(&fixture.post(&path, json!({ "content": "hi" })).send().await);
}
