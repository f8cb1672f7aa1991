//! The response cache is never visible: each change is in the next response, and no reader gets
//! another's data.

use super::{WidgetSession, open, publish};
use crate::support::{TestApp, TestSite};
use belfry_app::Reader;
use belfry_domain::{ContactLookup, Digest};
use serde_json::{Value, json};
use std::time::Duration;

/// The listed titles, newest first, and the unread count; requested twice, so that the second may
/// come from the cache.
async fn listed(app: &TestApp, widget: &WidgetSession) -> (Vec<String>, u64) {
    let first = widget.get(app, "/messages?language=en").await;
    let second = widget.get(app, "/messages?language=en").await;
    assert_eq!(first, second);
    let body = second.expect(200);
    let html = body["html"].as_str().unwrap();
    let titles = html
        .split("class=\"title\"")
        .skip(1)
        .map(|part| part.split("</span>").nth(1).unwrap().split("</h3>").next().unwrap());
    let titles = titles.map(|title| title.replace("<!>", "").trim().to_owned()).collect();
    (titles, body["unread"].as_u64().unwrap())
}

fn only(customer: &str) -> Value {
    json!({ "contact": { "externalCustomerId": customer } })
}

async fn status(app: &TestApp, widget: &WidgetSession) -> u16 {
    widget.get(app, "/messages?language=en").await.status.as_u16()
}

async fn reader(app: &TestApp, site: &TestSite, widget: &WidgetSession) -> Reader {
    app.app
        .authenticate_session(site.site.id, &Digest::of(widget.cookie.split_once('=').unwrap().1))
        .await
        .unwrap()
}

#[tokio::test]
async fn every_change_is_in_the_next_response() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let (ann, bob) = (open(&app, &site, "ann").await, open(&app, &site, "bob").await);
    let all = publish(&app, &site, json!("everyone"), "All").await;
    assert_eq!(listed(&app, &ann).await, (vec!["All".to_owned()], 1));
    assert_eq!(listed(&app, &bob).await, (vec!["All".to_owned()], 1));
    publish(&app, &site, only("ann"), "Ann").await;
    assert_eq!(listed(&app, &ann).await, (vec!["Ann".to_owned(), "All".to_owned()], 2));
    assert_eq!(
        listed(&app, &bob).await,
        (vec!["All".to_owned()], 1),
        "another reader's message is rejected"
    );
    ann.mark(&app, json!({ "read": [all] })).await.expect(200);
    assert_eq!(listed(&app, &ann).await.1, 1);
    assert_eq!(listed(&app, &bob).await.1, 1, "another reader's action is rejected");
    let edit = json!({ "content": { "en": { "title": "Edited" } } });
    app.patch(&format!("/v1/messages/{all}")).key(&site.key).json(&edit).send().await.expect(200);
    assert_eq!(listed(&app, &bob).await, (vec!["Edited".to_owned()], 1));
    app.delete(&format!("/v1/messages/{all}")).key(&site.key).send().await;
    assert_eq!(listed(&app, &bob).await, (Vec::new(), 0));
    assert_eq!(listed(&app, &ann).await, (vec!["Ann".to_owned()], 1));
}

#[tokio::test]
async fn cached_list_expires_with_its_first_message() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "ann").await;
    let body = json!({ "audience": "everyone", "expiresAt": "2026-12-01T08:00:10Z", "content": { "en": { "title": "Ten seconds" } } });
    app.post("/v1/messages").key(&site.key).json(&body).send().await.expect(201);
    assert_eq!(listed(&app, &widget).await.1, 1);
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(
        listed(&app, &widget).await,
        (Vec::new(), 0),
        "expired before any event was published"
    );
}

/// Its recipients are deleted in batches after the response; the cache is invalidated with the
/// response.
#[tokio::test]
async fn broadcast_recall_is_in_the_next_response() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let ann = open(&app, &site, "ann").await;
    let mut named = vec![json!({ "externalCustomerId": "ann" })];
    for number in 0..100 {
        named.push(json!({ "id": app.contact(&site, json!({ "externalCustomerId": format!("other {number}") })).await }));
    }
    let many = publish(&app, &site, json!({ "contacts": named }), "Many").await;
    assert_eq!(listed(&app, &ann).await, (Vec::new(), 0));
    while app.app.fan_out().await.unwrap() {}
    assert_eq!(listed(&app, &ann).await, (vec!["Many".to_owned()], 1));
    app.delete(&format!("/v1/messages/{many}")).key(&site.key).send().await;
    assert_eq!(listed(&app, &ann).await.0, Vec::<String>::new());
    while app.app.fan_out().await.unwrap() {}
    assert_eq!(listed(&app, &ann).await, (Vec::new(), 0));
}

#[tokio::test]
async fn cached_list_shows_the_present_time() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "ann").await;
    publish(&app, &site, json!("everyone"), "Hello").await;
    let response = async || widget.get(&app, "/messages?language=en").await.text().to_owned();
    assert!(response().await.contains(">just now<"));
    app.clock.advance(Duration::from_mins(5));
    assert!(response().await.contains(">5 min<"));
}

#[tokio::test]
async fn each_language_has_its_own_cache_entry() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "ann").await;
    let content = json!({ "en": { "title": "Hello" }, "uk": { "title": "Привіт" } });
    app.post("/v1/messages")
        .key(&site.key)
        .json(&json!({ "audience": "everyone", "content": content }))
        .send()
        .await
        .expect(201);
    for _ in 0..2 {
        assert!(widget.get(&app, "/messages?language=en").await.text().contains("Hello"));
        assert!(widget.get(&app, "/messages?language=uk").await.text().contains("Привіт"));
    }
}

#[tokio::test]
async fn ended_session_is_invalid_despite_the_cache() {
    let app = TestApp::new().await;
    let site = app.create_site().await;

    let widget = open(&app, &site, "signs out").await;
    assert_eq!(status(&app, &widget).await, 200);
    app.app.sign_out(&reader(&app, &site, &widget).await).await.unwrap();
    assert_eq!(status(&app, &widget).await, 401);

    let widget = open(&app, &site, "is erased").await;
    assert_eq!(status(&app, &widget).await, 200);
    let contact = reader(&app, &site, &widget).await.contact;
    app.app.delete_contact(site.site.id, &ContactLookup::Id(contact)).await.unwrap();
    assert_eq!(status(&app, &widget).await, 401);

    let widget = open(&app, &site, "outlives a key").await;
    assert_eq!(status(&app, &widget).await, 200);
    let key = reader(&app, &site, &widget).await.key;
    app.app.revoke_key(site.site.id, &key).await.unwrap();
    assert_eq!(status(&app, &widget).await, 401);
}

#[tokio::test]
async fn expired_session_is_invalid_despite_the_cache() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "ann").await;
    for _ in 0..50 {
        assert_eq!(status(&app, &widget).await, 200);
        app.clock.advance(Duration::from_secs(20));
    }
    app.clock.advance(belfry_app::SESSION_TTL);
    assert_eq!(status(&app, &widget).await, 401);
}

#[tokio::test]
async fn replaced_cookie_shows_the_new_reader_only() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let (ann, bob) = (open(&app, &site, "ann").await, open(&app, &site, "bob").await);
    publish(&app, &site, only("ann"), "For Ann").await;
    publish(&app, &site, only("bob"), "For Bob").await;
    for _ in 0..2 {
        assert_eq!(listed(&app, &ann).await.0, ["For Ann"]);
        assert_eq!(listed(&app, &bob).await.0, ["For Bob"]);
        let theirs = app
            .get(&format!("{}/messages", ann.base))
            .header("cookie", &bob.cookie)
            .header("x-belfry-reader", &ann.reader)
            .send()
            .await;
        assert_eq!(theirs.status, 409, "{}", theirs.text());
    }
}
