//! The events of an inbox's conversations that its callback URL gets.

use super::{
    fixture::{WebhookFixture, until},
    receiver::{Reaction, ReceivedRequest, Receiver, ok},
};
use crate::channels::site::ChannelSite;
use belfry_domain::{
    DeliveryState,
    channel::{AgentRole, ConversationAccess, InboxSettings, MessageStatus},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;
use std::time::Duration;

async fn site(
    fixture: &WebhookFixture,
    receiver: &Receiver,
    upstream_headers: bool,
) -> ChannelSite {
    let settings = InboxSettings {
        callback_url: Some(receiver.url.clone()),
        upstream_headers,
        ..InboxSettings::default()
    };
    ChannelSite::new(&fixture.app, &fixture.store, settings).await
}

fn named(got: &[ReceivedRequest], event: &str) -> Vec<ReceivedRequest> {
    got.iter().filter(|got| got.json()["event"] == event).cloned().collect()
}

/// The signature that a receiver computes, as documented.
fn signature(secret: &str, got: &ReceivedRequest) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{}.{}", got.header("x-belfry-timestamp"), got.body).as_bytes());
    let hex: Vec<String> =
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={}", hex.concat())
}

#[tokio::test]
async fn messages_and_notes_are_posted_in_order() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|_, _| ok()).await;
    let site = site(&fixture, &receiver, false).await;
    let (ann, agent) = (
        site.session(None, false).await,
        site.colleague("agent@shop.example", AgentRole::Agent, true).await,
    );
    let dispatcher = fixture.dispatcher();
    let number = site.conversation(&ann).await;
    site.write(number, "Is it in stock?").await;
    site.reply(number, &agent, "She asks again", true).await;
    site.reply(number, &agent, "It is.", false).await;
    until(async || named(&receiver.requests(), "message_created").len() == 3).await;
    let got = receiver.requests();
    assert_eq!(got[0].json()["event"], "conversation_created");
    let messages = named(&got, "message_created");
    let told: Vec<_> = messages
        .iter()
        .map(|got| (got.json()["content"].clone(), got.json()["private"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            (json!("Is it in stock?"), json!(false)),
            (json!("She asks again"), json!(true)),
            (json!("It is."), json!(false))
        ]
    );
    assert_eq!(
        (&messages[0].json()["sender"]["type"], &messages[2].json()["sender"]["type"]),
        (&json!("contact"), &json!("user"))
    );
    for got in &got {
        assert_eq!(
            (got.header("content-type"), got.header("accept")),
            ("application/json", "application/json")
        );
        assert_eq!(
            got.header("x-belfry-signature"),
            signature(site.secrets.callback_secret.reveal(), got)
        );
        assert!(!got.headers.keys().any(|name| name.contains("chatwoot")));
        assert!(!got.body.contains("pubsub"));
    }
    let mut ids: Vec<_> =
        got.iter().map(|got| got.header("x-belfry-delivery").to_owned()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), got.len());
    dispatcher.stop().await;
}

#[tokio::test]
async fn automatic_message_is_posted_after_its_trigger() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|_, _| ok()).await;
    let settings = InboxSettings {
        callback_url: Some(receiver.url.clone()),
        greeting_enabled: true,
        greeting_message: Some("Welcome".into()),
        ..InboxSettings::default()
    };
    let site = ChannelSite::new(&fixture.app, &fixture.store, settings).await;
    let ann = site.session(None, false).await;
    let dispatcher = fixture.dispatcher();
    let number = site.conversation(&ann).await;
    site.write(number, "Is it in stock?").await;
    site.write(number, "Hello?").await;
    until(async || named(&receiver.requests(), "message_created").len() == 3).await;
    let messages = named(&receiver.requests(), "message_created");
    let told: Vec<_> = messages
        .iter()
        .map(|got| (got.json()["content"].clone(), got.json()["message_type"].clone()))
        .collect();
    assert_eq!(
        told,
        [("Is it in stock?", "incoming"), ("Welcome", "template"), ("Hello?", "incoming")]
            .map(|(content, kind)| (json!(content), json!(kind)))
    );
    let greeting = messages[1].json();
    assert_eq!(
        (&greeting["sender"], &greeting["private"], &greeting["conversation"]["id"]),
        (&json!(null), &json!(false), &json!(number.0))
    );
    dispatcher.stop().await;
}

#[tokio::test]
async fn message_fails_after_three_rejected_attempts() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|_, got| {
        if got.body.contains("\"message_created\"") {
            Reaction::Status(503, String::new())
        } else {
            ok()
        }
    })
    .await;
    let site = site(&fixture, &receiver, true).await;
    let ann = site.session(None, false).await;
    let number = site.conversation(&ann).await;
    let message = site.write(number, "Hello").await;
    let dispatcher = fixture.dispatcher();
    for attempts in 1..=3 {
        until(async || fixture.recorded_attempts().await == attempts).await;
        // Not before: the wait for the next one begins when an attempt is recorded.
        fixture.clock.advance(Duration::from_mins(1));
    }
    let failed = async || {
        let found = fixture
            .store
            .conversation_message(site.id, ConversationAccess::Site, number, message.id)
            .await
            .unwrap()
            .unwrap()
            .message;
        (found.status == MessageStatus::Failed).then_some(found)
    };
    until(async || failed().await.is_some()).await;
    assert_eq!(
        failed().await.unwrap().content_attributes["external_error"],
        "the callback URL answered 503"
    );
    // Its failure is reported once, and not retried.
    until(async || !named(&receiver.requests(), "message_updated").is_empty()).await;
    fixture.clock.advance(Duration::from_hours(1));
    dispatcher.stop().await;
    let (attempts, updates) = (
        named(&receiver.requests(), "message_created"),
        named(&receiver.requests(), "message_updated"),
    );
    assert_eq!((attempts.len(), updates.len()), (3, 1));
    let delivery = attempts[0].header("x-belfry-delivery");
    for got in &attempts {
        assert_eq!(
            got.header("x-belfry-signature"),
            signature(site.secrets.callback_secret.reveal(), got)
        );
        assert_eq!(
            (got.header("x-belfry-delivery"), got.header("x-chatwoot-delivery")),
            (delivery, delivery)
        );
        assert_eq!(got.header("x-chatwoot-signature"), got.header("x-belfry-signature"));
        assert_eq!(got.header("x-chatwoot-timestamp"), got.header("x-belfry-timestamp"));
    }
    assert_ne!(attempts[0].header("x-belfry-timestamp"), attempts[1].header("x-belfry-timestamp"));
}

#[tokio::test]
async fn client_error_is_final_and_deliveries_continue() {
    let fixture = WebhookFixture::new().await;
    let receiver = Receiver::new(|_, got| {
        if got.body.contains("refuse me") { Reaction::Status(410, String::new()) } else { ok() }
    })
    .await;
    let site = site(&fixture, &receiver, false).await;
    let ann = site.session(None, false).await;
    let number = site.conversation(&ann).await;
    let dispatcher = fixture.dispatcher();
    site.write(number, "refuse me").await;
    site.write(number, "take me").await;
    until(async || receiver.requests().iter().any(|got| got.json()["content"] == "take me")).await;
    dispatcher.stop().await;
    let refused = receiver
        .requests()
        .into_iter()
        .filter(|got| {
            got.json()["event"] == "message_created" && got.json()["content"] == "refuse me"
        })
        .count();
    assert_eq!(refused, 1);
}

#[tokio::test]
async fn test_delivery_is_signed_and_fails_independently() {
    let fixture = WebhookFixture::new().await;
    let refused = r#""event":"test""#;
    let receiver = Receiver::new(move |_, got| {
        if got.body.contains(refused) { Reaction::Status(400, String::new()) } else { ok() }
    })
    .await;
    let site = site(&fixture, &receiver, false).await;
    let ann = site.session(None, false).await;
    let number = site.conversation(&ann).await;
    let message = site.write(number, "Hello").await;
    let test = fixture.app.test_callback(site.id, site.inbox.id).await.unwrap();
    let dispatcher = fixture.dispatcher();
    let shown = async || {
        let (_, sent) =
            fixture.app.callback_deliveries(site.id, site.inbox.id, 9).await.unwrap().unwrap();
        sent.into_iter().find(|delivery| delivery.number == test.number).unwrap()
    };
    until(async || {
        shown().await.state == DeliveryState::Failed
            && named(&receiver.requests(), "message_created").len() == 1
    })
    .await;
    dispatcher.stop().await;
    assert_eq!((shown().await.attempts, shown().await.last_attempt.status), (1, Some(400)));
    let got = named(&receiver.requests(), "test").remove(0);
    assert_eq!(
        got.header("x-belfry-signature"),
        signature(site.secrets.callback_secret.reveal(), &got)
    );
    let (account, inbox) = (
        json!({"id": site.inbox.account.0, "name": "Shop"}),
        json!({"id": site.inbox.id.0, "name": "Shop API"}),
    );
    assert_eq!(
        got.json(),
        json!({"event": "test", "id": test.event, "account": account, "inbox": inbox})
    );
    let kept = fixture
        .store
        .conversation_message(site.id, ConversationAccess::Site, number, message.id)
        .await
        .unwrap()
        .unwrap()
        .message;
    assert_eq!(kept.status, MessageStatus::Sent);
    assert!(named(&receiver.requests(), "message_updated").is_empty());
}
