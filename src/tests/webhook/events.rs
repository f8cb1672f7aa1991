//! The event of each action, and full messages for clients of existing products.

use super::{
    fixture::WebhookFixture,
    receiver::{Reaction, ReceivedRequest, Receiver, ok},
};
use belfry_domain::{ContactLookup, DeliveryState, EventType, ReaderAction};
use serde_json::{Value, json};

fn of(got: &[ReceivedRequest], kind: &str) -> Vec<Value> {
    got.iter()
        .map(ReceivedRequest::json)
        .filter(|event| event["type"] == kind)
        .map(|event| event["data"].clone())
        .collect()
}

#[tokio::test]
async fn each_action_is_one_event_with_its_subject() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|_, _| ok()).await;
    let (endpoint, _) = fixture.endpoint(&receiver, &EventType::EACH.map(EventType::as_str)).await;
    let dispatcher = fixture.dispatcher();
    let contact = fixture.contact("42").await;
    fixture.contact("42").await;
    let (one, two) = (
        fixture.publish(json!({"audience": "everyone"})).await,
        fixture.publish(json!({"audience": {"contact": {"id": contact}}})).await,
    );
    let (one, two): (belfry_domain::MessageId, belfry_domain::MessageId) =
        (one.parse().unwrap(), two.parse().unwrap());
    fixture.mark(contact, ReaderAction::Seen(None)).await;
    fixture.mark(contact, ReaderAction::Seen(None)).await;
    fixture.mark(contact, ReaderAction::Clicked(one)).await;
    fixture.mark(contact, ReaderAction::Read(vec![one, two])).await;
    fixture.mark(contact, ReaderAction::Unread(vec![two])).await;
    fixture.mark(contact, ReaderAction::AllRead(None)).await;
    fixture.mark(contact, ReaderAction::Archive(vec![one, two])).await;
    fixture.app.delete_contact(fixture.site, &ContactLookup::Id(contact)).await.unwrap();
    let got = receiver.wait(7).await;
    let who = json!({"id": contact, "externalCustomerId": "42"});
    let kinds: Vec<Value> = got.iter().map(|got| got.json()["type"].clone()).collect();
    let expected = [
        "contact.created",
        "message.seen",
        "message.clicked",
        "message.read",
        "message.read",
        "message.archived",
        "contact.deleted",
    ]
    .map(Value::from);
    assert_eq!(kinds, expected);
    assert_eq!(of(&got, "contact.created"), [json!({"contact": who})]);
    assert_eq!(of(&got, "message.clicked"), [json!({"contact": who, "messages": [one]})]);
    let read = of(&got, "message.read");
    assert_eq!(read[0], json!({"contact": who, "messages": [two]}));
    assert_eq!((&read[1]["all"], &read[1]["contact"]), (&json!(true), &who));
    assert!(read[1]["through"].is_string() && read[1]["position"].is_i64());
    assert_eq!(of(&got, "message.seen")[0]["all"], true);
    assert_eq!(of(&got, "message.archived")[0]["messages"].as_array().unwrap().len(), 2);
    assert_eq!(of(&got, "contact.deleted"), [json!({"contact": who})]);
    // For an erased contact, only the erasure is left.
    let left = fixture.deliveries(endpoint).await;
    assert!(left.iter().all(|delivery| delivery.kind == "contact.deleted"
        || delivery.state == DeliveryState::Pending
        || delivery.contact == Some(contact)));
    dispatcher.stop().await;
}

#[tokio::test]
async fn endpoint_gets_only_subscribed_events() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|_, _| ok()).await;
    let (endpoint, _) = fixture.endpoint(&receiver, &["message.read"]).await;
    let contact = fixture.contact("42").await;
    fixture.publish(json!({"audience": "everyone"})).await;
    fixture.mark(contact, ReaderAction::Seen(None)).await;
    assert!(fixture.deliveries(endpoint).await.is_empty());
    let test = fixture.app.test_webhook(fixture.site, endpoint).await.unwrap();
    let dispatcher = fixture.dispatcher();
    let got = receiver.wait(1).await;
    assert_eq!(
        (got[0].header("webhook-id"), &got[0].json()["type"]),
        (test.event.as_str(), &json!("webhook.test"))
    );
    dispatcher.stop().await;
}

#[tokio::test]
async fn password_is_dropped_when_the_receiver_changes() {
    let fixture = WebhookFixture::new().await;
    let (trusted, other) = (Receiver::new(|_, _| ok()).await, Receiver::new(|_, _| ok()).await);
    let auth = json!({"type": "basic", "username": "shop", "password": "pass:word"});
    let (endpoint, _) =
        fixture.register(json!({"kind": "message", "url": trusted.url, "auth": auth})).await;
    let change = async |json: Value| {
        let change = belfry_app::parse_webhook_change(json.to_string().as_bytes()).unwrap();
        fixture.app.update_webhook(fixture.site, endpoint, &change).await.unwrap()
    };
    let contact = fixture.contact("42").await;
    let dispatcher = fixture.dispatcher();
    let audience = json!({"contacts": [{"id": contact}]});
    // The same receiver at another path, and other changes: the password stays.
    change(json!({"url": format!("{}?later", trusted.url)})).await;
    change(json!({"description": "Ours"})).await;
    fixture.publish(json!({"audience": audience})).await;
    assert_eq!(trusted.wait(1).await[0].header("authorization"), "Basic c2hvcDpwYXNzOndvcmQ=");
    assert_eq!(change(json!({"url": other.url})).await.username, None);
    fixture.publish(json!({"audience": audience})).await;
    assert_eq!(other.wait(1).await[0].header("authorization"), "");
    // Given again with the URL, it is sent; and the old one isn't restored.
    let anew = change(
        json!({"url": trusted.url, "auth": {"type": "basic", "username": "a", "password": "b"}}),
    )
    .await;
    assert_eq!(anew.username.as_deref(), Some("a"));
    fixture.publish(json!({"audience": audience})).await;
    assert_eq!(trusted.wait(2).await[1].header("authorization"), "Basic YTpi");
    dispatcher.stop().await;
}

#[tokio::test]
async fn message_event_has_the_full_message() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|before, _| match before {
        0 => Reaction::Status(503, String::new()),
        1 => ok(),
        _ => Reaction::Status(400, String::new()),
    })
    .await;
    let auth = json!({"type": "basic", "username": "shop", "password": "pass:word"});
    let (endpoint, secret) =
        fixture.register(json!({"kind": "message", "url": receiver.url, "auth": auth})).await;
    assert_eq!(secret, None);
    let contact = fixture.contact("42").await;
    let json = json!({"email": "a@b.example"}).to_string();
    let nameless = fixture
        .app
        .upsert_contact(fixture.site, &belfry_app::parse_contact(json.as_bytes()).unwrap())
        .await
        .unwrap();
    let dispatcher = fixture.dispatcher();
    let audience = json!({"contacts": [{"id": contact}, {"id": nameless}]});
    let id = fixture
        .publish(json!({"audience": audience, "category": "orders", "data": {"n": 7}}))
        .await;
    fixture.publish(json!({"audience": "everyone"})).await;
    fixture.first(endpoint, |delivery| delivery.attempts == 1).await;
    fixture.clock.advance(std::time::Duration::from_secs(6));
    fixture.done(endpoint).await;
    let got = receiver.requests();
    assert_eq!(got[0].header("authorization"), "Basic c2hvcDpwYXNzOndvcmQ=");
    assert_eq!(got[0].header("webhook-signature"), "");
    let mut body = got[1].json();
    assert!(body["createdDate"].as_i64().is_some());
    body["createdDate"] = Value::Null;
    let expected = json!({"externalCustomerId": "42", "id": id, "createdDate": null, "title": "Hello", "content": "<p>There</p>", "image": null,
        "link": "https://shop.example/7", "category": "orders", "customData": "{\"n\":7}"});
    assert_eq!(body, expected);
    // Neither the one without an external id nor everyone; and a message that the receiver rejects
    // permanently is not sent again.
    assert_eq!(fixture.deliveries(endpoint).await.len(), 1);
    fixture.publish(json!({"audience": {"contact": {"id": contact}}})).await;
    super::fixture::until(async || {
        fixture
            .deliveries(endpoint)
            .await
            .iter()
            .any(|delivery| delivery.state == DeliveryState::Failed)
    })
    .await;
    dispatcher.stop().await;
}

#[tokio::test]
async fn erasing_a_contact_deletes_pending_deliveries() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|_, _| ok()).await;
    let (messages, _) = fixture.register(json!({"kind": "message", "url": receiver.url})).await;
    let (events, _) = fixture.endpoint(&receiver, &["contact.deleted"]).await;
    let (erased, other) = (fixture.contact("42").await, fixture.contact("43").await);
    fixture.publish(json!({"audience": {"contacts": [{"id": erased}, {"id": other}]}})).await;
    assert_eq!(fixture.deliveries(messages).await.len(), 2);
    fixture.app.delete_contact(fixture.site, &ContactLookup::Id(erased)).await.unwrap();
    let left: Vec<_> =
        fixture.deliveries(messages).await.into_iter().map(|delivery| delivery.contact).collect();
    assert_eq!(left, [Some(other)]);
    assert_eq!(
        fixture.deliveries(events).await[0].contact,
        Some(erased),
        "the event itself is still reported"
    );
}
