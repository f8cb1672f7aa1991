//! Ordering: in order per contact, independent otherwise, and at least once across restarts.

use super::{
    fixture::{WebhookFixture, until},
    receiver::{Reaction, Receiver, ok},
};
use belfry_domain::{ContactLookup, DeliveryState};
use std::time::Duration;

#[tokio::test]
async fn deliveries_are_ordered_per_contact_only() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|_, got| {
        // The first delivery about the first contact fails until it is retried.
        let stubborn = got.json()["data"]["contact"]["externalCustomerId"] == "slow"
            && got.json()["type"] == "contact.created";
        if stubborn { Reaction::Status(500, String::new()) } else { ok() }
    })
    .await;
    let (endpoint, _) = fixture.endpoint(&receiver, &["contact.created", "contact.deleted"]).await;
    let dispatcher = fixture.dispatcher();
    let slow = fixture.contact("slow").await;
    fixture.app.delete_contact(fixture.site, &ContactLookup::Id(slow)).await.unwrap();
    fixture.first(endpoint, |delivery| delivery.attempts == 1).await;
    let other = fixture.contact("other").await;
    fixture.app.delete_contact(fixture.site, &ContactLookup::Id(other)).await.unwrap();
    // Its first delivery may be gone: the finished ones of a contact are deleted with it.
    until(async || {
        let deliveries = fixture.deliveries(endpoint).await;
        deliveries.last().is_some_and(|last| last.state == DeliveryState::Delivered)
    })
    .await;
    let states = fixture.deliveries(endpoint).await;
    assert_eq!((states[1].attempts, states[1].next_at), (0, None));
    let kinds: Vec<String> = receiver
        .requests()
        .iter()
        .filter(|got| got.body.contains("other"))
        .map(|got| got.json()["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["contact.created", "contact.deleted"]);
    // When the first delivery is given up, the next one is sent.
    for attempts in 2..=14 {
        fixture.clock.advance(Duration::from_mins(200));
        fixture.first(endpoint, |delivery| delivery.attempts == attempts).await;
    }
    until(async || fixture.deliveries(endpoint).await[1].state == DeliveryState::Delivered).await;
    dispatcher.stop().await;
}

#[tokio::test]
async fn hanging_endpoint_does_not_delay_others() {
    let fixture = WebhookFixture::new().await;
    let hanging = Receiver::new(|_, _| Reaction::Hang).await;
    let well = Receiver::new(|_, _| ok()).await;
    let (stuck, _) = fixture.endpoint(&hanging, &["contact.created"]).await;
    let (endpoint, _) = fixture.endpoint(&well, &["contact.created"]).await;
    let dispatcher = fixture.dispatcher();
    for number in 0..60 {
        fixture.contact(&number.to_string()).await;
    }
    well.wait(60).await;
    // The other endpoint had a few concurrent requests at most, and none succeeded.
    assert!(
        fixture
            .deliveries(stuck)
            .await
            .iter()
            .all(|delivery| delivery.state == DeliveryState::Pending)
    );
    until(async || fixture.app.webhook(fixture.site, endpoint).await.unwrap().pending == 0).await;
    assert_eq!(fixture.app.webhook(fixture.site, stuck).await.unwrap().pending, 60);
    let mut names: Vec<String> =
        well.requests().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 60);
    dispatcher.kill().await;
}

#[tokio::test]
async fn interrupted_delivery_is_sent_after_a_restart() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|before, _| if before < 3 { Reaction::Hang } else { ok() }).await;
    let (endpoint, _) = fixture.endpoint(&receiver, &["contact.created"]).await;
    let dispatcher = fixture.dispatcher();
    for name in ["1", "2", "3"] {
        fixture.contact(name).await;
    }
    // All three are in flight, and none is answered.
    let before = receiver.wait(3).await;
    dispatcher.kill().await;
    // Committed while no dispatcher was running.
    fixture.contact("4").await;
    let fixture = fixture.reopen().await;
    // In case one of them was late enough to count as a failure.
    fixture.clock.advance(Duration::from_secs(10));
    let dispatcher = fixture.dispatcher();
    until(async || fixture.app.webhook(fixture.site, endpoint).await.unwrap().pending == 0).await;
    let got = receiver.requests();
    assert!(got.len() >= 7);
    for request in before {
        assert!(
            got.iter()
                .filter(|again| again.header("webhook-id") == request.header("webhook-id"))
                .count()
                >= 2
        );
    }
    assert!(
        fixture
            .deliveries(endpoint)
            .await
            .iter()
            .all(|delivery| delivery.state == DeliveryState::Delivered)
    );
    dispatcher.stop().await;
}
