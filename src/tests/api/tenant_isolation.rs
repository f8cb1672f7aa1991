//! A key of another site: every route responds as if the object didn't exist.

use crate::support::{Answer, TestApp};
use axum::http::Method;
use belfry_domain::{ImportOptions, ThemeDraft, ThemeSources};
use belfry_store::ImportRows;
use serde_json::{Value, json};

/// Same status, headers and body.
fn assert_same(one: &Answer, other: &Answer) {
    assert_eq!(one, other, "{} / {}", one.text(), other.text());
    one.expect_error(404);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of routes")]
async fn foreign_id_is_answered_like_an_unknown_one() {
    let app = TestApp::new().await;
    let (owner, stranger) = (app.create_site().await, app.create_site().await);
    // Ids of contacts may coincide on two sites, so the other site must have none.
    let contact = app.contact(&owner, json!({"externalCustomerId": "42"})).await;
    let body = json!({"audience": "everyone", "content": {"en": {"title": "Hello"}}});
    let published = app.post("/v1/messages").key(&owner.key).json(&body).send().await.expect(201);
    let message = published["id"].as_str().unwrap();
    // A draft and a published version; their contents don't matter.
    for name in ["a.css", "b.css"] {
        let sources = ThemeSources { css: Some(name.to_owned()), ..ThemeSources::default() };
        let draft = ThemeDraft {
            sources,
            critical_css: String::new(),
            stylesheet: name.to_owned(),
            files: Vec::new(),
            warnings: "[]".to_owned(),
        };
        app.app.store_theme_draft(owner.site.id, &draft).await.unwrap();
        if name == "a.css" {
            app.app.publish_theme(owner.site.id).await.unwrap();
        }
    }
    let device = json!({"deviceId": "0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4"});
    let bound = app
        .post(&format!("/v1/contact/{contact}/devices"))
        .key(&owner.key)
        .json(&device)
        .send()
        .await
        .expect(200);
    let fingerprint = bound["fingerprint"].as_str().unwrap();
    let hook = json!({"url": "https://93.184.216.34/hook", "events": ["contact.created"]});
    let hook = app.post("/v1/webhooks").key(&owner.key).json(&hook).send().await.expect(201);
    let hook = format!("webhooks/{}", hook["id"].as_str().unwrap());
    let delivery =
        app.post(&format!("/v1/{hook}/test")).key(&owner.key).send().await.expect(202)["id"]
            .clone();
    let segment = json!({"name": "pro", "condition": {"attributes": {"plan": "pro"}}});
    let response = app.post("/v1/segments").key(&owner.key).json(&segment).send().await.expect(201)
        ["id"]
        .clone();
    let before = (
        app.get("/v1/webhooks").key(&owner.key).send().await.expect(200),
        app.get(&format!("/v1/{hook}/deliveries")).key(&owner.key).send().await.expect(200),
        app.get(&format!("/v1/contact/{contact}/devices")).key(&owner.key).send().await.expect(200),
        app.get("/v1/themes").key(&owner.key).send().await.expect(200),
        app.get(&format!("/v1/contact/{contact}")).key(&owner.key).send().await.expect(200),
        app.get(&format!("/v1/messages/{message}")).key(&owner.key).send().await.expect(200),
    );

    let missing_hook = "webhooks/01941f29-7c00-7000-8000-000000000000";
    let (disable, since) = (json!({"enabled": false}), json!({"since": "2026-12-01T00:00:00Z"}));
    let edit = json!({"content": {"en": {"title": "Mine now"}}});
    let moved = json!({"publishAt": "2026-12-02T08:00:00Z", "audience": "everyone"});
    let missing_message = "01941f29-7c00-7000-8000-000000000000";
    let import = app
        .app
        .start_import(owner.site.id, ImportRows::default(), &ImportOptions::default())
        .await
        .unwrap();
    let mutes = json!({"muted": []});
    let replacement = json!({"externalCustomerId": "stolen"});
    let routes: Vec<(Method, String, String, Option<&Value>)> = vec![
        (
            Method::PUT,
            format!("contact/{contact}"),
            "contact/987654321".to_owned(),
            Some(&replacement),
        ),
        (
            Method::GET,
            format!("contact/{contact}/receipts"),
            "contact/987654321/receipts".to_owned(),
            None,
        ),
        (
            Method::GET,
            format!("contact/{contact}/mutes"),
            "contact/987654321/mutes".to_owned(),
            None,
        ),
        (
            Method::PUT,
            format!("contact/{contact}/mutes"),
            "contact/987654321/mutes".to_owned(),
            Some(&mutes),
        ),
        (
            Method::GET,
            format!("contact/{contact}/export"),
            "contact/987654321/export".to_owned(),
            None,
        ),
        (
            Method::DELETE,
            format!("contact/{contact}?erase=true"),
            "contact/987654321?erase=true".to_owned(),
            None,
        ),
        (
            Method::DELETE,
            "contact?externalCustomerId=42&erase=true".to_owned(),
            "contact?externalCustomerId=nobody&erase=true".to_owned(),
            None,
        ),
        (Method::GET, format!("imports/{import}"), format!("imports/{missing_message}"), None),
        (
            Method::GET,
            format!("imports/{import}/failures"),
            format!("imports/{missing_message}/failures"),
            None,
        ),
        (
            Method::GET,
            format!("importstatus/{import}"),
            format!("importstatus/{missing_message}"),
            None,
        ),
        (Method::GET, format!("segments/{response}"), "segments/9".to_owned(), None),
        (Method::PUT, format!("segments/{response}"), "segments/9".to_owned(), Some(&segment)),
        (Method::DELETE, format!("segments/{response}"), "segments/9".to_owned(), None),
        (Method::GET, format!("contact/{contact}"), "contact/987654321".to_owned(), None),
        (Method::DELETE, format!("contact/{contact}"), "contact/987654321".to_owned(), None),
        (
            Method::GET,
            "contact?externalCustomerId=42".to_owned(),
            "contact?externalCustomerId=nobody".to_owned(),
            None,
        ),
        (
            Method::DELETE,
            "contact?externalCustomerId=42".to_owned(),
            "contact?externalCustomerId=nobody".to_owned(),
            None,
        ),
        (
            Method::GET,
            format!("contact/{contact}/devices"),
            "contact/987654321/devices".to_owned(),
            None,
        ),
        (
            Method::POST,
            format!("contact/{contact}/devices"),
            "contact/987654321/devices".to_owned(),
            Some(&device),
        ),
        (
            Method::DELETE,
            format!("contact/{contact}/devices/{fingerprint}"),
            "contact/987654321/devices/0".to_owned(),
            None,
        ),
        (Method::GET, format!("messages/{message}"), format!("messages/{missing_message}"), None),
        (
            Method::PATCH,
            format!("messages/{message}"),
            format!("messages/{missing_message}"),
            Some(&edit),
        ),
        (
            Method::DELETE,
            format!("messages/{message}"),
            format!("messages/{missing_message}"),
            None,
        ),
        (
            Method::PATCH,
            format!("messages/{message}"),
            format!("messages/{missing_message}"),
            Some(&moved),
        ),
        (
            Method::GET,
            format!("messages/{message}/stats"),
            format!("messages/{missing_message}/stats"),
            None,
        ),
        (
            Method::POST,
            format!("messages/{message}/cancel"),
            format!("messages/{missing_message}/cancel"),
            None,
        ),
        (
            Method::POST,
            format!("messages/{message}/resend"),
            format!("messages/{missing_message}/resend"),
            None,
        ),
        (Method::GET, hook.clone(), missing_hook.to_owned(), None),
        (Method::PATCH, hook.clone(), missing_hook.to_owned(), Some(&disable)),
        (Method::DELETE, hook.clone(), missing_hook.to_owned(), None),
        (Method::POST, format!("{hook}/secret"), format!("{missing_hook}/secret"), None),
        (Method::POST, format!("{hook}/replay"), format!("{missing_hook}/replay"), Some(&since)),
        (Method::GET, format!("{hook}/deliveries"), format!("{missing_hook}/deliveries"), None),
        (
            Method::GET,
            format!("{hook}/deliveries/{delivery}"),
            format!("{missing_hook}/deliveries/{delivery}"),
            None,
        ),
        (
            Method::POST,
            format!("{hook}/deliveries/{delivery}/replay"),
            format!("{missing_hook}/deliveries/{delivery}/replay"),
            None,
        ),
        (Method::GET, "themes/1".to_owned(), "themes/9".to_owned(), None),
        (Method::DELETE, "themes/1".to_owned(), "themes/9".to_owned(), None),
        (Method::DELETE, "themes/2".to_owned(), "themes/9".to_owned(), None),
        (Method::POST, "themes/1/rollback".to_owned(), "themes/9/rollback".to_owned(), None),
        (Method::POST, "themes/2/rollback".to_owned(), "themes/9/rollback".to_owned(), None),
        (Method::POST, "themes/1/preview".to_owned(), "themes/9/preview".to_owned(), None),
        (Method::POST, "themes/2/preview".to_owned(), "themes/9/preview".to_owned(), None),
        (
            Method::GET,
            "themes/1/files/theme.css".to_owned(),
            "themes/9/files/theme.css".to_owned(),
            None,
        ),
        (
            Method::GET,
            "themes/2/files/theme.css".to_owned(),
            "themes/9/files/theme.css".to_owned(),
            None,
        ),
        (
            Method::GET,
            "themes/1/files/bell.svg".to_owned(),
            "themes/9/files/bell.svg".to_owned(),
            None,
        ),
    ];
    for prefix in ["/v1", "/api/v1"] {
        for (method, foreign, missing, body) in &routes {
            let send = async |path: &str| {
                let call = app.call(method.clone(), &format!("{prefix}/{path}")).key(&stranger.key);
                if let Some(body) = body { call.json(body) } else { call }.send().await
            };
            assert_same(&send(foreign).await, &send(missing).await);
        }
    }
    let after = (
        app.get("/v1/webhooks").key(&owner.key).send().await.expect(200),
        app.get(&format!("/v1/{hook}/deliveries")).key(&owner.key).send().await.expect(200),
        app.get(&format!("/v1/contact/{contact}/devices")).key(&owner.key).send().await.expect(200),
        app.get("/v1/themes").key(&owner.key).send().await.expect(200),
        app.get(&format!("/v1/contact/{contact}")).key(&owner.key).send().await.expect(200),
        app.get(&format!("/v1/messages/{message}")).key(&owner.key).send().await.expect(200),
    );
    assert_eq!(before, after);
}

#[tokio::test]
async fn foreign_themes_are_neither_listed_nor_published() {
    let app = TestApp::new().await;
    let (owner, stranger) = (app.create_site().await, app.create_site().await);
    let sources = ThemeSources { css: Some("a".to_owned()), ..ThemeSources::default() };
    let draft = ThemeDraft {
        sources,
        critical_css: String::new(),
        stylesheet: "a.css".to_owned(),
        files: Vec::new(),
        warnings: "[]".to_owned(),
    };
    app.app.store_theme_draft(owner.site.id, &draft).await.unwrap();
    let list = app.get("/v1/themes").key(&stranger.key).send().await.expect(200);
    assert_eq!(list, json!({"themes": [], "inForce": 0, "draft": null}));
    app.post("/v1/themes/publish").key(&stranger.key).send().await.expect_error(409);
    app.post("/v1/themes/0/rollback").key(&stranger.key).send().await.expect(200);
    assert_eq!(app.get("/v1/themes/1").key(&owner.key).send().await.expect(200)["state"], "draft");
}

#[tokio::test]
async fn foreign_messages_and_cursors_are_unusable() {
    let app = TestApp::new().await;
    let (owner, stranger) = (app.create_site().await, app.create_site().await);
    for title in ["One", "Two"] {
        let body = json!({"audience": "everyone", "content": {"en": {"title": title}}});
        app.post("/v1/messages").key(&owner.key).json(&body).send().await.expect(201);
    }
    let cursor = app.get("/v1/messages?limit=1").key(&owner.key).send().await.expect(200)["next"]
        .as_str()
        .unwrap()
        .to_owned();
    for query in ["", "?q=o", "?state=live", &format!("?cursor={cursor}")] {
        let list =
            app.get(&format!("/v1/messages{query}")).key(&stranger.key).send().await.expect(200);
        assert_eq!(list, json!({"items": [], "next": null}));
    }
}

#[tokio::test]
async fn foreign_contacts_get_no_token_and_no_message() {
    let app = TestApp::new().await;
    let (owner, stranger) = (app.create_site().await, app.create_site().await);
    let contact = app.contact(&owner, json!({"externalCustomerId": "42"})).await;
    let token = app
        .post("/v1/auth/contact/token")
        .key(&stranger.key)
        .json(&json!({"extid": "42"}))
        .send()
        .await;
    assert_eq!(token.expect(200), json!({"token": ""}));
    for named in [json!({"externalCustomerId": "42"}), json!({ "id": contact })] {
        let body = json!({"audience": {"contact": named}, "content": {"en": {"title": "Hello"}}});
        assert_eq!(
            app.post("/v1/messages").key(&stranger.key).json(&body).send().await.expect_error(400),
            "audience.contact"
        );
    }
}

#[tokio::test]
async fn malformed_id_is_answered_like_an_unknown_one() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let missing =
        app.get("/v1/messages/01941f29-7c00-7000-8000-000000000000").key(&site.key).send().await;
    for odd in [
        "messages/7",
        "messages/%00",
        "messages/%ff",
        "messages/..%2fcontact",
        "contact/x",
        "contact/99999999999999999999",
        "contact/-1",
        "contact/%ff",
    ] {
        assert_same(&app.get(&format!("/v1/{odd}")).key(&site.key).send().await, &missing);
    }
}
