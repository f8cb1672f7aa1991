//! Messages of agents that no callback URL accepted: each has failed, once.

use super::{
    channel::{ConversationFixture, SITE, events},
    channel_deliveries::{drain, due, set_callback_url},
    test_store::{NOW, TestStore, after},
};
use crate::webhooks::MAX_PENDING_DELIVERIES_OF_CONTACT;
use belfry_domain::{
    DeliveryAttempt, DeliveryOutcome, RetryDecision,
    channel::{ConversationEventKind as Kind, MessageStatus},
};
use serde_json::json;

pub async fn undelivered_message_fails_once(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    set_callback_url(world, &fixture).await;
    let number = fixture.begin(world).await.conversation.number;
    drain(world, RetryDecision::Delivered).await;
    let id = fixture.reply(world, number, "hello").await.message.id;
    world.events.take();
    // A delivery that is retried has not failed yet.
    let first = due(world, NOW).await.remove(0);
    let attempt = DeliveryAttempt { status: Some(503), ..DeliveryAttempt::default() };
    let again = DeliveryOutcome {
        number: first.number,
        at: NOW,
        attempt,
        decision: RetryDecision::RetryAt(after(5)),
    };
    world.store.finish_deliveries(&[again]).await.unwrap();
    assert_eq!(events(world).len(), 0);
    let dead = drain(world, RetryDecision::GiveUp).await;
    // The event about the failure fails too, without causing another one.
    assert_eq!(dead.iter().filter(|(_, kind)| *kind == Kind::MessageUpdated).count(), 1);
    let all_events: Vec<_> = events(world);
    assert_eq!(
        all_events.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [Kind::MessageUpdated]
    );
    let message = world
        .store
        .conversation_message(fixture.site, SITE, number, id)
        .await
        .unwrap()
        .unwrap()
        .message;
    assert_eq!(message.status, MessageStatus::Failed);
    assert_eq!(
        json!(message.content_attributes),
        json!({"external_error": "the callback URL answered 500"})
    );
    // The message can be retried.
    let retried = world
        .store
        .retry_message(fixture.site, SITE, (number, id), after(900))
        .await
        .unwrap()
        .unwrap()
        .message;
    assert_eq!((retried.status, retried.content_attributes.len()), (MessageStatus::Sent, 0));
    let kinds: Vec<Kind> =
        drain(world, RetryDecision::Delivered).await.into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == Kind::MessageCreated).count(), 1);
    world.events.take();
    let same = world
        .store
        .retry_message(fixture.site, SITE, (number, id), after(3_000))
        .await
        .unwrap()
        .unwrap()
        .message;
    assert_eq!(same.status, MessageStatus::Sent);
    assert_eq!(events(world).len(), 0);
}

/// Deliveries that are dropped without an attempt: the oldest of a contact with too many, and those
/// that waited for days.
pub async fn dropped_message_has_failed(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    set_callback_url(world, &fixture).await;
    let number = fixture.begin(world).await.conversation.number;
    drain(world, RetryDecision::Delivered).await;
    let (first, second) = (
        fixture.reply(world, number, "first").await.message.id,
        fixture.reply(world, number, "second").await.message.id,
    );
    let status = async |id| {
        world
            .store
            .conversation_message(fixture.site, SITE, number, id)
            .await
            .unwrap()
            .unwrap()
            .message
            .status
    };
    assert_eq!(
        (status(first).await, status(second).await),
        (MessageStatus::Sent, MessageStatus::Sent)
    );
    world.events.take();
    for _ in 0..MAX_PENDING_DELIVERIES_OF_CONTACT {
        if status(first).await == MessageStatus::Failed {
            break;
        }
        fixture.reply(world, number, "more").await;
    }
    assert_eq!(
        (status(first).await, status(second).await),
        (MessageStatus::Failed, MessageStatus::Sent)
    );
    assert!(events(world).iter().any(|event| event.kind == Kind::MessageUpdated
        && event.message.as_ref().is_some_and(|message| message.id == first)));
    assert!(world.store.sweep_deliveries(after(4 * 86_400)).await.unwrap() > 0);
    assert_eq!(status(second).await, MessageStatus::Failed);
    // Dropping queues nothing in turn.
    assert_eq!(drain(world, RetryDecision::Delivered).await, []);
}
