//! `webhooks`: create, change, test and inspect; a secret is returned once.

use crate::support::TestApp;
use belfry_domain::{
    EndpointId, EndpointUrl, SigningSecret, SystemRng,
    channel::{AccountWebhookDraft, ConversationEventKind, InboxSettings},
};
use belfry_store::AccountWebhookStore as _;
use serde_json::{Value, json};

const URL: &str = "https://93.184.216.34/hook";

#[tokio::test]
async fn webhook_lifecycle_shows_its_secret_once() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let response = app
        .post("/v1/webhooks")
        .key(&site.key)
        .json(&json!({"url": URL, "events": ["message.read"], "description": " Our  CRM "}))
        .send()
        .await
        .expect(201);
    let secret = response["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    let path = format!("/v1/webhooks/{}", response["id"].as_str().unwrap());
    let answer = app.get(&path).key(&site.key).send().await.expect(200);
    assert_eq!(
        (&answer["url"], &answer["events"], &answer["enabled"], &answer["kind"]),
        (&json!(URL), &json!(["message.read"]), &json!(true), &json!("standard"))
    );
    let list = app.get("/v1/webhooks").key(&site.key).send().await.expect(200);
    assert_eq!(list, json!({"items": [answer], "next": null}));
    assert!(!list.to_string().contains("whsec_"));

    let changed = app
        .patch(&path)
        .key(&site.key)
        .json(&json!({"enabled": false, "events": ["message.seen", "contact.created"]}))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&changed["enabled"], &changed["events"]),
        (&json!(false), &json!(["message.seen", "contact.created"]))
    );
    app.post(&format!("{path}/test")).key(&site.key).send().await.expect_error(409);
    let rotated = app.post(&format!("{path}/secret")).key(&site.key).send().await.expect(200);
    assert_ne!(rotated["secret"], response["secret"]);
    assert_eq!(rotated["formerUntil"], "2026-12-02T08:00:00Z");

    assert_eq!(app.delete(&path).key(&site.key).send().await.status, 204);
    app.get(&path).key(&site.key).send().await.expect_error(404);
    app.delete(&path).key(&site.key).send().await.expect_error(404);
}

#[tokio::test]
async fn uncallable_url_is_rejected_by_field() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for url in [
        "http://93.184.216.34/hook",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://localhost/",
        "https://2130706433/",
        "https://[::ffff:127.0.0.1]/",
        "https://user:password@93.184.216.34/",
        "https://93.184.216.34:25/",
        "ftp://93.184.216.34/",
        "x",
        "",
    ] {
        let answer = app
            .post("/v1/webhooks")
            .key(&site.key)
            .json(&json!({"url": url, "events": ["message.read"]}))
            .send()
            .await;
        assert_eq!(answer.expect_error(400), "url", "{url}");
    }
    for (body, field) in [
        (json!({"url": URL}), "events"),
        (json!({"url": URL, "events": ["nothing"]}), "events[0]"),
        (json!({"url": URL, "events": ["message.read"], "site": 1}), "site"),
    ] {
        assert_eq!(
            app.post("/v1/webhooks").key(&site.key).json(&body).send().await.expect_error(400),
            field
        );
    }
    let response = app
        .post("/v1/webhooks")
        .key(&site.key)
        .json(&json!({"kind": "message", "url": URL, "auth": {"type": "basic", "username": "a", "password": "secret-word"}}))
        .send()
        .await;
    assert!(!response.text().contains("secret-word"));
    let made = response.expect(201);
    assert_eq!(
        (&made["auth"], made.get("secret")),
        (&json!({"type": "basic", "username": "a"}), None)
    );
    let path = format!("/v1/webhooks/{}", made["id"].as_str().unwrap());
    assert_eq!(
        app.patch(&path)
            .key(&site.key)
            .json(&json!({"events": ["message.read"]}))
            .send()
            .await
            .expect_error(400),
        "events"
    );
    assert_eq!(
        app.patch(&path)
            .key(&site.key)
            .json(&json!({"url": "https://127.0.0.1/"}))
            .send()
            .await
            .expect_error(400),
        "url"
    );
    app.patch(&path).key(&site.key).json(&json!({})).send().await.expect_error(400);
    let same = app
        .patch(&path)
        .key(&site.key)
        .json(&json!({"url": format!("{URL}/other")}))
        .send()
        .await
        .expect(200);
    assert_eq!(same["auth"], json!({"type": "basic", "username": "a"}));
    let moved = app
        .patch(&path)
        .key(&site.key)
        .json(&json!({"url": "https://93.184.216.34:8443/hook"}))
        .send()
        .await
        .expect(200);
    assert_eq!(moved["auth"], json!({"type": "none"}));
    app.post(&format!("{path}/secret")).key(&site.key).send().await.expect_error(409);
}

#[tokio::test]
async fn site_has_ten_webhooks_at_most() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let body = json!({"url": URL, "events": ["message.read"]});
    for _ in 0..10 {
        app.post("/v1/webhooks").key(&site.key).json(&body).send().await.expect(201);
    }
    app.post("/v1/webhooks").key(&site.key).json(&body).send().await.expect_error(409);
}

#[tokio::test]
async fn deliveries_are_paginated_and_replayed() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let response = app
        .post("/v1/webhooks")
        .key(&site.key)
        .json(&json!({"url": URL, "events": ["contact.created"]}))
        .send()
        .await
        .expect(201);
    let path = format!("/v1/webhooks/{}", response["id"].as_str().unwrap());
    for number in 0..3 {
        app.contact(&site, json!({"externalCustomerId": number.to_string()})).await;
    }
    let test = app.post(&format!("{path}/test")).key(&site.key).send().await.expect(202);
    let page =
        app.get(&format!("{path}/deliveries?limit=3")).key(&site.key).send().await.expect(200);
    let ids = |page: &Value| {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["id"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&page)[0], test["id"].as_i64().unwrap());
    let next = page["next"].as_str().unwrap();
    let rest = app
        .get(&format!("{path}/deliveries?limit=3&state=pending&cursor={next}"))
        .key(&site.key)
        .send()
        .await
        .expect(200);
    assert_eq!((ids(&page).len(), ids(&rest).len(), &rest["next"]), (3, 1, &Value::Null));
    let done =
        app.get(&format!("{path}/deliveries?state=done")).key(&site.key).send().await.expect(200);
    assert_eq!(ids(&done), Vec::<i64>::new());
    let one = format!("{path}/deliveries/{}", ids(&rest)[0]);
    let whole = app.get(&one).key(&site.key).send().await.expect(200);
    let body: Value = serde_json::from_str(whole["request"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&body["type"], &body["data"]["contact"]["externalCustomerId"]),
        (&json!("contact.created"), &json!("0"))
    );
    assert_eq!(whole["request"]["headers"]["webhook-id"], whole["eventId"]);
    assert_eq!(
        app.post(&format!("{one}/replay")).key(&site.key).send().await.expect(202)["state"],
        "pending"
    );
    let replayed = app
        .post(&format!("{path}/replay"))
        .key(&site.key)
        .json(&json!({"since": "2026-12-01T00:00:00Z"}))
        .send()
        .await
        .expect(202);
    assert_eq!(replayed, json!({"replayed": 0}));
    assert_eq!(
        app.post(&format!("{path}/replay"))
            .key(&site.key)
            .json(&json!({}))
            .send()
            .await
            .expect_error(400),
        "since"
    );
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("state=x", "state"),
        ("cursor=x", "cursor"),
        ("y=1", "y"),
    ] {
        assert_eq!(
            app.get(&format!("{path}/deliveries?{query}"))
                .key(&site.key)
                .send()
                .await
                .expect_error(400),
            field
        );
    }
}

/// Callback URLs of inboxes and account webhooks are rows of the same table.
#[tokio::test]
async fn conversation_webhooks_are_not_listed() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let settings = InboxSettings {
        name: "Shop".to_owned(),
        callback_url: Some(URL.to_owned()),
        ..InboxSettings::default()
    };
    app.app.create_inbox(site.site.id, settings).await.unwrap();
    let draft = AccountWebhookDraft {
        name: None,
        url: EndpointUrl::parse(URL).unwrap(),
        subscriptions: vec![ConversationEventKind::MessageCreated],
    };
    let secret = SigningSecret::generate(&SystemRng);
    app.store
        .create_account_webhook(
            site.site.id,
            &draft,
            &secret,
            belfry_domain::Timestamp::from_millis(1),
        )
        .await
        .unwrap()
        .unwrap();
    let mut database = app.database().await;
    database.execute(
        "INSERT INTO webhook_delivery (site_id, endpoint, event, type, body, state, next_at, created_at, queued_at)
         SELECT site_id, number, 'evt', 'message_created', '{}', 2, NULL, 1, 1 FROM webhook_endpoint",
    )
    .await;
    let rows = "SELECT e.id, e.kind, d.number, e.url || ' ' || e.enabled || e.deleted || e.events || ' ' || e.pending || d.state || s.secret
        FROM webhook_endpoint AS e JOIN webhook_delivery AS d ON d.endpoint = e.number JOIN webhook_secret AS s ON s.endpoint = e.number ORDER BY e.kind";
    let before: Vec<(Vec<u8>, i64, i64, String)> = database.rows(rows).await;
    assert_eq!(before.iter().map(|(_, kind, ..)| *kind).collect::<Vec<_>>(), [2, 3]);

    let nothing = json!({"items": [], "next": null});
    for (id, _, delivery, _) in &before {
        let path =
            format!("/v1/webhooks/{}", EndpointId::from_bytes(id.as_slice().try_into().unwrap()));
        for (method, path, body) in [
            ("GET", path.clone(), None),
            (
                "PATCH",
                path.clone(),
                Some(json!({"enabled": false, "url": "https://93.184.216.34/elsewhere"})),
            ),
            ("POST", format!("{path}/test"), None),
            ("POST", format!("{path}/secret"), None),
            ("GET", format!("{path}/deliveries"), None),
            ("GET", format!("{path}/deliveries/{delivery}"), None),
            ("POST", format!("{path}/deliveries/{delivery}/replay"), None),
            ("POST", format!("{path}/replay"), Some(json!({"since": "2026-12-01T00:00:00Z"}))),
            ("DELETE", path.clone(), None),
        ] {
            let call = app.call(method.parse().unwrap(), &path).key(&site.key);
            let call = if let Some(body) = body { call.json(&body) } else { call };
            let answer = call.send().await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
        }
        assert_eq!(app.get("/v1/webhooks").key(&site.key).send().await.expect(200), nothing);
    }
    let after: Vec<(Vec<u8>, i64, i64, String)> = database.rows(rows).await;
    assert_eq!(after, before);
}
