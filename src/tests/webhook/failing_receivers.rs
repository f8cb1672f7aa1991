//! Receivers that reject, hang, disconnect, send endless responses, and redirect.

use super::{
    fixture::{WebhookFixture, impatient_http_client, test_http_client, until},
    receiver::{Reaction, Receiver, ok},
};
use belfry_domain::{DeliveryState, EndpointChange};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn failed_deliveries_are_retried_until_accepted() {
    let elsewhere = Receiver::new(|_, _| ok()).await;
    for bad in [
        Reaction::Status(500, String::new()),
        Reaction::Status(503, String::new()),
        Reaction::Status(404, String::new()),
        Reaction::Status(302, format!("location: {}\r\n", elsewhere.url)),
        Reaction::Status(308, format!("location: {}\r\n", elsewhere.url)),
        Reaction::Hang,
        Reaction::HangUp,
        Reaction::HalfHead,
        Reaction::EndlessHead,
        Reaction::Noise,
    ] {
        let fixture = WebhookFixture::new().await;
        let first = bad.clone();
        let receiver =
            Receiver::new(move |before, _| if before == 0 { first.clone() } else { ok() }).await;
        let (endpoint, _) = fixture.endpoint(&receiver, &["contact.created"]).await;
        let dispatcher = fixture.dispatcher_with(impatient_http_client());
        fixture.contact("1").await;
        let failed = fixture.first(endpoint, |delivery| delivery.attempts == 1).await;
        assert_eq!(failed.state, DeliveryState::Pending, "{bad:?}");
        assert!(failed.last_attempt.error.is_some(), "{bad:?}");
        let wait = failed.attempted_at.unwrap().until(failed.next_at.unwrap());
        assert!((4_500..=8_000).contains(&wait.as_millis()), "{bad:?}: {wait:?}");
        fixture.clock.advance(Duration::from_secs(8));
        assert_eq!(fixture.done(endpoint).await.attempts, 2, "{bad:?}");
        assert_eq!(fixture.app.webhook(fixture.site, endpoint).await.unwrap().failing_since, None);
        dispatcher.stop().await;
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn success_status_counts_despite_a_broken_body() {
    for odd in [Reaction::HalfBody, Reaction::EndlessBody, Reaction::Trickle] {
        let fixture = WebhookFixture::new().await;
        let reaction = odd.clone();
        let receiver = Receiver::new(move |_, _| reaction.clone()).await;
        let (endpoint, _) = fixture.endpoint(&receiver, &["contact.created"]).await;
        let dispatcher = fixture.dispatcher_with(impatient_http_client());
        fixture.contact("1").await;
        let delivery = fixture.done(endpoint).await;
        assert_eq!(delivery.last_attempt.status, Some(200), "{odd:?}");
        assert!(delivery.last_attempt.response_excerpt.unwrap().len() <= 1024, "{odd:?}");
        dispatcher.stop().await;
    }
}

#[tokio::test]
async fn refused_connection_is_a_failure() {
    let fixture = WebhookFixture::new().await;
    let gone = Receiver::new(|_, _| ok()).await;
    let (endpoint, _) = fixture.endpoint(&gone, &["contact.created"]).await;
    drop(gone);
    let dispatcher = fixture.dispatcher();
    fixture.contact("1").await;
    let failed = fixture.first(endpoint, |delivery| delivery.attempts == 1).await;
    assert!(failed.last_attempt.error.unwrap().starts_with("no connection"));
    dispatcher.stop().await;
}

#[tokio::test]
async fn retry_after_is_respected() {
    let fixture = WebhookFixture::new().await;
    let receiver =
        Receiver::new(|_, _| Reaction::Status(429, "retry-after: 120\r\n".to_owned())).await;
    let (endpoint, _) = fixture.endpoint(&receiver, &["contact.created"]).await;
    let dispatcher = fixture.dispatcher();
    fixture.contact("1").await;
    let failed = fixture.first(endpoint, |delivery| delivery.attempts == 1).await;
    assert!(failed.attempted_at.unwrap().until(failed.next_at.unwrap()) >= Duration::from_mins(2));
    dispatcher.stop().await;
}

#[tokio::test]
async fn gone_endpoint_is_disabled_until_enabled_again() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|before, got| {
        let first = got.json()["data"]["contact"]["externalCustomerId"] == "1";
        if first && before < 2 { Reaction::Status(410, String::new()) } else { ok() }
    })
    .await;
    let (endpoint, _) = fixture.endpoint(&receiver, &["contact.created"]).await;
    for name in ["1", "2"] {
        fixture.contact(name).await;
    }
    let dispatcher = fixture.dispatcher();
    let dead = fixture.first(endpoint, |delivery| delivery.state == DeliveryState::Failed).await;
    assert_eq!(dead.last_attempt.status, Some(410));
    let disabled = fixture.app.webhook(fixture.site, endpoint).await.unwrap();
    assert!(!disabled.enabled && disabled.reason.unwrap().contains("410"));
    fixture.contact("unheard").await;
    assert_eq!(fixture.deliveries(endpoint).await.len(), 2);
    let enable = EndpointChange { enabled: Some(true), ..EndpointChange::default() };
    assert_eq!(
        fixture.app.update_webhook(fixture.site, endpoint, &enable).await.unwrap().reason,
        None
    );
    assert_eq!(
        fixture.app.replay_webhook(fixture.site, endpoint, dead.created_at).await.unwrap(),
        1
    );
    let replayed = fixture.done(endpoint).await;
    assert_eq!(replayed.event, dead.event);
    dispatcher.stop().await;
}

#[tokio::test]
async fn endpoint_failing_for_three_days_is_disabled() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|_, _| Reaction::Status(500, String::new())).await;
    let (endpoint, _) = fixture.endpoint(&receiver, &["contact.created"]).await;
    let dispatcher = fixture.dispatcher();
    fixture.contact("1").await;
    // A day of attempts, and then another event, for which the endpoint is unchanged.
    for attempts in 1..=14 {
        fixture.first(endpoint, |delivery| delivery.attempts == attempts).await;
        fixture.clock.advance(Duration::from_mins(200));
    }
    assert_eq!(
        fixture.first(endpoint, |delivery| delivery.state == DeliveryState::Failed).await.attempts,
        14
    );
    assert!(fixture.app.webhook(fixture.site, endpoint).await.unwrap().enabled);
    fixture.clock.advance(Duration::from_hours(48));
    fixture.contact("2").await;
    until(async || !fixture.app.webhook(fixture.site, endpoint).await.unwrap().enabled).await;
    assert_eq!(
        fixture.app.webhook(fixture.site, endpoint).await.unwrap().reason.as_deref(),
        Some("every attempt failed for three days")
    );
    dispatcher.stop().await;
}

#[tokio::test]
async fn stored_private_address_is_not_called() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|_, _| ok()).await;
    // Registered where private addresses are allowed, and sent from where they aren't.
    let port = receiver.url.rsplit(':').next().unwrap();
    let urls = [
        receiver.url.clone(),
        format!("https://127.0.0.1:{port}"),
        format!("https://localhost:{port}"),
        format!("https://[::ffff:127.0.0.1]:{port}"),
    ];
    let mut endpoints = Vec::new();
    for url in urls {
        endpoints
            .push(fixture.register(json!({"url": url, "events": ["contact.created"]})).await.0);
    }
    let dispatcher = fixture.dispatcher_with(test_http_client(false));
    fixture.contact("1").await;
    for endpoint in endpoints {
        let failed = fixture.first(endpoint, |delivery| delivery.attempts == 1).await;
        let error = failed.last_attempt.error.unwrap();
        assert!(error.starts_with("the address must"), "{error}");
    }
    assert_eq!(receiver.connections(), 0);
    dispatcher.stop().await;
}
