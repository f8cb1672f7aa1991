//! Rate limits: 429 in the shape that both official plugins expect, counted per caller.

use crate::support::{Answer, TestApp};
use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request},
};
use belfry_api::RateLimits;
use belfry_app::rate_limit::RateLimit;
use serde_json::json;
use std::{net::SocketAddr, time::Duration};
use tower::ServiceExt as _;

const HOUR: Duration = Duration::from_hours(1);
const TOKEN: &str = "/v1/auth/contact/token";

fn assert_rate_limited(answer: &Answer) {
    answer.expect_error(429);
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((3_500..=3_600).contains(&seconds), "{seconds}");
    let json = answer.json();
    assert_eq!(json, json!({"status": 429, "message": json["message"]}));
}

#[tokio::test]
async fn token_calls_are_counted_per_key() {
    let app = TestApp::with_limits(RateLimits {
        tokens: RateLimit::new(3, HOUR),
        ..RateLimits::default()
    })
    .await;
    let (busy, other) = (app.create_site().await, app.create_site().await);
    let call = |key: &str| app.post(TOKEN).key(key).json(&json!({"extid": "42"}));
    for _ in 0..3 {
        call(&busy.key).send().await.expect(200);
    }
    assert_rate_limited(&call(&busy.key).send().await);
    call(&other.key).send().await.expect(200);
    app.get("/v1/contact/7").key(&busy.key).send().await.expect_error(404);
}

#[tokio::test]
async fn theme_uploads_are_counted_per_key_even_if_rejected() {
    let app = TestApp::with_limits(RateLimits {
        uploads: RateLimit::new(2, HOUR),
        ..RateLimits::default()
    })
    .await;
    let (busy, other) = (app.create_site().await, app.create_site().await);
    let call = |key: &str| app.call(Method::PUT, "/v1/themes/draft").key(key);
    for _ in 0..2 {
        call(&busy.key).send().await.expect_error(415);
    }
    assert_rate_limited(&call(&busy.key).send().await);
    call(&other.key).send().await.expect_error(415);
    app.get("/v1/themes").key(&busy.key).send().await.expect(200);
}

#[tokio::test]
async fn requests_are_counted_per_key() {
    let app = TestApp::with_limits(RateLimits {
        requests: RateLimit::new(2, HOUR),
        ..RateLimits::default()
    })
    .await;
    let (busy, other) = (app.create_site().await, app.create_site().await);
    for _ in 0..2 {
        app.get("/v1/contact/7").key(&busy.key).send().await.expect_error(404);
    }
    assert_rate_limited(&app.get("/v1/contact/7").key(&busy.key).send().await);
    assert_rate_limited(&app.post("/v1/messages").key(&busy.key).json(&json!({})).send().await);
    app.get("/v1/contact/7").key(&other.key).send().await.expect_error(404);
}

#[tokio::test]
async fn wrong_keys_are_counted_per_address_only() {
    let app = TestApp::with_limits(RateLimits {
        failures: RateLimit::new(2, HOUR),
        ..RateLimits::default()
    })
    .await;
    let site = app.create_site().await;
    let from = async |address: &str, authorization: String| {
        let peer: SocketAddr = address.parse().unwrap();
        let mut request = Request::get("/v1/contact/7")
            .header("authorization", authorization)
            .body(Body::empty())
            .unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        app.router.clone().oneshot(request).await.unwrap().status().as_u16()
    };
    let wrong = || "Bearer wrong".to_owned();
    assert_eq!(from("192.0.2.1:1", wrong()).await, 401);
    assert_eq!(from("192.0.2.1:2", wrong()).await, 401);
    assert_eq!(from("192.0.2.1:3", wrong()).await, 429);
    assert_eq!(from("192.0.2.2:1", wrong()).await, 401);
    // A valid key from the same address still works.
    assert_eq!(from("192.0.2.1:4", format!("Bearer {}", site.key)).await, 404);
    // An IPv6 client counts by its /64 prefix.
    assert_eq!(from("[2001:db8:0:7::1]:1", wrong()).await, 401);
    assert_eq!(from("[2001:db8:0:7::2]:1", wrong()).await, 401);
    assert_eq!(from("[2001:db8:0:7:ffff::3]:1", wrong()).await, 429);
    assert_eq!(from("[2001:db8:0:8::1]:1", wrong()).await, 401);
}

#[tokio::test]
async fn forwarded_address_is_not_trusted() {
    let app = TestApp::with_limits(RateLimits {
        failures: RateLimit::new(1, HOUR),
        ..RateLimits::default()
    })
    .await;
    app.get("/v1/contact/7").header("x-forwarded-for", "192.0.2.1").send().await.expect_error(401);
    assert_rate_limited(
        &app.get("/v1/contact/7").header("x-forwarded-for", "192.0.2.2").send().await,
    );
}
