//! API keys, settings and the audit log, as a backend with the scope `admin` uses them; and the
//! rate limit headers.

use crate::support::TestApp;
use axum::http::Method;
use belfry_api::RateLimits;
use belfry_app::rate_limit::RateLimit;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn key_is_created_used_listed_and_revoked() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let response = app
        .post("/v1/keys")
        .key(&site.key)
        .json(&json!({"name": " Shop ", "scopes": ["read"]}))
        .send()
        .await
        .expect(201);
    let (id, secret) = (response["id"].as_str().unwrap(), response["secret"].as_str().unwrap());
    assert_eq!(
        (&response["name"], &response["scopes"], &response["lastUsedAt"]),
        (&json!("Shop"), &json!(["read"]), &Value::Null)
    );
    app.get("/v1/themes").key(secret).send().await.expect(200);
    app.get("/v1/keys").key(secret).send().await.expect_error(403);
    let listed = app.get("/v1/keys").key(&site.key).send().await;
    let keys = listed.expect(200);
    assert_eq!(keys["items"].as_array().unwrap().len(), 2);
    let ours = keys["items"].as_array().unwrap().iter().find(|key| key["id"] == id).unwrap();
    assert_eq!(
        (&ours["lastUsedAt"], &ours["revokedAt"]),
        (&json!("2026-12-01T08:00:00Z"), &Value::Null)
    );
    assert!(!listed.text().contains(secret) && !listed.text().contains("secret"));
    assert_eq!(app.delete(&format!("/v1/keys/{id}")).key(&site.key).send().await.status, 204);
    app.delete(&format!("/v1/keys/{id}")).key(&site.key).send().await.expect_error(404);
    app.get("/v1/themes").key(secret).send().await.expect_error(401);
}

#[tokio::test]
async fn keys_grant_only_their_scopes_on_their_site() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    let make = |key: &str, body: Value| app.post("/v1/keys").key(key).json(&body);
    let first = make(&site.key, json!({"name": "a", "scopes": ["admin"]})).send().await.expect(201);
    let admin = first["secret"].as_str().unwrap();
    make(admin, json!({"name": "b", "scopes": ["admin", "send"]})).send().await.expect_error(403);
    assert_eq!(
        make(admin, json!({"name": "b"})).send().await.expect(201)["scopes"],
        json!(["admin"])
    );
    for (body, field) in [
        (json!({}), "name"),
        (json!({"name": "b", "scopes": ["all"]}), "scopes[0]"),
        (json!({"name": "b", "can": 1}), "can"),
    ] {
        assert_eq!(make(admin, body).send().await.expect_error(400), field);
    }
    app.delete(&format!("/v1/keys/{}", first["id"].as_str().unwrap()))
        .key(&other.key)
        .send()
        .await
        .expect_error(404);
    app.delete("/v1/keys/%ff").key(&site.key).send().await.expect_error(404);
    // A backend that is decommissioned may delete its own key.
    assert_eq!(
        app.delete(&format!("/v1/keys/{}", first["id"].as_str().unwrap()))
            .key(admin)
            .send()
            .await
            .status,
        204
    );
    app.get("/v1/keys").key(admin).send().await.expect_error(401);
}

#[tokio::test]
async fn settings_are_replaced_as_a_whole_per_site() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    let empty =
        json!({"languages": [], "retentionDays": null, "categories": [], "history": "read"});
    let news = json!({"name": "news", "labels": {"en": "News"}, "mutable": true});
    let full = json!({"languages": ["en", "uk"], "retentionDays": 30, "categories": [news], "history": "hidden"});
    let put = |body: &Value| app.call(Method::PUT, "/v1/site/settings").key(&site.key).json(body);
    let get = async |key: &str| app.get("/v1/site/settings").key(key).send().await.expect(200);
    assert_eq!(get(&site.key).await, empty);
    assert_eq!(put(&full).send().await.expect(200), full);
    assert_eq!((get(&site.key).await, get(&other.key).await), (full, empty.clone()));
    assert_eq!(put(&json!({"retentionDays": 0})).send().await.expect_error(400), "retentionDays");
    assert_eq!(put(&json!({})).send().await.expect(200), empty);
}

#[tokio::test]
async fn administration_is_audited_and_traffic_is_not() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    let message = json!({"audience": "everyone", "content": {"en": {"title": "Hello"}}});
    let id = app.post("/v1/messages").key(&site.key).json(&message).send().await.expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    app.post("/v1/contact").key(&site.key).json(&json!({"extid": "42"})).send().await.expect(200);
    app.post("/v1/auth/contact/token")
        .key(&site.key)
        .json(&json!({"extid": "42"}))
        .send()
        .await
        .expect(200);
    app.delete("/v1/messages/01941f29-7c00-7000-8000-000000000000")
        .key(&site.key)
        .send()
        .await
        .expect_error(404);
    assert_eq!(
        app.get("/v1/audit").key(&site.key).send().await.expect(200),
        json!({"items": [], "next": null})
    );

    let key = app
        .post("/v1/keys")
        .key(&site.key)
        .json(&json!({"name": "x"}))
        .send()
        .await
        .expect(201)["id"]
        .clone();
    app.call(Method::PUT, "/v1/site/settings")
        .key(&site.key)
        .json(&json!({}))
        .send()
        .await
        .expect(200);
    app.delete(&format!("/v1/messages/{id}")).key(&site.key).send().await;
    app.delete("/v1/contact?externalCustomerId=42").key(&site.key).send().await;
    let acts = |page: &Value| -> Vec<(String, String)> {
        let of = |entry: &Value| {
            (
                entry["action"].as_str().unwrap().to_owned(),
                entry["subject"].as_str().unwrap().to_owned(),
            )
        };
        page["items"].as_array().unwrap().iter().map(of).collect()
    };
    let first = app.get("/v1/audit?limit=3").key(&site.key).send().await.expect(200);
    let next = first["next"].as_str().unwrap();
    let second = app
        .get(&format!("/v1/audit?limit=3&cursor={next}"))
        .key(&site.key)
        .send()
        .await
        .expect(200);
    assert_eq!(second["next"], Value::Null);
    let named = |action: &str, subject: &str| (action.to_owned(), subject.to_owned());
    assert_eq!(
        acts(&first),
        [named("contact.erased", ""), named("message.recalled", &id), named("site.changed", "")]
    );
    assert_eq!(acts(&second), [named("key.created", key.as_str().unwrap())]);
    assert_eq!(first["items"][0]["actor"]["kind"], "key");
    assert!(site.key.contains(first["items"][0]["actor"]["id"].as_str().unwrap()));
    assert_eq!(app.get("/v1/audit").key(&other.key).send().await.expect(200)["items"], json!([]));
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=", "cursor"),
    ] {
        assert_eq!(
            app.get(&format!("/v1/audit?{query}")).key(&site.key).send().await.expect_error(400),
            field,
            "{query}"
        );
    }
}

#[tokio::test]
async fn every_response_has_rate_limit_headers() {
    let hour = Duration::from_hours(1);
    let app = TestApp::with_limits(RateLimits {
        requests: RateLimit::new(3, hour),
        tokens: RateLimit::new(1, hour),
        failures: RateLimit::new(2, hour),
        ..RateLimits::default()
    })
    .await;
    let site = app.create_site().await;
    let token =
        || app.post("/v1/auth/contact/token").key(&site.key).json(&json!({"extid": "1"})).send();
    let first = token().await;
    first.expect(200);
    assert_eq!(first.header("ratelimit-policy"), Some("\"requests\";q=3;w=10800"));
    assert_eq!(first.header("ratelimit"), Some("\"requests\";r=2;t=3600"));
    let second = token().await;
    second.expect_error(429);
    let both: Vec<_> = second.headers.get_all("ratelimit-policy").iter().collect();
    assert_eq!(both, ["\"tokens\";q=1;w=3600", "\"requests\";q=3;w=10800"]);
    app.get("/v1/contact/7").key(&site.key).send().await.expect_error(404);
    let over = app.get("/v1/contact/7").key(&site.key).send().await;
    over.expect_error(429);
    assert_eq!(over.header("ratelimit"), Some("\"requests\";r=0;t=3600"));
    let stranger = app.get("/v1/contact/7").send().await;
    stranger.expect_error(401);
    assert_eq!(stranger.header("ratelimit-policy"), Some("\"failures\";q=2;w=7200"));
}
