//! What the reader did: by script, by form, and from where it is taken.

use super::{open, ours, publish};
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn seen_is_not_read_and_read_is_counted_once() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let first = publish(&app, &site, json!("everyone"), "First").await;
    let second = publish(&app, &site, json!("everyone"), "Second").await;
    publish(&app, &site, json!("everyone"), "Third").await;
    let widget = open(&app, &site, "42").await;
    let counts = async |mark| {
        let body = widget.mark(&app, mark).await.expect(200);
        (body["unread"].as_u64().unwrap(), body["unseen"].as_u64().unwrap())
    };
    assert_eq!(counts(json!({ "seen": true })).await, (3, 0));
    assert_eq!(counts(json!({ "read": [first] })).await, (2, 0));
    assert_eq!(counts(json!({ "read": [first] })).await, (2, 0));
    assert_eq!(counts(json!({ "clicked": second })).await, (1, 0));
    assert_eq!(counts(json!({ "allRead": true })).await, (0, 0));
    publish(&app, &site, json!("everyone"), "Fourth").await;
    let body = widget.get(&app, "/counts").await.expect(200);
    assert_eq!((body["unread"].as_u64(), body["unseen"].as_u64()), (Some(1), Some(1)));
}

#[tokio::test]
async fn versions_only_grow() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let id = publish(&app, &site, json!("everyone"), "First").await;
    let widget = open(&app, &site, "42").await;
    let before = widget.get(&app, "/counts").await.expect(200)["version"].as_i64().unwrap();
    let marked = widget.mark(&app, json!({ "read": [id] })).await.expect(200)["version"].as_i64().unwrap();
    let same = widget.mark(&app, json!({ "read": [id] })).await.expect(200)["version"].as_i64().unwrap();
    assert!(before < marked);
    assert_eq!(marked, same, "nothing changed");
}

#[tokio::test]
async fn marks_of_messages_that_are_not_shown_change_nothing_and_tell_nothing() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "other" })).await;
    let theirs = publish(&app, &site, json!({ "contact": { "externalCustomerId": "other" } }), "Theirs").await;
    let widget = open(&app, &site, "42").await;
    for id in [theirs.as_str(), "018f0000-0000-7000-8000-000000000000"] {
        let answer = widget.mark(&app, json!({ "read": [id] })).await;
        assert_eq!(answer.expect(200)["unread"], 0);
    }
    assert_eq!(open(&app, &site, "other").await.get(&app, "/counts").await.expect(200)["unread"], 1);
}

#[tokio::test]
async fn odd_marks_are_refused() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    for odd in [
        json!({ "read": [] }),
        json!({ "read": ["x"] }),
        json!({ "seen": false }),
        json!({}),
        json!([]),
        json!({ "read": vec!["018f0000-0000-7000-8000-000000000000"; 101] }),
    ] {
        assert_eq!(widget.mark(&app, odd.clone()).await.status, 400, "{odd}");
    }
}

#[tokio::test]
async fn a_form_marks_and_comes_back_to_the_page() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let id = publish(&app, &site, json!("everyone"), "First").await;
    publish(&app, &site, json!("everyone"), "Second").await;
    let widget = open(&app, &site, "42").await;
    let form = |body: String| {
        let call = app.post(&format!("{}/marks", widget.base)).header("cookie", &widget.cookie);
        call.header("origin", ours()).header("sec-fetch-site", "same-origin").header("content-type", "application/x-www-form-urlencoded").body(body)
    };
    let answer = form(format!("read={id}&reader={}&language=uk&scheme=dark", widget.reader)).send().await;
    assert_eq!(answer.status, 303);
    let page = answer.header("location").unwrap();
    assert_eq!(page, format!("{}/page?reader={}&language=uk&scheme=dark", widget.base, widget.reader));
    let shown = app.get(page).header("cookie", &widget.cookie).send().await;
    assert!(shown.text().contains("data-unread=\"1\""));
    assert_eq!(form("allRead=now".to_owned()).send().await.status, 303);
    assert_eq!(widget.get(&app, "/counts").await.expect(200)["unread"], 0);
    assert_eq!(form("read=nothing".to_owned()).send().await.status, 400);
}

#[tokio::test]
async fn a_change_by_cookie_must_come_from_our_own_document() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    publish(&app, &site, json!("everyone"), "First").await;
    let widget = open(&app, &site, "42").await;
    let call = || app.post(&format!("{}/marks", widget.base)).header("cookie", &widget.cookie).json(&json!({ "allRead": true }));
    let foreign: [&[(&str, &str)]; 6] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://shop.example")],
        &[("origin", "null")],
        &[("origin", "https://shop.example"), ("sec-fetch-site", "same-origin")],
    ];
    for headers in foreign {
        let call = headers.iter().fold(call(), |call, (name, value)| call.header(name, value));
        assert_eq!(call.send().await.status, 403, "{headers:?}");
    }
    assert_eq!(widget.get(&app, "/counts").await.expect(200)["unread"], 1, "nothing changed");
    let bearer = app.post(&format!("{}/marks", widget.base)).header("authorization", &format!("Bearer {}", widget.bearer));
    assert_eq!(bearer.json(&json!({ "allRead": true })).send().await.status, 200, "nobody but our script can send a bearer");
}

#[tokio::test]
async fn asking_never_changes_anything() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    publish(&app, &site, json!("everyone"), "First").await;
    let widget = open(&app, &site, "42").await;
    let before = widget.get(&app, "/counts").await.expect(200);
    for path in ["", "/page", "/messages", "/counts", "/marks", "/session", "/ticket"] {
        widget.get(&app, path).await;
    }
    assert_eq!(widget.get(&app, "/counts").await.expect(200), before);
}
