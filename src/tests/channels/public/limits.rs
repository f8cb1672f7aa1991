//! Rate limits of requests and of stored objects.

use super::PublicFixture;
use crate::support::{Answer, TestApp};
use belfry::{
    channels::{self, public::Limits},
    rate_limit::RateLimit,
};
use serde_json::json;
use std::{net::IpAddr, time::Duration};

const TWO: RateLimit = RateLimit::new(2, Duration::from_hours(1));

async fn app(limits: Limits) -> TestApp {
    TestApp::with_channel_limits(&channels::Limits { public: limits, ..channels::Limits::plenty() })
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
    let app = app(Limits { address: TWO, ..Limits::plenty() }).await;
    let shop = PublicFixture::new(&app).await;
    let at = async |address: &str| {
        shop.get("").at_address(address.parse::<IpAddr>().unwrap()).send().await
    };
    for _ in 0..2 {
        at("192.0.2.1").await.expect(200);
    }
    assert_rate_limited(&at("192.0.2.1").await);
    at("192.0.2.2").await.expect(200);
}

#[tokio::test]
async fn session_has_its_own_limit() {
    let app = app(Limits { session: TWO, ..Limits::plenty() }).await;
    let shop = PublicFixture::new(&app).await;
    let (first, other) = (shop.session().await, shop.session().await);
    for _ in 0..2 {
        shop.get(&format!("/contacts/{first}/conversations")).send().await.expect(200);
    }
    assert_rate_limited(&shop.get(&format!("/contacts/{first}")).send().await);
    shop.get(&format!("/contacts/{other}")).send().await.expect(200);
}

#[tokio::test]
async fn rate_limits_are_separate_per_inbox() {
    let app = app(Limits { inbox: TWO, ..Limits::plenty() }).await;
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
        ..Limits::plenty()
    })
    .await;
    let shop = PublicFixture::new(&app).await;
    let (first, _) = (shop.session().await, shop.session().await);
    assert_rate_limited(&shop.post("/contacts", json!({})).send().await);
    let number = shop.conversation(&first).await;
    shop.conversation(&first).await;
    assert_rate_limited(
        &shop.post(&format!("/contacts/{first}/conversations"), json!({})).send().await,
    );
    let path = format!("/contacts/{first}/conversations/{number}/messages");
    for _ in 0..2 {
        shop.post(&path, json!({ "content": "hi" })).send().await.expect(200);
    }
    assert_rate_limited(&shop.post(&path, json!({ "content": "hi" })).send().await);
}
