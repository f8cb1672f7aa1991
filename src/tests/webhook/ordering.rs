//! Ordering: in order per contact, independent otherwise, and at least once across restarts.

use super::{
    fixture::{WebhookFixture, until},
    receiver::{Reaction, Receiver, ok},
};
use belfry_domain::{ContactLookup, DeliveryState};
use std::time::Duration;

#[tokio::test]
async fn deliveries_are_ordered_per_contact_only() {
    let world = WebhookFixture::new().await;
    let receiver = Receiver::new(|_, got| {
        // The first delivery about the first contact fails until it is retried.
        let stubborn = got.json()["data"]["contact"]["externalCustomerId"] == "slow"
            && got.json()["type"] == "contact.created";
        if stubborn { Reaction::Status(500, String::new()) } else { ok() }
    })
    .await;
    let (endpoint, _) = world.endpoint(&receiver, &["contact.created", "contact.deleted"]).await;
    let dispatcher = world.dispatcher();
    let slow = world.contact("slow").await;
    world.app.delete_contact(world.site, &ContactLookup::Id(slow)).await.unwrap();
    world.first(endpoint, |delivery| delivery.attempts == 1).await;
    let other = world.contact("other").await;
    world.app.delete_contact(world.site, &ContactLookup::Id(other)).await.unwrap();
    until(async || {
        world
            .deliveries(endpoint)
            .await
            .iter()
            .filter(|delivery| delivery.state == DeliveryState::Delivered)
            .count()
            == 2
    })
    .await;
    let states = world.deliveries(endpoint).await;
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
        world.clock.advance(Duration::from_mins(200));
        world.first(endpoint, |delivery| delivery.attempts == attempts).await;
    }
    until(async || world.deliveries(endpoint).await[1].state == DeliveryState::Delivered).await;
    dispatcher.stop().await;
}

#[tokio::test]
async fn hanging_endpoint_does_not_delay_others() {
    let world = WebhookFixture::new().await;
    let hanging = Receiver::new(|_, _| Reaction::Hang).await;
    let well = Receiver::new(|_, _| ok()).await;
    let (stuck, _) = world.endpoint(&hanging, &["contact.created"]).await;
    let (endpoint, _) = world.endpoint(&well, &["contact.created"]).await;
    let dispatcher = world.dispatcher();
    for number in 0..60 {
        world.contact(&number.to_string()).await;
    }
    well.wait(60).await;
    // The other endpoint had a few concurrent requests at most, and none succeeded.
    assert!(
        world
            .deliveries(stuck)
            .await
            .iter()
            .all(|delivery| delivery.state == DeliveryState::Pending)
    );
    until(async || world.app.webhook(world.site, endpoint).await.unwrap().pending == 0).await;
    assert_eq!(world.app.webhook(world.site, stuck).await.unwrap().pending, 60);
    let mut names: Vec<String> =
        well.requests().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 60);
    dispatcher.kill().await;
}

#[tokio::test]
async fn interrupted_delivery_is_sent_after_a_restart() {
    let world = WebhookFixture::new().await;
    let receiver = Receiver::new(|before, _| if before < 3 { Reaction::Hang } else { ok() }).await;
    let (endpoint, _) = world.endpoint(&receiver, &["contact.created"]).await;
    let dispatcher = world.dispatcher();
    for name in ["1", "2", "3"] {
        world.contact(name).await;
    }
    // All three are in flight, and none is answered.
    let before = receiver.wait(3).await;
    dispatcher.kill().await;
    // Committed while no dispatcher was running.
    world.contact("4").await;
    let world = world.reopen().await;
    // In case one of them was late enough to count as a failure.
    world.clock.advance(Duration::from_secs(10));
    let dispatcher = world.dispatcher();
    until(async || world.app.webhook(world.site, endpoint).await.unwrap().pending == 0).await;
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
        world
            .deliveries(endpoint)
            .await
            .iter()
            .all(|delivery| delivery.state == DeliveryState::Delivered)
    );
    dispatcher.stop().await;
}
