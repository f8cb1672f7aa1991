//! `POST /v1/messages`: audience, validation, and idempotency.

use crate::{
    disconnect::disconnect_while_locked,
    support::{TestApp, TestSite},
};
use belfry_app::Reader;
use belfry_domain::ReaderPageRequest;
use serde_json::{Value, json};

fn hello() -> Value {
    json!({"audience": "everyone", "content": {"en": {"title": "Hello", "body": "It is *here*."}}})
}

async fn reader(app: &TestApp, site: &TestSite, external_id: &str) -> Reader {
    app.contact(site, json!({ "externalCustomerId": external_id })).await;
    let answer = app
        .post("/v1/auth/contact/token")
        .key(&site.key)
        .json(&json!({ "extid": external_id }))
        .send()
        .await
        .expect(200);
    app.app.exchange_token(site.site.id, answer["token"].as_str().unwrap()).await.unwrap().reader
}

async fn reads(app: &TestApp, reader: &Reader) -> Vec<String> {
    let page = app.app.page(reader, ReaderPageRequest::first()).await.unwrap();
    page.items.iter().map(|item| item.message.id.to_string()).collect()
}

#[tokio::test]
async fn message_reaches_only_its_audience() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let (ann, bob) = (reader(&app, &site, "ann").await, reader(&app, &site, "bob").await);
    let mut ids = Vec::new();
    for audience in [
        json!("everyone"),
        json!({"contact": {"externalCustomerId": "ann"}}),
        json!({"contacts": [{"externalCustomerId": "ann"}, {"id": bob.contact.0}]}),
    ] {
        let mut body = hello();
        body["audience"] = audience;
        let answer = app.post("/v1/messages").key(&site.key).json(&body).send().await;
        let id = answer.expect(201)["id"].as_str().unwrap().to_owned();
        assert_eq!(answer.json(), json!({ "id": id }));
        assert_eq!(answer.header("idempotent-replayed"), None);
        ids.push(id);
    }
    assert_eq!(reads(&app, &ann).await, [ids[2].clone(), ids[1].clone(), ids[0].clone()]);
    assert_eq!(reads(&app, &bob).await, [ids[2].clone(), ids[0].clone()]);
}

#[tokio::test]
async fn unknown_contact_is_400_and_stores_nothing() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let ann = reader(&app, &site, "ann").await;
    for (audience, field) in [
        (json!({"contact": {"externalCustomerId": "nobody"}}), "audience.contact"),
        (
            json!({"contacts": [{"externalCustomerId": "ann"}, {"email": "nobody@shop.example"}]}),
            "audience.contacts[1]",
        ),
    ] {
        let mut body = hello();
        body["audience"] = audience;
        assert_eq!(
            app.post("/v1/messages").key(&site.key).json(&body).send().await.expect_error(400),
            field
        );
    }
    assert!(reads(&app, &ann).await.is_empty());
}

#[tokio::test]
async fn invalid_message_is_400_with_the_field() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for (body, field) in [
        (json!({"content": {"en": {"title": "Hello"}}}), "audience"),
        (json!({"audience": "everyone"}), "content"),
        (json!({"audience": "everyone", "content": {"en": {"title": ""}}}), "content.en.title"),
        (
            json!({"audience": "everyone", "content": {"en": {"title": "x".repeat(201)}}}),
            "content.en.title",
        ),
        (
            json!({"audience": "everyone", "content": {"en": {"title": "x", "link": "javascript:alert(1)"}}}),
            "content.en.link",
        ),
        (
            json!({"audience": "everyone", "content": {"en": {"title": "x", "newTab": "yes"}}}),
            "content.en.newTab",
        ),
    ] {
        assert_eq!(
            app.post("/v1/messages").key(&site.key).json(&body).send().await.expect_error(400),
            field,
            "{body}"
        );
    }
}

#[tokio::test]
async fn repeated_key_publishes_once_and_another_body_is_422() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let ann = reader(&app, &site, "ann").await;
    let call = app.post("/v1/messages").key(&site.key).header("idempotency-key", "order-7");
    let first = call.clone().json(&hello()).send().await;
    let second = call
        .clone()
        .header("content-type", "application/json")
        .body(format!("  {:#}\n", hello()))
        .send()
        .await;
    assert_eq!(
        (first.expect(201), first.header("idempotent-replayed")),
        (second.expect(201), None)
    );
    assert_eq!(second.header("idempotent-replayed"), Some("true"));

    let mut other = hello();
    other["pinned"] = json!(true);
    assert_eq!(call.json(&other).send().await.expect_error(422), "Idempotency-Key");
    assert_eq!(reads(&app, &ann).await.len(), 1);
}

#[tokio::test]
async fn concurrent_requests_with_one_key_publish_once() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let ann = reader(&app, &site, "ann").await;
    let call =
        app.post("/v1/messages").key(&site.key).header("idempotency-key", "order-7").json(&hello());
    let calls: Vec<_> = (0..50).map(|_| tokio::spawn(call.clone().send())).collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    assert!(answers.iter().all(|answer| answer.expect(201) == answers[0].json()));
    assert_eq!(
        answers.iter().filter(|answer| answer.header("idempotent-replayed").is_none()).count(),
        1
    );
    assert_eq!(reads(&app, &ann).await.len(), 1);
}

#[tokio::test]
async fn rejected_request_does_not_use_up_its_key() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let ann = reader(&app, &site, "ann").await;
    for _ in 0..2 {
        app.post("/v1/messages").key(&site.key).json(&hello()).send().await.expect(201);
    }
    assert_eq!(reads(&app, &ann).await.len(), 2);
    let call = app.post("/v1/messages").key(&site.key).header("idempotency-key", "order-7");
    call.clone().json(&json!({"audience": "everyone"})).send().await.expect_error(400);
    call.json(&hello()).send().await.expect(201);
}

#[tokio::test]
async fn idempotency_key_belongs_to_one_site() {
    let app = TestApp::new().await;
    let (first, second) = (app.create_site().await, app.create_site().await);
    let publish = async |site: &TestSite| {
        app.post("/v1/messages")
            .key(&site.key)
            .header("idempotency-key", "order-7")
            .json(&hello())
            .send()
            .await
    };
    let (one, other) = (publish(&first).await, publish(&second).await);
    assert_ne!(one.expect(201), other.expect(201));
    assert_eq!(other.header("idempotent-replayed"), None);
}

#[tokio::test]
async fn invalid_idempotency_key_is_400() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let call = app.post("/v1/messages").key(&site.key).json(&hello());
    for odd in ["", "a b", "kéy", &"k".repeat(256)] {
        assert_eq!(
            call.clone().header("idempotency-key", odd).send().await.expect_error(400),
            "Idempotency-Key",
            "{odd}"
        );
    }
    let twice = call.clone().header("idempotency-key", "a").header("idempotency-key", "b");
    assert_eq!(twice.send().await.expect_error(400), "Idempotency-Key");
    call.header("idempotency-key", &"k".repeat(255)).send().await.expect(201);
}

#[tokio::test]
async fn repeated_key_returns_the_first_response_later() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let body = json!({
        "audience": { "contact": { "externalCustomerId": "42" } },
        "content": { "en": { "title": "Soon over" } },
        "expiresAt": "2026-12-01T09:00:00Z",
    });
    let send = async || {
        app.post("/v1/messages")
            .key(&site.key)
            .header("idempotency-key", "once")
            .json(&body)
            .send()
            .await
    };
    let first = send().await.expect(201);
    app.clock.advance(std::time::Duration::from_hours(2));
    assert_eq!(
        app.delete("/v1/contact?externalCustomerId=42").key(&site.key).send().await.status,
        200
    );
    assert_eq!(send().await.expect(201), first);
}

#[tokio::test]
async fn edit_cannot_set_expiry_before_publication() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let body = json!({ "audience": "everyone", "content": { "en": { "title": "Later" } }, "publishAt": "2026-12-03T08:00:00Z" });
    let id = app.post("/v1/messages").key(&site.key).json(&body).send().await.expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let edit = json!({ "expiresAt": "2026-12-02T08:00:00Z" });
    assert_eq!(
        app.patch(&format!("/v1/messages/{id}"))
            .key(&site.key)
            .json(&edit)
            .send()
            .await
            .expect_error(400),
        "expiresAt"
    );
}

/// Each client retries, as one does without a response; none of the messages may be sent
/// afterwards.
#[tokio::test]
async fn disconnect_before_the_write_sends_nothing() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.get("/v1/messages").key(&site.key).send().await.expect(200);
    let publish = || {
        app.post("/v1/messages")
            .key(&site.key)
            .json(&json!({"audience": "everyone", "content": {"en": {"title": "Hello"}}}))
    };
    disconnect_while_locked(&app, (0..3).map(|_| publish())).await;
    publish().send().await.expect(201);
    let messages = app.get("/v1/messages").key(&site.key).send().await.expect(200);
    assert_eq!(messages["items"].as_array().unwrap().len(), 1);
}
