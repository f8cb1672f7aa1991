//! Rate limits, tokens of other sites, and unknown routes.

use super::{COUNT, LIST, ReaderClient, STATUS, publish, shop};
use crate::support::{Call, TestApp};
use axum::{Router, http::Method};
use belfry_app::rate_limit::RateLimit;
use belfry_appinbox_api::RateLimits;
use serde_json::json;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

fn router(app: &TestApp, limits: RateLimits) -> Router {
    belfry_appinbox_api::routes(app.app.clone(), limits)
}

fn rate_of(count: u32) -> RateLimit {
    RateLimit::new(count, HOUR)
}

#[tokio::test]
async fn rate_limit_is_per_reader_and_keeps_the_token() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let router = router(&app, RateLimits { requests: rate_of(3), ..RateLimits::unlimited() });
    let mut script = ReaderClient::new(&app, &site, "42").await;
    for _ in 0..3 {
        let call = Call::new(router.clone(), Method::GET, COUNT);
        script.send(call).await.expect(200);
    }
    let call = Call::new(router.clone(), Method::GET, COUNT);
    let response = script.send(call).await;
    response.expect_error(429);
    assert!(response.header("retry-after").unwrap().parse::<u64>().unwrap() > 3_000);
    assert_eq!(response.header("es-token"), None);
    // The same token is still valid once the limit allows, and another reader isn't affected.
    assert_eq!(script.count().await, 0);
    let other = app.token(&site, "42").await;
    Call::new(router, Method::GET, COUNT).header("es-token", &other).send().await.expect(200);
}

#[tokio::test]
async fn guesses_are_limited_by_address_except_valid_tokens() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let router = router(&app, RateLimits { failures: rate_of(3), ..RateLimits::unlimited() });
    let guess = |path: &str| {
        Call::new(router.clone(), Method::GET, path).header("es-token", "guess").send()
    };
    for path in [COUNT, LIST, "/api/v1/appinbox/messages"] {
        guess(path).await.expect_error(401);
    }
    for path in [COUNT, LIST, "/api/v1/appinbox/messages"] {
        guess(path).await.expect_error(429);
    }
    let token = app.token(&site, "42").await;
    Call::new(router, Method::GET, COUNT).header("es-token", &token).send().await.expect(200);
}

#[tokio::test]
async fn token_is_valid_for_its_own_site_only() {
    let app = TestApp::new().await;
    let (site, other) = (shop(&app).await, shop(&app).await);
    publish(&app, &other, "42", "Theirs", json!({})).await;
    // Both readers are the first contact of their site.
    let mut script = ReaderClient::new(&app, &site, "42").await;
    assert_eq!(script.titles("").await, Vec::<String>::new());
    script.open(&json!({"status": "OPENED"})).await;
    let mut theirs = ReaderClient::new(&app, &other, "42").await;
    assert_eq!((theirs.count().await, theirs.titles("").await), (1, vec!["Theirs".to_owned()]));
    let token = theirs.token.clone();
    assert!(app.app.exchange_token(site.site.id, &token).await.is_err());
}

#[tokio::test]
async fn unknown_paths_are_404_and_wrong_methods_405() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    for (method, path) in [(Method::POST, COUNT), (Method::DELETE, LIST), (Method::GET, STATUS)] {
        let call = app.call(method.clone(), path);
        script.send(call).await.expect_error(405);
        app.call(method, path).send().await.expect_error(401);
    }
    assert_eq!(app.get("/appinbox/v1/other").send().await.status.as_u16(), 404);
}

#[tokio::test]
async fn description_has_every_route() {
    let description = serde_json::to_value(belfry_appinbox_api::description()).unwrap();
    for path in [COUNT, LIST, STATUS] {
        for path in [path.to_owned(), path.replace("/appinbox/v1", "/api/v1/appinbox")] {
            assert!(description["paths"][&path].is_object(), "{path}");
        }
    }
}
