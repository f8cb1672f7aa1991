//! Signatures of deliveries.

use super::{
    fixture::WebhookFixture,
    receiver::{Reaction, Receiver, ok},
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use belfry_domain::SigningSecret;
use standardwebhooks::Webhook;
use std::time::Duration;

fn verifies(got: &super::receiver::ReceivedRequest, secret: &SigningSecret) -> bool {
    let headers: HeaderMap = got
        .headers
        .iter()
        .map(|(name, value)| {
            (HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap())
        })
        .collect();
    Webhook::new(secret.reveal()).unwrap().verify(got.body.as_bytes(), &headers).is_ok()
}

#[tokio::test]
async fn reference_library_verifies_only_the_sent_request() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|_, _| ok()).await;
    let (_, secret) = fixture.endpoint(&receiver, &["contact.created"]).await;
    let dispatcher = fixture.dispatcher();
    fixture.contact("Ö 42").await;
    let mut got = receiver.wait(1).await.remove(0);
    assert_eq!(got.line, "POST /hook HTTP/1.1");
    assert_eq!(got.header("content-type"), "application/json");
    assert!(got.header("user-agent").starts_with("Belfry/"));
    assert!(!got.header("webhook-id").contains('.'));
    assert!(verifies(&got, &secret));
    got.body.push(' ');
    assert!(!verifies(&got, &secret));
    dispatcher.stop().await;
}

#[tokio::test]
async fn both_secrets_sign_for_a_day_after_rotation() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|_, _| ok()).await;
    let (endpoint, old) = fixture.endpoint(&receiver, &["contact.created"]).await;
    let (new, until) = fixture.app.rotate_webhook_secret(fixture.site, endpoint).await.unwrap();
    assert_ne!(old, new);
    let dispatcher = fixture.dispatcher();
    fixture.contact("1").await;
    let got = receiver.wait(1).await.remove(0);
    assert_eq!(got.header("webhook-signature").split(' ').count(), 2);
    assert!(verifies(&got, &old) && verifies(&got, &new));
    fixture.clock.advance(Duration::from_hours(24));
    assert_eq!(fixture.app.now(), until);
    fixture.contact("2").await;
    let got = receiver.wait(2).await.remove(1);
    let reference = Webhook::new(new.reveal()).unwrap();
    let timestamp = got.header("webhook-timestamp").parse().unwrap();
    assert_eq!(
        got.header("webhook-signature"),
        reference.sign(got.header("webhook-id"), timestamp, got.body.as_bytes()).unwrap()
    );
    dispatcher.stop().await;
}

#[tokio::test]
async fn event_id_is_stable_across_attempts() {
    let fixture = WebhookFixture::new().await;
    let receiver =
        Receiver::new(
            |before, _| if before == 0 { Reaction::Status(500, String::new()) } else { ok() },
        )
        .await;
    let (endpoint, secret) = fixture.endpoint(&receiver, &["contact.created"]).await;
    let dispatcher = fixture.dispatcher();
    fixture.contact("1").await;
    fixture.first(endpoint, |delivery| delivery.attempts == 1).await;
    fixture.clock.advance(Duration::from_secs(6));
    let got = receiver.wait(2).await;
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
    assert_ne!(got[0].header("webhook-timestamp"), got[1].header("webhook-timestamp"));
    assert_eq!(got[0].body, got[1].body);
    assert!(verifies(&got[1], &secret));
    let delivery = fixture.done(endpoint).await;
    assert_eq!(
        (
            delivery.attempts,
            delivery.last_attempt.status,
            delivery.last_attempt.response_excerpt.as_deref()
        ),
        (2, Some(200), Some("hi"))
    );
    dispatcher.stop().await;
}
