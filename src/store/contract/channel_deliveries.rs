//! Deliveries to callback URLs and account webhooks.

use super::{
    channel::{ConversationFixture, SITE, events, inbox},
    test_store::{NOW, TestStore, after},
};
use crate::{Concurrency, MAX_ACCOUNT_WEBHOOKS, StoreError};
use belfry_domain::{
    DeliveryAttempt, DeliveryOutcome, DeliveryState, DueDelivery, EndpointKind, EndpointUrl,
    RetryDecision, SigningSecret, Timestamp, WebhookPayload,
    channel::{
        AccountWebhookDraft, ConversationEventKind as Kind, InboxSettings, MessageKind,
        MessageStatus, NewMessage, Performer, Rejection,
    },
};
use serde_json::json;

const CONCURRENCY: Concurrency = Concurrency { total: 100, endpoint: 100, site: 100, after: 0 };

pub(super) async fn due(world: &TestStore, now: Timestamp) -> Vec<DueDelivery> {
    world.store.due_deliveries(now, &[], CONCURRENCY).await.unwrap().deliveries
}

/// Completes due deliveries until none is due, and returns the kinds of the events by endpoint.
pub(super) async fn drain(world: &TestStore, decision: RetryDecision) -> Vec<(EndpointKind, Kind)> {
    let mut taken = Vec::new();
    loop {
        let due = due(world, after(1_000)).await;
        if due.is_empty() {
            return taken;
        }
        let mut outcomes = Vec::new();
        for delivery in due {
            let WebhookPayload::Conversation(event) = &delivery.payload else {
                panic!("{delivery:?}")
            };
            taken.push((delivery.kind, event.kind));
            let attempt = DeliveryAttempt { status: Some(500), ..DeliveryAttempt::default() };
            outcomes.push(DeliveryOutcome {
                number: delivery.number,
                at: after(1_000),
                attempt,
                decision,
            });
        }
        world.store.finish_deliveries(&outcomes).await.unwrap();
    }
}

pub(super) async fn set_callback_url(world: &TestStore, fixture: &ConversationFixture) {
    let set = |settings: &InboxSettings| {
        Ok(InboxSettings {
            callback_url: Some("https://a.example/in".to_owned()),
            upstream_headers: true,
            ..settings.clone()
        })
    };
    world
        .store
        .update_inbox(fixture.site, fixture.inbox.id, Box::new(set), NOW)
        .await
        .unwrap()
        .unwrap();
}

fn account_webhook(url: &str, subscriptions: &[Kind]) -> AccountWebhookDraft {
    AccountWebhookDraft {
        name: Some("Hook".to_owned()),
        url: EndpointUrl::parse(url).unwrap(),
        subscriptions: subscriptions.to_vec(),
    }
}

pub async fn callback_receives_only_its_inbox(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let other = inbox(
        world,
        fixture.site,
        InboxSettings { name: "Other".into(), ..InboxSettings::default() },
    )
    .await;
    set_callback_url(world, &fixture).await;
    let number = fixture.begin(world).await.conversation.number;
    let elsewhere = belfry_domain::channel::NewConversation {
        inbox: Some(other.id),
        contact: Some(fixture.contact),
        ..super::channel::conversation(world)
    };
    world
        .store
        .create_conversation(fixture.site, SITE, &elsewhere, &Performer::System, NOW)
        .await
        .unwrap()
        .unwrap();
    fixture.post_incoming(world, number, "hello").await;
    let note = NewMessage { private: true, ..NewMessage::text(MessageKind::Outgoing, "note") };
    world
        .store
        .post_message(fixture.site, SITE, number, &note, &fixture.performer(), NOW)
        .await
        .unwrap()
        .unwrap();
    let resolve = belfry_domain::channel::ConversationChange {
        status: Some(belfry_domain::channel::StatusChange::Toggle),
        ..Default::default()
    };
    world
        .store
        .update_conversation(fixture.site, SITE, number, &resolve, &fixture.performer(), NOW)
        .await
        .unwrap()
        .unwrap();
    let first = due(world, NOW).await.remove(0);
    assert_eq!(
        (first.kind, first.url.as_str(), first.upstream_headers),
        (EndpointKind::Callback, "https://a.example/in", true)
    );
    let secret = world
        .store
        .inbox_secrets(fixture.site, fixture.inbox.id)
        .await
        .unwrap()
        .unwrap()
        .callback_secret;
    assert_eq!(first.auth, belfry_domain::EndpointAuth::Signed { secret, previous: None });
    let WebhookPayload::Conversation(event) = &first.payload else { panic!("{first:?}") };
    assert_eq!(
        event.conversation.as_ref().unwrap().session.pubsub_token,
        fixture.session.pubsub_token
    );
    let kinds: Vec<Kind> =
        drain(world, RetryDecision::Delivered).await.into_iter().map(|(_, kind)| kind).collect();
    // The activity message of the change is not sent outside.
    assert_eq!(
        kinds,
        [
            Kind::ConversationCreated,
            Kind::MessageCreated,
            Kind::MessageCreated,
            Kind::ConversationStatusChanged,
            Kind::ConversationUpdated
        ]
    );
    assert_eq!(world.store.webhooks(fixture.site).await.unwrap(), []);
    let unset =
        |settings: &InboxSettings| Ok(InboxSettings { callback_url: None, ..settings.clone() });
    world
        .store
        .update_inbox(fixture.site, fixture.inbox.id, Box::new(unset), NOW)
        .await
        .unwrap()
        .unwrap();
    fixture.post_incoming(world, number, "hello").await;
    assert_eq!(drain(world, RetryDecision::Delivered).await, []);
}

pub async fn callback_deliveries_are_scoped_to_their_inbox(world: &TestStore) {
    let (office, foreign) =
        (ConversationFixture::new(world, "a").await, ConversationFixture::new(world, "b").await);
    let (store, inbox) = (&world.store, office.inbox.id);
    assert_eq!(
        store.callback_deliveries(office.site, inbox, 20).await.unwrap(),
        None,
        "the inbox has no callback URL"
    );
    set_callback_url(world, &office).await;
    set_callback_url(world, &foreign).await;
    let number = office.begin(world).await.conversation.number;
    office.post_incoming(world, number, "first").await;
    office.post_incoming(world, number, "second").await;
    let (endpoint, deliveries) =
        store.callback_deliveries(office.site, inbox, 20).await.unwrap().unwrap();
    assert_eq!(
        (endpoint.kind, endpoint.url.as_str(), endpoint.pending),
        (EndpointKind::Callback, "https://a.example/in", 3)
    );
    let kinds: Vec<&str> = deliveries.iter().map(|delivery| delivery.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["message_created", "message_created", "conversation_created"],
        "the newest first"
    );
    let newest = store.callback_deliveries(office.site, inbox, 1).await.unwrap().unwrap().1;
    assert_eq!(
        newest.iter().map(|delivery| delivery.number).collect::<Vec<_>>(),
        [deliveries[0].number]
    );
    assert_eq!(
        store.callback_deliveries(foreign.site, inbox, 20).await.unwrap(),
        None,
        "it is another site's"
    );
    assert_eq!(
        store.callback_deliveries(foreign.site, foreign.inbox.id, 20).await.unwrap().unwrap().1,
        []
    );
    // None of it is among the webhooks of the App Inbox.
    assert_eq!(store.webhook(office.site, endpoint.id).await.unwrap(), None);
    assert!(!store.delete_webhook(office.site, endpoint.id).await.unwrap());
    let taken_away =
        |settings: &InboxSettings| Ok(InboxSettings { callback_url: None, ..settings.clone() });
    store.update_inbox(office.site, inbox, Box::new(taken_away), after(1)).await.unwrap().unwrap();
    assert_eq!(store.callback_deliveries(office.site, inbox, 20).await.unwrap(), None);
}

pub async fn callback_test_concerns_no_message(world: &TestStore) {
    let (office, foreign) =
        (ConversationFixture::new(world, "a").await, ConversationFixture::new(world, "b").await);
    let (store, inbox) = (&world.store, office.inbox.id);
    assert_eq!(
        store.test_callback(office.site, inbox, NOW).await.unwrap(),
        None,
        "the inbox has no callback URL"
    );
    set_callback_url(world, &office).await;
    assert_eq!(
        store.test_callback(foreign.site, inbox, NOW).await.unwrap(),
        None,
        "it is another site's"
    );
    let number = office.begin(world).await.conversation.number;
    let message = office.reply(world, number, "hello").await.message.id;
    drain(world, RetryDecision::Delivered).await;
    let hook = account_webhook(
        "https://a.example/hook",
        &[Kind::MessageCreated, Kind::MessageUpdated, Kind::InboxUpdated],
    );
    store
        .create_account_webhook(office.site, &hook, &SigningSecret::generate(&world.rng), NOW)
        .await
        .unwrap()
        .unwrap();
    world.events.take();

    let test = store.test_callback(office.site, inbox, NOW).await.unwrap().unwrap();
    assert_eq!((test.kind.as_str(), test.contact), ("test", None));
    let due = due(world, NOW).await;
    let told: Vec<_> = due.iter().map(|delivery| (delivery.number, delivery.kind)).collect();
    assert_eq!(told, [(test.number, EndpointKind::Callback)], "only the callback URL receives it");
    let WebhookPayload::Raw(body) = &due[0].payload else { panic!("{:?}", due[0]) };
    let place = json!({"id": inbox.0, "name": office.inbox.settings.name});
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&body["event"], &body["id"], &body["inbox"]),
        (&json!("test"), &json!(test.event), &place)
    );
    assert_eq!(body["account"]["id"], office.inbox.account.0);

    let attempt = DeliveryAttempt { status: Some(500), ..DeliveryAttempt::default() };
    store
        .finish_deliveries(&[DeliveryOutcome {
            number: test.number,
            at: after(1),
            attempt,
            decision: RetryDecision::GiveUp,
        }])
        .await
        .unwrap();
    let shown =
        store.callback_deliveries(office.site, inbox, 1).await.unwrap().unwrap().1.remove(0);
    assert_eq!(
        (shown.number, shown.state, shown.last_attempt.status),
        (test.number, DeliveryState::Failed, Some(500))
    );
    let kept = store
        .conversation_message(office.site, SITE, number, message)
        .await
        .unwrap()
        .unwrap()
        .message;
    assert_eq!((kept.status, events(world).len()), (MessageStatus::Sent, 0));

    // An endpoint that only failed for days is disabled.
    let again = store.test_callback(office.site, inbox, NOW).await.unwrap().unwrap().number;
    let outcome = DeliveryOutcome {
        number: again,
        at: after(4 * 86_400),
        attempt: DeliveryAttempt::default(),
        decision: RetryDecision::GiveUp,
    };
    store.finish_deliveries(&[outcome]).await.unwrap();
    assert!(!store.callback_deliveries(office.site, inbox, 1).await.unwrap().unwrap().0.enabled);
    assert_eq!(store.test_callback(office.site, inbox, after(4 * 86_400)).await.unwrap(), None);
}

pub async fn account_webhook_receives_subscribed_events(world: &TestStore) {
    let fixture = ConversationFixture::new(world, "a").await;
    let (store, secret) = (&world.store, SigningSecret::generate(&world.rng));
    let draft =
        account_webhook("https://a.example/hook", &[Kind::MessageCreated, Kind::ContactCreated]);
    let made =
        store.create_account_webhook(fixture.site, &draft, &secret, NOW).await.unwrap().unwrap();
    assert_eq!((made.name.as_deref(), &made.secret), (Some("Hook"), &secret));
    assert_eq!(made.subscriptions, [Kind::MessageCreated, Kind::ContactCreated]);
    assert_eq!(store.account_webhooks(fixture.site).await.unwrap(), std::slice::from_ref(&made));
    let again = store.create_account_webhook(fixture.site, &draft, &secret, NOW).await.unwrap();
    assert_eq!(again.unwrap_err(), Rejection::Taken("url"));
    let number = fixture.begin(world).await.conversation.number;
    fixture.post_incoming(world, number, "hello").await;
    super::channel::contact(world, fixture.site, fixture.inbox.id, "crm-2").await;
    let WebhookPayload::Conversation(event) = due(world, NOW).await.remove(0).payload else {
        panic!("not an event")
    };
    assert_eq!(event.conversation.unwrap().session.pubsub_token, None);
    let kinds = drain(world, RetryDecision::Delivered).await;
    assert_eq!(
        kinds,
        [
            (EndpointKind::Account, Kind::MessageCreated),
            (EndpointKind::Account, Kind::ContactCreated)
        ]
    );
    let change = |draft: &AccountWebhookDraft| {
        Ok(AccountWebhookDraft { subscriptions: vec![Kind::MessageUpdated], ..draft.clone() })
    };
    let changed = store
        .update_account_webhook(fixture.site, made.id, Box::new(change))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (changed.subscriptions.as_slice(), &changed.secret),
        ([Kind::MessageUpdated].as_slice(), &secret)
    );
    fixture.post_incoming(world, number, "hello").await;
    assert_eq!(drain(world, RetryDecision::Delivered).await, []);
    let (foreign, _) = world.site("b").await;
    assert_eq!(store.account_webhooks(foreign).await.unwrap(), []);
    assert!(!store.delete_account_webhook(foreign, made.id).await.unwrap());
    let change = |draft: &AccountWebhookDraft| Ok(draft.clone());
    assert_eq!(
        store
            .update_account_webhook(foreign, made.id, Box::new(change))
            .await
            .unwrap()
            .unwrap_err(),
        Rejection::NotFound("webhook")
    );
    assert!(store.delete_account_webhook(fixture.site, made.id).await.unwrap());
    assert_eq!(store.account_webhooks(fixture.site).await.unwrap(), []);
    for number in 0..MAX_ACCOUNT_WEBHOOKS {
        store
            .create_account_webhook(
                fixture.site,
                &account_webhook(&format!("https://a.example/{number}"), &[]),
                &secret,
                NOW,
            )
            .await
            .unwrap()
            .unwrap();
    }
    let one_more = store
        .create_account_webhook(
            fixture.site,
            &account_webhook("https://a.example/more", &[]),
            &secret,
            NOW,
        )
        .await;
    assert!(matches!(one_more, Err(StoreError::Limit(_))));
}
