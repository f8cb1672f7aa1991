//! Messages after their publication: get, edit, recall.

use crate::support::{PUBLIC_URL, TestApp, TestSite};
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
async fn message_round_trips() {
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
async fn audience_is_returned_unchanged_during_fan_out() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let mut named = Vec::new();
    for number in 0..120 {
        named.push(json!({"id": app.contact(&site, json!({"externalCustomerId": number.to_string()})).await}));
    }
    let body = json!({"audience": {"contacts": named}, "content": {"en": {"title": "Hello"}}});
    let path = publish(&app, &site, &body).await;
    // Before, during and after the fan-out.
    for parts in [0, 1, 9] {
        for _ in 0..parts {
            app.app.fan_out().await.unwrap();
        }
        assert_eq!(
            app.get(&path).key(&site.key).send().await.expect(200)["audience"],
            body["audience"]
        );
        let edited =
            app.patch(&path).key(&site.key).json(&json!({"name": "x"})).send().await.expect(200);
        assert_eq!(edited["audience"], body["audience"]);
        let list = app.get("/v1/messages").key(&site.key).send().await.expect(200);
        assert_eq!(list["items"][0]["audience"], json!({"contacts": 120}));
        let stats = app.get(&format!("{path}/stats")).key(&site.key).send().await.expect(200);
        assert_eq!(stats["audience"], 120, "{stats}");
    }
}

#[tokio::test]
async fn next_broadcast_waits_for_pending_fan_outs() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let mut named = Vec::new();
    for number in 0..60 {
        named.push(json!({"id": app.contact(&site, json!({"externalCustomerId": number.to_string()})).await}));
    }
    let body = json!({"audience": {"contacts": named}, "content": {"en": {"title": "Hello"}}});
    for _ in 0..20 {
        publish(&app, &site, &body).await;
    }
    let call = app.post("/v1/messages").key(&site.key).header("idempotency-key", "k").json(&body);
    let response = call.clone().send().await;
    assert_eq!(response.header("retry-after"), Some("1"));
    assert_eq!(
        response.expect(429)["message"],
        "20 messages to many contacts are still being delivered; retry in a second"
    );
    while app.app.fan_out().await.unwrap() {}
    call.send().await.expect(201);
}

#[tokio::test]
async fn message_is_scheduled_then_live_then_expired() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let body = json!({"audience": "everyone", "content": {"en": {"title": "Sale"}}, "publishAt": "2026-12-01T09:00:00Z", "expiresAt": "2026-12-01T10:00:00Z"});
    let path = publish(&app, &site, &body).await;
    let stored = app.get(&path).key(&site.key).send().await.expect(200);
    assert_eq!(
        (&stored["audience"], &stored["publishAt"]),
        (&json!("everyone"), &json!("2026-12-01T09:00:00Z"))
    );
    assert_eq!(stored["state"], "scheduled");
    app.clock.advance(Duration::from_hours(1));
    app.app.advance().await.unwrap();
    assert_eq!(state(&app, &site, &path).await, "live");
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(state(&app, &site, &path).await, "expired");
}

#[tokio::test]
async fn edit_changes_only_named_fields() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let body = json!({"audience": "everyone", "content": {"en": {"title": "Sail"}}, "category": "promo", "pinned": true});
    let path = publish(&app, &site, &body).await;
    app.clock.advance(Duration::from_mins(1));
    let edited = app
        .patch(&path)
        .key(&site.key)
        .json(&json!({"content": {"en": {"title": "Sale"}}, "category": null}))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&edited["content"], &edited["pinned"]),
        (&json!({"en": {"title": "Sale"}}), &json!(true))
    );
    assert_eq!(
        (edited.get("category"), &edited["editedAt"]),
        (None, &json!("2026-12-01T08:01:00Z"))
    );
    assert_eq!(app.get(&path).key(&site.key).send().await.expect(200), edited);

    let response = app
        .patch(&path)
        .key(&site.key)
        .json(&json!({"content": {"en": {"title": ""}}}))
        .send()
        .await;
    assert_eq!(response.expect_error(400), "content.en.title");
    assert_eq!(app.get(&path).key(&site.key).send().await.expect(200), edited);
}

#[tokio::test]
async fn recalled_message_is_read_only() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let path = publish(
        &app,
        &site,
        &json!({"audience": "everyone", "content": {"en": {"title": "Oops"}}}),
    )
    .await;
    let recalled = app.delete(&path).key(&site.key).send().await;
    assert_eq!((recalled.status.as_u16(), recalled.text()), (204, ""));
    app.delete(&path).key(&site.key).send().await.expect_error(404);
    app.patch(&path).key(&site.key).json(&json!({"pinned": true})).send().await.expect_error(404);
    let stored = app.get(&path).key(&site.key).send().await.expect(200);
    assert_eq!(
        (&stored["state"], &stored["recalledAt"]),
        (&json!("recalled"), &json!("2026-12-01T08:00:00Z"))
    );
}

/// Each content must be rejected with this field, in publishes, edits and previews.
async fn assert_content_rejected(app: &TestApp, site: &TestSite, content: &Value, field: &str) {
    let body = json!({"audience": "everyone", "content": {"en": content}});
    assert_eq!(
        app.post("/v1/messages").key(&site.key).json(&body).send().await.expect_error(400),
        field,
        "{content}"
    );
    let preview =
        app.post("/v1/messages/preview").key(&site.key).json(&body).send().await.expect(200);
    assert_eq!(preview["problems"][0]["field"], field, "{content}");
    let path =
        publish(app, site, &json!({"audience": "everyone", "content": {"en": {"title": "T"}}}))
            .await;
    assert_eq!(
        app.patch(&path)
            .key(&site.key)
            .json(&json!({"content": {"en": content}}))
            .send()
            .await
            .expect_error(400),
        field,
        "{content}"
    );
}

#[tokio::test]
async fn image_url_that_browsers_block_is_rejected() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let odd = [
        "http://cdn.example/x.png",
        "HTTP://cdn.example/x.png",
        "http://cdn.example/m/x.png",
        "http://192.168.0.1/x.png",
    ];
    let stranger = format!("http://cdn.example/m/{}/x.png", site.site.id);
    for image in odd.into_iter().chain([stranger.as_str()]) {
        assert_content_rejected(
            &app,
            &site,
            &json!({"title": "T", "image": image}),
            "content.en.image",
        )
        .await;
    }
    let here = format!("{PUBLIC_URL}/m/{}/x.png", site.site.id);
    app.app.allow_origin(site.site.id, "http://shop.example:8080".parse().unwrap()).await.unwrap();
    assert_content_rejected(
        &app,
        &site,
        &json!({"title": "T", "image": "http://shop.example/x.png"}),
        "content.en.image",
    )
    .await;
    for image in ["http://shop.example:8080/x.png", &here, "https://cdn.example/x.png"] {
        publish(
            &app,
            &site,
            &json!({"audience": "everyone", "content": {"en": {"title": "T", "image": image}}}),
        )
        .await;
    }
}

#[tokio::test]
async fn app_link_needs_an_allowed_scheme() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let app_link = json!({"title": "T", "link": "myshop://orders/7"});
    assert_content_rejected(&app, &site, &app_link, "content.en.link").await;
    let button = json!({"title": "T", "actions": [{"label": "Go", "link": "https://shop.example/"}, {"label": "App", "link": "MyShop:x"}]});
    assert_content_rejected(&app, &site, &button, "content.en.actions[1].link").await;
    for odd in [
        "javascript:alert(1)",
        " jAvAsCrIpT:x",
        "java\tscript:x",
        "data:text/html,x",
        "vbscript:x",
        "file:///x",
        "blob:https://shop.example/1",
        "//evil.example",
        "/\\evil.example",
    ] {
        assert_content_rejected(
            &app,
            &site,
            &json!({"title": "T", "link": odd}),
            "content.en.link",
        )
        .await;
    }
    let put = |schemes: Value| {
        app.put("/v1/site/settings").key(&site.key).json(&json!({"linkSchemes": schemes})).send()
    };
    for odd in [
        "javascript",
        "JavaScript:",
        " data ",
        "vbscript://",
        "file",
        "blob",
        "java script",
        "https",
    ] {
        assert_eq!(put(json!(["other", odd])).await.expect_error(400), "linkSchemes[1]", "{odd}");
    }
    let kept = put(json!(["MyShop"])).await.expect(200);
    assert_eq!(kept["linkSchemes"], json!(["myshop"]));
    for content in [app_link, button] {
        publish(&app, &site, &json!({"audience": "everyone", "content": {"en": content}})).await;
    }
    assert_content_rejected(
        &app,
        &site,
        &json!({"title": "T", "link": "othershop://x"}),
        "content.en.link",
    )
    .await;
}

#[tokio::test]
async fn relative_mail_phone_and_long_links_are_accepted() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let long = format!("https://shop.example/?t={}", "x".repeat(8_192 - 24));
    for (link, kept) in [
        ("/orders/7", "/orders/7"),
        ("orders/7", "/orders/7"),
        ("?tab=2", "/?tab=2"),
        ("#x", "/#x"),
        ("mailto:help@shop.example", "mailto:help@shop.example"),
        ("tel:+380441234567", "tel:+380441234567"),
        (&long, &long),
    ] {
        let content =
            json!({"en": {"title": "T", "link": link, "actions": [{"label": "Go", "link": link}]}});
        let path = publish(&app, &site, &json!({"audience": "everyone", "content": content})).await;
        let stored =
            app.get(&path).key(&site.key).send().await.expect(200)["content"]["en"].clone();
        assert_eq!((&stored["link"], &stored["actions"][0]["link"]), (&json!(kept), &json!(kept)));
    }
    assert_content_rejected(
        &app,
        &site,
        &json!({"title": "T", "link": format!("{long}x")}),
        "content.en.link",
    )
    .await;
}

#[tokio::test]
async fn literal_braces_are_escaped_or_sent_without_variables() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let text = json!({"title": "{{user}}", "body": "Write {{user.name}}"});
    assert_content_rejected(&app, &site, &text, "content.en.title").await;
    let escaped = json!({"audience": "everyone", "content": {"en": {"title": r"\{{user}}", "body": r"Write \{{user.name}}"}}});
    publish(&app, &site, &escaped).await;
    let preview =
        app.post("/v1/messages/preview").key(&site.key).json(&escaped).send().await.expect(200);
    assert_eq!(
        (&preview["problems"], &preview["languages"]["en"]["html"]),
        (&json!([]), &json!("<p>Write {{user.name}}</p>"))
    );

    let message = json!({"audience": "everyone", "content": {"en": text}, "variables": false, "publishAt": "2026-12-02T08:00:00Z"});
    let preview =
        app.post("/v1/messages/preview").key(&site.key).json(&message).send().await.expect(200);
    assert_eq!(
        (&preview["problems"], &preview["languages"]["en"]["html"]),
        (&json!([]), &json!("<p>Write {{user.name}}</p>"))
    );
    let path = publish(&app, &site, &message).await;
    let stored = app.get(&path).key(&site.key).send().await.expect(200);
    assert_eq!((&stored["variables"], &stored["content"]["en"]), (&json!(false), &text));
    let edit = async |change: Value| app.patch(&path).key(&site.key).json(&change).send().await;
    let other = edit(json!({"content": {"en": {"title": "{{other}}"}}})).await.expect(200);
    assert_eq!(
        (&other["variables"], &other["content"]["en"]["title"]),
        (&json!(false), &json!("{{other}}"))
    );
    assert_eq!(edit(json!({"variables": true})).await.expect_error(400), "content.en.title");
    assert_eq!(edit(json!({"variables": "no"})).await.expect_error(400), "variables");
    let filled =
        edit(json!({"variables": true, "content": {"en": {"title": "{{firstName|you}}"}}}))
            .await
            .expect(200);
    assert_eq!(filled.get("variables"), None);
    assert_eq!(
        edit(json!({"content": {"en": {"title": "{{other}}"}}})).await.expect_error(400),
        "content.en.title"
    );
    let again = edit(json!({"variables": false})).await.expect(200);
    assert_eq!(
        (&again["variables"], &again["content"]["en"]["title"]),
        (&json!(false), &json!("{{firstName|you}}"))
    );
    let resent = app
        .post(&format!("{path}/resend"))
        .key(&site.key)
        .json(&json!({}))
        .send()
        .await
        .expect(201);
    let resent = app
        .get(&format!("/v1/messages/{}", resent["id"].as_str().unwrap()))
        .key(&site.key)
        .send()
        .await
        .expect(200);
    assert_eq!(resent["variables"], json!(false));
}
