//! Management of messages: list, preview, cancel, resend, report.

use crate::support::{TestApp, TestSite};
use belfry_app::parse_message;
use serde_json::{Value, json};
use std::time::Duration;

fn hello(title: &str) -> Value {
    json!({"audience": "everyone", "content": {"en": {"title": title}}})
}

async fn publish(app: &TestApp, site: &TestSite, body: &Value) -> String {
    let answer = app.post("/v1/messages").key(&site.key).json(body).send().await.expect(201);
    answer["id"].as_str().unwrap().to_owned()
}

async fn list(app: &TestApp, site: &TestSite, query: &str) -> (Vec<String>, Value) {
    let answer = app.get(&format!("/v1/messages{query}")).key(&site.key).send().await.expect(200);
    let titles = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["content"]["en"]["title"].as_str().unwrap().to_owned());
    (titles.collect(), answer["next"].clone())
}

#[tokio::test]
async fn messages_are_paginated_newest_first() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({"externalCustomerId": "42"})).await;
    for number in 1..=5 {
        let mut body = hello(&format!("Message {number}"));
        if number == 2 {
            body["audience"] = json!({"contact": {"externalCustomerId": "42"}});
            body["name"] = json!("To one");
            body["category"] = json!("orders");
        }
        if number == 4 {
            body["publishAt"] = json!("2026-12-02T08:00:00Z");
        }
        publish(&app, &site, &body).await;
        app.clock.advance(Duration::from_mins(1));
    }
    let (titles, next) = list(&app, &site, "?limit=3").await;
    assert_eq!(titles, ["Message 5", "Message 4", "Message 3"]);
    let (titles, next) =
        list(&app, &site, &format!("?limit=3&cursor={}", next.as_str().unwrap())).await;
    assert_eq!((titles, next), (vec!["Message 2".to_owned(), "Message 1".to_owned()], Value::Null));
    for (query, expected) in [
        ("?state=scheduled", vec!["Message 4"]),
        ("?category=orders", vec!["Message 2"]),
        ("?q=message%203", vec!["Message 3"]),
        ("?q=to%20ONE&state=live", vec!["Message 2"]),
        ("?q=%25", vec![]),
        ("?from=2026-12-01T08:01:00Z&to=2026-12-01T08:03:00Z", vec!["Message 3", "Message 2"]),
        ("?state=recalled", vec![]),
        ("?state=&q=&limit=1", vec!["Message 5"]),
    ] {
        assert_eq!(list(&app, &site, query).await.0, expected, "{query}");
    }
    let answer = app.get("/v1/messages?category=orders").key(&site.key).send().await.expect(200);
    let item = &answer["items"][0];
    assert_eq!(
        (&item["audience"], &item["name"], &item["state"]),
        (&json!({"contacts": 1}), &json!("To one"), &json!("live"))
    );
}

#[tokio::test]
async fn invalid_list_query_is_rejected_by_field() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for (query, field) in [
        ("state=new".to_owned(), "state"),
        ("from=yesterday".to_owned(), "from"),
        ("to=1".to_owned(), "to"),
        ("cursor=x".to_owned(), "cursor"),
        ("cursor=".to_owned(), "cursor"),
        ("stat=live".to_owned(), "stat"),
        ("limit=0".to_owned(), "limit"),
        ("limit=101".to_owned(), "limit"),
        (format!("q={}", "x".repeat(201)), "q"),
    ] {
        assert_eq!(
            app.get(&format!("/v1/messages?{query}")).key(&site.key).send().await.expect_error(400),
            field
        );
    }
    app.get("/v1/messages").send().await.expect_error(401);
}

#[tokio::test]
async fn preview_renders_a_message_and_stores_nothing() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let body = json!({"audience": "everyone", "content": {
        "en": {"title": " Hi\u{202e} ", "body": "It is *here*. <script>alert(1)</script>", "link": "https://shop.example/x"},
        "uk": {"title": "Привіт"},
    }});
    let answer =
        app.post("/v1/messages/preview").key(&site.key).json(&body).send().await.expect(200);
    assert_eq!(answer["problems"], json!([]));
    let english = &answer["languages"]["en"];
    assert_eq!(
        (&english["title"], &english["link"]),
        (&json!("Hi"), &json!("https://shop.example/x"))
    );
    let html = english["html"].as_str().unwrap();
    assert!(html.contains("<em>here</em>") && !html.contains("<script"), "{html}");
    assert_eq!(answer["languages"]["uk"]["html"], "");
    assert_eq!(list(&app, &site, "").await.0, Vec::<String>::new());

    for (body, field) in [
        (json!({"audience": "everyone", "content": {"en": {"title": ""}}}), "content.en.title"),
        (
            json!({"audience": {"contact": {"externalCustomerId": "nobody"}}, "content": {"en": {"title": "x"}}}),
            "audience.contact",
        ),
    ] {
        let answer =
            app.post("/v1/messages/preview").key(&site.key).json(&body).send().await.expect(200);
        assert_eq!(
            (&answer["problems"][0]["field"], answer["problems"].as_array().unwrap().len()),
            (&json!(field), 1)
        );
    }
    app.post("/v1/messages/preview").json(&body).send().await.expect_error(401);
}

#[tokio::test]
async fn held_back_message_is_undone_and_a_live_one_is_not() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let mut body = hello("Oops");
    body["publishAt"] = json!("2026-12-01T08:00:10Z");
    let id = publish(&app, &site, &body).await;
    let cancel = format!("/v1/messages/{id}/cancel");
    app.clock.advance(Duration::from_secs(9));
    let answer = app.post(&cancel).key(&site.key).send().await;
    assert_eq!((answer.status.as_u16(), answer.text()), (204, ""));
    app.post(&cancel).key(&site.key).send().await.expect_error(409);
    app.clock.advance(Duration::from_mins(1));
    app.app.advance().await.unwrap();
    assert_eq!(
        app.get(&format!("/v1/messages/{id}")).key(&site.key).send().await.expect(200)["state"],
        "recalled"
    );
    let live = publish(&app, &site, &hello("Live")).await;
    app.post(&format!("/v1/messages/{live}/cancel")).key(&site.key).send().await.expect_error(409);
    assert_eq!(
        app.get(&format!("/v1/messages/{live}")).key(&site.key).send().await.expect(200)["state"],
        "live"
    );
}

#[tokio::test]
async fn scheduled_message_can_change_time_and_audience() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let ann = app.contact(&site, json!({"externalCustomerId": "42"})).await;
    let mut body = hello("Sale");
    body["publishAt"] = json!("2026-12-01T10:00:00Z");
    body["expiresAt"] = json!("2026-12-01T12:00:00Z");
    let address = format!("/v1/messages/{}", publish(&app, &site, &body).await);
    let patch = async |change: Value| app.patch(&address).key(&site.key).json(&change).send().await;
    let edited = patch(json!({"publishAt": "2026-12-01T09:00:00Z", "audience": {"contact": {"externalCustomerId": "42"}}, "name": "Advent"}))
        .await
        .expect(200);
    assert_eq!(
        (&edited["publishAt"], &edited["audience"]),
        (&json!("2026-12-01T09:00:00Z"), &json!({"contacts": [{"id": ann}]}))
    );
    assert_eq!((&edited["name"], &edited["state"]), (&json!("Advent"), &json!("scheduled")));
    assert_eq!(
        patch(json!({"publishAt": "2026-12-01T12:00:00Z"})).await.expect_error(400),
        "expiresAt"
    );
    assert_eq!(
        patch(json!({"audience": {"contact": {"externalCustomerId": "nobody"}}}))
            .await
            .expect_error(400),
        "audience.contact"
    );
    assert_eq!(
        patch(json!({"publishAt": "2020-01-01T00:00:00Z"})).await.expect(200)["state"],
        "live"
    );
    patch(json!({"publishAt": "2026-12-01T10:00:00Z"})).await.expect_error(409);
    patch(json!({"audience": "everyone"})).await.expect_error(409);
    assert_eq!(patch(json!({"name": null})).await.expect(200).get("name"), None);
}

#[tokio::test]
async fn resending_creates_a_new_message() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let ann = app.contact(&site, json!({"externalCustomerId": "42"})).await;
    let mut body = hello("Sale");
    body["expiresAt"] = json!("2026-12-01T09:00:00Z");
    body["audience"] = json!({ "contact": { "id": ann } });
    let id = publish(&app, &site, &body).await;
    app.clock.advance(Duration::from_hours(5));
    let resend = format!("/v1/messages/{id}/resend");
    let get = async |id: &Value| {
        app.get(&format!("/v1/messages/{}", id.as_str().unwrap()))
            .key(&site.key)
            .send()
            .await
            .expect(200)
    };
    let again = app.post(&resend).key(&site.key).send().await.expect(201);
    let stored = get(&again["id"]).await;
    assert_ne!(again["id"], json!(id));
    assert_eq!(
        (&stored["content"], &stored["audience"]),
        (&body["content"], &json!({"contacts": [{"id": ann}]}))
    );
    assert_eq!(
        (&stored["state"], &stored["expiresAt"]),
        (&json!("live"), &json!("2026-12-01T14:00:00Z"))
    );
    let other =
        json!({"audience": "everyone", "publishAt": "2026-12-05T08:00:00Z", "expiresAt": null});
    let keyed = || app.post(&resend).key(&site.key).header("idempotency-key", "once");
    let later = keyed().json(&other).send().await.expect(201);
    let stored = get(&later["id"]).await;
    assert_eq!(
        (&stored["audience"], &stored["state"], stored.get("expiresAt")),
        (&json!("everyone"), &json!("scheduled"), None)
    );
    let repeated = keyed().json(&other).send().await;
    assert_eq!(
        (repeated.expect(201), repeated.header("idempotent-replayed")),
        (later, Some("true"))
    );
    keyed().json(&json!({})).send().await.expect_error(422);
    assert_eq!(
        app.post(&resend)
            .key(&site.key)
            .json(&json!({"content": {}}))
            .send()
            .await
            .expect_error(400),
        "content"
    );
    assert_eq!(
        app.delete(&format!("/v1/contact/{ann}?erase=true"))
            .key(&site.key)
            .send()
            .await
            .status
            .as_u16(),
        200
    );
    app.post(&resend).key(&site.key).send().await.expect_error(404);
}

#[tokio::test]
async fn message_reports_count_receipts() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let ann = app.contact(&site, json!({"externalCustomerId": "1", "language": "uk"})).await;
    app.contact(&site, json!({"externalCustomerId": "2"})).await;
    let id = publish(&app, &site, &hello("Sale")).await;
    app.app.record_delivered(site.site.id, &[(ann, belfry_domain::Position::MAX)]).await.unwrap();
    let answer =
        app.get(&format!("/v1/messages/{id}/stats")).key(&site.key).send().await.expect(200);
    let none = |language: Value, audience: u64, reached: u64| json!({"language": language, "audience": audience, "reached": reached, "seen": 0, "read": 0, "clicked": 0, "archived": 0});
    let expected = json!({
        "audience": 2, "reached": 1, "seen": 0, "read": 0, "clicked": 0, "archived": 0, "counted": 2,
        "series": [{"at": "2026-12-01T08:00:00Z", "reached": 1, "seen": 0, "read": 0, "clicked": 0}],
        "languages": [none(Value::Null, 1, 0), none(json!("uk"), 1, 1)],
    });
    assert_eq!(answer, expected);
    let by = async |by: &str| {
        app.get(&format!("/v1/messages/{id}/stats?by={by}")).key(&site.key).send().await
    };
    assert_eq!(by("segment").await.expect(200)["segments"], json!([]));
    let condition = json!({"name": "Ukrainian", "condition": {"language": "uk"}});
    let segment = app.post("/v1/segments").key(&site.key).json(&condition).send().await.expect(201)
        ["id"]
        .clone();
    let mut expected = expected;
    expected["segments"] = json!([{"id": segment, "name": "Ukrainian", "reached": 1, "seen": 0, "read": 0, "clicked": 0, "archived": 0}]);
    assert_eq!(by("segment").await.expect(200), expected);
    assert_eq!(by("country").await.expect_error(400), "by");
}

#[tokio::test]
async fn test_message_reaches_one_contact_and_no_list() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let ann = app.contact(&site, json!({"externalCustomerId": "1"})).await;
    let draft = parse_message(hello("Try").to_string().as_bytes(), app.app.now()).unwrap();
    let receipt = app.app.send_test(site.site.id, draft.clone(), ann).await.unwrap();
    let stored =
        app.get(&format!("/v1/messages/{}", receipt.id)).key(&site.key).send().await.expect(200);
    assert_eq!(
        (&stored["test"], &stored["audience"]),
        (&json!(true), &json!({"contacts": [{"id": ann}]}))
    );
    assert_eq!(list(&app, &site, "").await.0, Vec::<String>::new());
    assert!(app.app.send_test(site.site.id, draft, belfry_domain::ContactId(99)).await.is_err());
}
