//! The HTTP routes of customers, with every status of each.

use crate::{
    channels::public::PublicFixture,
    support::{Answer, TestApp},
};
use axum::http::Method;
use belfry_app::rate_limit::RateLimit;
use belfry_channels::public::Limits;
use belfry_domain::channel::{
    ConversationAccess, ConversationNumber, InboxSettings, MessageList, MessageWindow,
};
use belfry_store::{ConversationMessageStore as _, InboxStore as _};
use serde_json::{Value, json};
use std::time::Duration;

const UNKNOWN_UUID: &str = "0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4";

fn bot(fixture: &PublicFixture<'_>, rest: &str) -> String {
    format!("/api/bot/{}{rest}", fixture.inbox.uuid)
}

fn message_body() -> Value {
    json!({ "user_id": "42", "name": "Ann Lee", "phone": "+15550001111", "email": "ann@shop.example", "message": "Call me" })
}

async fn post_message(fixture: &PublicFixture<'_>, body: Value) -> Answer {
    fixture.app.post(&bot(fixture, "/leave-message")).json(&body).send().await
}

#[track_caller]
fn assert_error(answer: &Answer, status: u16, reason: &str, field: Option<&str>) {
    let body = answer.expect(status);
    assert_eq!(
        (&body["status"], &body["reason"], body["field"].as_str()),
        (&json!(status), &json!(reason), field),
        "{body}"
    );
    assert!(!body["message"].as_str().unwrap().is_empty());
}

async fn messages(fixture: &PublicFixture<'_>, number: i64) -> MessageList {
    let (site, number) = (fixture.site.site.id, ConversationNumber(number));
    fixture
        .app
        .store
        .conversation_messages(site, ConversationAccess::Site, number, MessageWindow::default())
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn config_is_readable_by_every_page() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    for path in [
        bot(&fixture, ""),
        bot(&fixture, "/"),
        bot(&fixture, "?preview=true"),
        bot(&fixture, "/?preview=true"),
    ] {
        let answer = app.get(&path).header("origin", "https://any.example").send().await;
        let config = answer.expect(200);
        assert_eq!(
            (&config["id"], &config["title"]),
            (&json!(fixture.inbox.uuid.to_string()), &json!("Shop API"))
        );
        assert_eq!(
            (&config["locale"], &config["widget"]["visitors"], config.get("pwa")),
            (&json!("en"), &json!(true), None)
        );
        assert_eq!(
            (answer.header("access-control-allow-origin"), answer.header("cache-control")),
            (Some("*"), Some("no-store"))
        );
    }
}

#[tokio::test]
async fn unknown_inbox_is_404() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    app.store.delete_inbox(fixture.site.site.id, fixture.inbox.id, app.app.now()).await.unwrap();
    let deleted = fixture.inbox.uuid.to_string();
    for id in [UNKNOWN_UUID, "1", "%20", &deleted, fixture.inbox.identifier.as_str()] {
        assert_error(&app.get(&format!("/api/bot/{id}")).send().await, 404, "not_found", None);
        assert_error(
            &app.get(&format!("/api/bot/{id}/user/1")).send().await,
            404,
            "not_found",
            None,
        );
        assert_error(
            &app.post(&format!("/api/bot/{id}/leave-message")).json(&message_body()).send().await,
            404,
            "not_found",
            None,
        );
        assert_error(
            &app.post(&format!("/api/bot/{id}/push_subscribe")).json(&json!({})).send().await,
            404,
            "not_found",
            None,
        );
        assert_error(
            &app.put(&format!("/api/bot/{id}/upload/1")).body("x").send().await,
            404,
            "not_found",
            None,
        );
    }
    for path in [
        "/api/bot",
        "/api/bot/",
        &format!("/api/bot/{UNKNOWN_UUID}/nothing"),
        &format!("/api/bot/{UNKNOWN_UUID}/user/a/b"),
    ] {
        assert_error(&app.get(path).send().await, 404, "not_found", None);
    }
}

#[tokio::test]
async fn other_methods_are_405_and_preflights_answered() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    assert_error(&app.delete(&bot(&fixture, "")).send().await, 405, "method_not_allowed", None);
    assert_error(
        &app.get(&bot(&fixture, "/leave-message")).send().await,
        405,
        "method_not_allowed",
        None,
    );
    let preflight = app
        .call(Method::OPTIONS, &bot(&fixture, "/upload/1"))
        .header("origin", "https://any.example");
    let preflight = preflight
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "content-type")
        .send()
        .await;
    assert_eq!(
        (preflight.status.as_u16(), preflight.header("access-control-allow-headers")),
        (204, Some("content-type"))
    );
}

#[tokio::test]
async fn left_message_starts_a_conversation() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    assert_eq!(post_message(&fixture, message_body()).await.expect(200), json!({ "result": "OK" }));
    let begun = messages(&fixture, 1).await;
    assert_eq!(
        begun
            .messages
            .iter()
            .map(|message| message.content.as_deref().unwrap())
            .collect::<Vec<_>>(),
        ["Call me"]
    );
    let contact = &begun.view.contact.contact;
    assert_eq!(
        (contact.external_id.as_deref(), contact.first_name.as_deref()),
        (Some("42"), Some("Ann"))
    );
    assert_eq!(
        (contact.email.as_deref(), contact.phone.as_deref()),
        (Some("ann@shop.example"), Some("+15550001111"))
    );
    // A second message creates another session, which doesn't see the first, and another
    // conversation of the same contact.
    post_message(&fixture, message_body()).await.expect(200);
    let second = messages(&fixture, 2).await;
    assert_eq!(second.view.contact.id(), begun.view.contact.id());
    assert_ne!(second.view.session.id, begun.view.session.id);
}

#[tokio::test]
async fn invalid_message_is_rejected_by_field() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    for (change, field) in [
        (json!({ "message": " " }), "message"),
        (json!({ "message": null }), "message"),
        (json!({ "message": "x".repeat(150_001) }), "content"),
        (json!({ "email": "nobody" }), "email"),
        (json!({ "email": "", "phone": null }), "email"),
        (json!({ "phone": "12" }), "phone"),
        (json!({ "name": "x".repeat(256) }), "name"),
        (json!({ "user_id": "x".repeat(256) }), "user_id"),
    ] {
        let mut body = message_body();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_error(&post_message(&fixture, body).await, 422, "bad_request", Some(field));
    }
    let malformed = app
        .post(&bot(&fixture, "/leave-message"))
        .header("content-type", "application/json")
        .body("{")
        .send()
        .await;
    assert_error(&malformed, 400, "bad_request", None);
    let packed = app
        .post(&bot(&fixture, "/leave-message"))
        .header("content-encoding", "gzip")
        .json(&message_body())
        .send()
        .await;
    assert_error(&packed, 415, "bad_request", None);
    let long = app
        .post(&bot(&fixture, "/leave-message"))
        .json(&json!({ "message": "x".repeat(3_000_000) }))
        .send()
        .await;
    assert_error(&long, 413, "too_large", None);
}

#[tokio::test]
async fn verifying_inbox_rejects_unverified_messages() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::with(
        &app,
        InboxSettings { hmac_mandatory: true, ..InboxSettings::default() },
    )
    .await;
    assert_error(&post_message(&fixture, message_body()).await, 401, "unauthorized", None);
}

#[tokio::test]
async fn messages_of_new_customers_are_limited() {
    let limits = Limits {
        sessions_of_address: RateLimit::new(2, Duration::from_hours(1)),
        ..Limits::unlimited()
    };
    let app = TestApp::with_channel_limits(&belfry_channels::Limits {
        public: limits,
        ..belfry_channels::Limits::unlimited()
    })
    .await;
    let fixture = PublicFixture::new(&app).await;
    for _ in 0..2 {
        post_message(&fixture, message_body()).await.expect(200);
    }
    let answer = post_message(&fixture, message_body()).await;
    assert_error(&answer, 429, "rate_limited", None);
    assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn requests_are_limited_per_address() {
    let limits =
        Limits { address: RateLimit::new(2, Duration::from_hours(1)), ..Limits::unlimited() };
    let app = TestApp::with_channel_limits(&belfry_channels::Limits {
        public: limits,
        ..belfry_channels::Limits::unlimited()
    })
    .await;
    let fixture = PublicFixture::new(&app).await;
    for _ in 0..2 {
        app.get(&bot(&fixture, "")).send().await.expect(200);
    }
    assert_error(&app.get(&bot(&fixture, "")).send().await, 429, "rate_limited", None);
}

#[tokio::test]
async fn push_subscriptions_are_rejected() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let body = json!({ "type": "web-push", "data": {}, "delegate_token": "x" });
    assert_error(
        &app.post(&bot(&fixture, "/push_subscribe")).json(&body).send().await,
        501,
        "push_not_supported",
        None,
    );
}

#[tokio::test]
async fn only_the_token_shows_its_customer() {
    let app = TestApp::new().await;
    let (shop, other) = (PublicFixture::new(&app).await, PublicFixture::new(&app).await);
    let body = json!({ "identifier": "42", "name": "Ann Lee", "email": "ann@shop.example", "custom_attributes": { "plan": "pro" } });
    let session = shop.post("/contacts", body).send().await.expect(200);
    let token = session["pubsub_token"].as_str().unwrap();
    let user = async |shop: &PublicFixture<'_>, name: &str| {
        app.get(&bot(shop, &format!("/user/{name}"))).send().await
    };
    let known = json!({ "plan": "pro", "first_name": "Ann", "last_name": "Lee", "email": "ann@shop.example" });
    assert_eq!(user(&shop, token).await.expect(200), known);
    assert_error(&user(&other, token).await, 404, "not_found", None);
    let open = app.app.inbox_of_uuid(&shop.inbox.uuid.to_string()).await.unwrap();
    let newcomer = app.app.identify_customer(&open, None, Some("42")).await.unwrap();
    assert_eq!(
        user(&shop, newcomer.token().reveal()).await.expect(200),
        json!({}),
        "they are not stored"
    );
    for public in [
        "42",
        session["id"].to_string().as_str(),
        session["source_id"].as_str().unwrap(),
        &newcomer.user_id(),
        "x",
    ] {
        assert_error(&user(&shop, public).await, 404, "not_found", None);
    }
}
