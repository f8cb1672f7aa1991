//! Rate limits per agent, site and address.

use super::ApplicationFixture;
use crate::support::{Answer, TestApp};
use belfry_app::rate_limit::RateLimit;
use belfry_channels::application;
use std::time::Duration;

fn limits(change: impl Fn(&mut application::Limits)) -> belfry_channels::Limits {
    let mut limits = belfry_channels::Limits::unlimited();
    change(&mut limits.application);
    limits
}

#[track_caller]
fn assert_rate_limited(answer: &Answer) {
    assert_eq!(
        (answer.status.as_u16(), answer.json()),
        (429, serde_json::json!({"error": "Retry later"}))
    );
    assert!(
        answer.header("retry-after").is_some_and(|seconds| seconds.parse::<u64>().unwrap() > 0)
    );
}

#[tokio::test]
async fn rate_limit_is_per_agent() {
    let app = TestApp::with_channel_limits(&limits(|limits| {
        limits.requests = RateLimit::new(3, Duration::from_hours(1));
    }))
    .await;
    let fixture = ApplicationFixture::new(&app).await;
    let list = async |agent| fixture.call_as(agent, "GET", "/agents").send().await;
    for left in (0..3).rev() {
        let answer = list(&fixture.member).await;
        assert_eq!(
            (
                answer.status.as_u16(),
                answer.header("ratelimit").unwrap().contains(&format!("r={left}"))
            ),
            (200, true)
        );
    }
    assert_rate_limited(&list(&fixture.member).await);
    assert_eq!(list(&fixture.outsider).await.status, 200);
}

#[tokio::test]
async fn search_rate_limit_is_per_site() {
    let app = TestApp::with_channel_limits(&limits(|limits| {
        limits.searches = RateLimit::new(2, Duration::from_hours(1));
    }))
    .await;
    let (office, other) =
        (ApplicationFixture::new(&app).await, ApplicationFixture::new(&app).await);
    let search = async |fixture: &ApplicationFixture<'_>, agent| {
        fixture.call_as(agent, "GET", "/contacts/search?q=zoe").send().await
    };
    assert_eq!(search(&office, &office.member).await.status, 200);
    assert_eq!(search(&office, &office.outsider).await.status, 200);
    assert_rate_limited(&search(&office, &office.administrator).await);
    assert_eq!(search(&other, &other.member).await.status, 200);
}

#[tokio::test]
async fn wrong_tokens_are_counted_per_address() {
    let app = TestApp::with_channel_limits(&limits(|limits| {
        limits.failures = RateLimit::new(2, Duration::from_hours(1));
    }))
    .await;
    let fixture = ApplicationFixture::new(&app).await;
    let (first, second) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
    let guess = async |address| {
        app.get("/api/v1/profile")
            .header("api_access_token", "guess")
            .at_address(address)
            .send()
            .await
    };
    assert_eq!(guess(first).await.status, 401);
    assert_eq!(app.get("/api/v1/profile").at_address(first).send().await.status, 401);
    assert_rate_limited(&guess(first).await);
    assert_eq!(guess(second).await.status, 401);
    // A valid token works despite failures of others behind the same address.
    assert_eq!(
        fixture.call_as(&fixture.member, "GET", "/agents").at_address(first).send().await.status,
        200
    );
}
