//! A message's life after it was published: look up, edit, recall.

use crate::support::{TestApp, TestSite};
use serde_json::{Value, json};
use std::time::Duration;

async fn publish(app: &TestApp, site: &TestSite, body: &Value) -> String {
    let answer = app.post("/v1/messages").key(&site.key).json(body).send().await.expect(201);
    format!("/v1/messages/{}", answer["id"].as_str().unwrap())
}

async fn state(app: &TestApp, site: &TestSite, path: &str) -> String {
    app.get(path).key(&site.key).send().await.expect(200)["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_message_comes_back_as_it_was_sent() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let ann = app.contact(&site, json!({"externalCustomerId": "42"})).await;
    let body = json!({
        "audience": {"contact": {"externalCustomerId": "42"}},
        "content": {
            "en": {"title": "Order shipped", "body": "It is *on its way*.", "link": "https://shop.example/x", "newTab": true, "image": "https://shop.example/a.png",
                   "actions": [{"label": "Track", "link": "https://shop.example/t", "newTab": true}]},
            "uk": {"title": "Замовлення відправлено"},
        },
        "category": "orders", "data": {"order": 7}, "pinned": true, "expiresAt": "2026-12-08T08:00:00Z",
    });
    let path = publish(&app, &site, &body).await;
    let mut expected = body;
    expected["id"] = json!(path.rsplit('/').next().unwrap());
    expected["audience"] = json!({"contacts": [{"id": ann}]});
    expected["state"] = json!("live");
    expected["createdAt"] = json!("2026-12-01T08:00:00Z");
    expected["publishAt"] = json!("2026-12-01T08:00:00Z");
    assert_eq!(app.get(&path).key(&site.key).send().await.expect(200), expected);
    assert_eq!(app.get(&format!("/api{path}")).key(&site.key).send().await.expect(200), expected);
}

#[tokio::test]
async fn a_message_is_scheduled_then_live_then_expired() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let body = json!({"audience": "everyone", "content": {"en": {"title": "Sale"}}, "publishAt": "2026-12-01T09:00:00Z", "expiresAt": "2026-12-01T10:00:00Z"});
    let path = publish(&app, &site, &body).await;
    let stored = app.get(&path).key(&site.key).send().await.expect(200);
    assert_eq!((&stored["audience"], &stored["publishAt"]), (&json!("everyone"), &json!("2026-12-01T09:00:00Z")));
    assert_eq!(stored["state"], "scheduled");
    app.clock.advance(Duration::from_hours(1));
    app.inbox.advance().await.unwrap();
    assert_eq!(state(&app, &site, &path).await, "live");
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(state(&app, &site, &path).await, "expired");
}

#[tokio::test]
async fn an_edit_changes_what_it_names_and_leaves_the_rest() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let body = json!({"audience": "everyone", "content": {"en": {"title": "Sail"}}, "category": "promo", "pinned": true});
    let path = publish(&app, &site, &body).await;
    app.clock.advance(Duration::from_mins(1));
    let edited = app.patch(&path).key(&site.key).json(&json!({"content": {"en": {"title": "Sale"}}, "category": null})).send().await.expect(200);
    assert_eq!((&edited["content"], &edited["pinned"]), (&json!({"en": {"title": "Sale"}}), &json!(true)));
    assert_eq!((edited.get("category"), &edited["editedAt"]), (None, &json!("2026-12-01T08:01:00Z")));
    assert_eq!(app.get(&path).key(&site.key).send().await.expect(200), edited);

    let refused = app.patch(&path).key(&site.key).json(&json!({"content": {"en": {"title": ""}}})).send().await;
    assert_eq!(refused.refused(400), "content.en.title");
    assert_eq!(app.get(&path).key(&site.key).send().await.expect(200), edited);
}

#[tokio::test]
async fn a_recalled_message_can_be_looked_up_and_nothing_else() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let path = publish(&app, &site, &json!({"audience": "everyone", "content": {"en": {"title": "Oops"}}})).await;
    let recalled = app.delete(&path).key(&site.key).send().await;
    assert_eq!((recalled.status.as_u16(), recalled.text()), (204, ""));
    app.delete(&path).key(&site.key).send().await.refused(404);
    app.patch(&path).key(&site.key).json(&json!({"pinned": true})).send().await.refused(404);
    let stored = app.get(&path).key(&site.key).send().await.expect(200);
    assert_eq!((&stored["state"], &stored["recalledAt"]), (&json!("recalled"), &json!("2026-12-01T08:00:00Z")));
}
