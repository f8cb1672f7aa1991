//! `Idempotency-Key`: a repeated request has one effect.

use crate::{
    disconnect::disconnect_while_locked,
    support::{Call, TestApp, TestSite},
};
use axum::http::Method;
use belfry_api::RateLimits;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

fn contact(app: &TestApp, site: &TestSite, name: &str) -> Call {
    app.post("/v1/contact")
        .key(&site.key)
        .header("idempotency-key", "k")
        .json(&json!({"extid": "42", "firstName": name}))
}

fn settings(app: &TestApp, site: &TestSite, key: &str, body: &str) -> Call {
    app.call(Method::PUT, "/v1/site/settings")
        .key(&site.key)
        .header("idempotency-key", key)
        .header("content-type", "application/json")
        .body(body.to_owned())
}

async fn audit_entries(app: &TestApp, site: &TestSite) -> usize {
    app.app.audit(Some(site.site.id), None, 100).await.unwrap().len()
}

#[tokio::test]
async fn same_request_is_replayed_for_two_days_and_another_is_422() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    let first = settings(&app, &site, "k", r#"{"retentionDays":30,"languages":[]}"#).send().await;
    let again =
        settings(&app, &site, "k", "{ \"languages\": [], \"retentionDays\": 30 }").send().await;
    assert_eq!(
        (again.expect(200), again.header("idempotent-replayed")),
        (first.expect(200), Some("true"))
    );
    assert_eq!(
        (first.header("idempotent-replayed"), again.header("content-type")),
        (None, Some("application/json"))
    );
    assert_eq!(audit_entries(&app, &site).await, 1, "done and recorded once");
    assert_eq!(settings(&app, &site, "k", "{}").send().await.expect_error(422), "Idempotency-Key");
    contact(&app, &site, "x").send().await.expect_error(422);
    contact(&app, &other, "x").send().await.expect(200);
    app.clock.advance(Duration::from_hours(48) + Duration::from_secs(1));
    app.app.sweep().await.unwrap();
    assert_eq!(
        settings(&app, &site, "k", "{}").send().await.expect(200)["retentionDays"],
        Value::Null
    );
}

#[tokio::test]
async fn errors_and_empty_responses_are_replayed() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let contact = app.contact(&site, json!({"extid": "42"})).await;
    let delete = || {
        app.delete(&format!("/v1/contact/{contact}"))
            .key(&site.key)
            .header("idempotency-key", "d")
            .send()
    };
    let first = delete().await;
    let again = delete().await;
    assert_eq!((again.status, &again.body), (first.status, &first.body), "and not 404");
    assert_eq!(again.header("content-type"), first.header("content-type"));
    let response =
        app.post("/v1/keys").key(&site.key).json(&json!({"name": "x"})).send().await.expect(201);
    let revoke = || {
        app.delete(&format!("/v1/keys/{}", response["id"].as_str().unwrap()))
            .key(&site.key)
            .header("idempotency-key", "e")
            .send()
    };
    assert_eq!((revoke().await.status.as_u16(), revoke().await.status.as_u16()), (204, 204));
    let bad = || settings(&app, &site, "b", r#"{"retentionDays":0}"#).send();
    assert_eq!(
        (bad().await.expect_error(400), bad().await.expect_error(400)),
        ("retentionDays".to_owned(), "retentionDays".to_owned())
    );
    assert_eq!(
        settings(&app, &site, "a b", "{}").send().await.expect_error(400),
        "Idempotency-Key"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_concurrent_requests_have_one_effect() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let make = || {
        app.post("/v1/keys")
            .key(&site.key)
            .header("idempotency-key", "k")
            .json(&json!({"name": "x"}))
            .send()
    };
    let answers = join_all((0..50).map(|_| make())).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!((created, answers.iter().filter(|answer| answer.status == 409).count()), (1, 49));
    assert_eq!(app.app.keys(site.site.id).await.unwrap().len(), 2);
    assert_eq!(audit_entries(&app, &site).await, 1);
}

/// While another program holds the database lock, the reservation of the key waits. A client that
/// disconnects meanwhile must be able to retry.
#[tokio::test]
async fn disconnect_before_the_write_releases_the_key() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let make = || {
        app.post("/v1/keys")
            .key(&site.key)
            .header("idempotency-key", "k")
            .json(&json!({"name": "x"}))
    };
    // So that the key's last use is already recorded.
    app.get("/v1/keys").key(&site.key).send().await.expect(200);
    disconnect_while_locked(&app, [make()]).await;
    assert_eq!(
        (app.app.keys(site.site.id).await.unwrap().len(), audit_entries(&app, &site).await),
        (1, 0)
    );
    make().send().await.expect(201);
    assert_eq!(
        (app.app.keys(site.site.id).await.unwrap().len(), audit_entries(&app, &site).await),
        (2, 1)
    );
}

#[tokio::test]
async fn secret_is_returned_once_and_not_stored() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let make = || {
        app.post("/v1/keys")
            .key(&site.key)
            .header("idempotency-key", "k")
            .json(&json!({"name": "x"}))
            .send()
    };
    let told = make().await.expect(201);
    let again = make().await;
    assert_eq!(again.expect_error(409), "Idempotency-Key");
    assert_eq!(again.json()["id"], told["id"]);
    assert_eq!(again.header("retry-after"), None);
    assert!(!again.text().contains(told["secret"].as_str().unwrap()));
    assert_eq!(app.app.keys(site.site.id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn request_unfinished_by_a_crash_is_reported_or_repeated() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    // Sends both requests once to learn their fingerprints; then leaves them as a process does that
    // crashes before it responds.
    for (key, expected, send) in
        [("put", 200, settings(&app, &site, "put", "{}")), ("k", 409, contact(&app, &site, "Ann"))]
    {
        send.clone().send().await.expect(200);
        app.delete_stored_response(key).await;
        let answer = send.send().await;
        assert_eq!(answer.status.as_u16(), expected, "{}", answer.text());
        assert_eq!(
            (answer.header("retry-after"), answer.header("idempotent-replayed")),
            (None, None)
        );
    }
}

#[tokio::test]
async fn stored_responses_survive_a_restart() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let first = contact(&app, &site, "Ann").send().await.expect(200);
    let later = belfry_api::router(
        app.app.clone(),
        app.hub.clone(),
        crate::support::PUBLIC_URL.parse().unwrap(),
        RateLimits::default(),
    );
    let call = Call::new(later, Method::POST, "/api/v1/contact")
        .key(&site.key)
        .header("idempotency-key", "k");
    let again = call.json(&json!({"firstName": "Ann", "extid": "42"})).send().await;
    assert_eq!((again.expect(200), again.header("idempotent-replayed")), (first, Some("true")));
}

#[tokio::test]
async fn long_import_is_replayed_and_long_boundary_rejected() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let contacts: Vec<Value> =
        (0..3_000).map(|number| json!({"externalCustomerId": number.to_string(), "attributes": {"a": "x".repeat(400)}})).collect();
    let import = app
        .post("/v1/imports")
        .key(&site.key)
        .header("idempotency-key", "i")
        .json(&json!({ "contacts": contacts }));
    let first = import.clone().send().await.expect(201);
    assert_eq!(import.send().await.expect(201), first);
    assert_eq!(app.app.imports(site.site.id, None, 9).await.unwrap().0.len(), 1);
    let draft = |body: String| {
        let kind = format!("multipart/form-data; boundary={}b", "a".repeat(10_000));
        app.put("/v1/themes/draft")
            .key(&site.key)
            .header("idempotency-key", "t")
            .header("content-type", &kind)
            .body(body)
            .send()
    };
    assert!(draft("a".repeat(700_000)).await.status.is_client_error());
}

/// A key with read scopes must not cause writes.
#[tokio::test]
async fn read_only_requests_store_no_response() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for (path, body) in [
        ("/v1/segments/count", json!({"condition": {"attributes": {"plan": "pro"}}})),
        (
            "/v1/messages/preview",
            json!({"audience": "everyone", "content": {"en": {"title": "Hello"}}}),
        ),
    ] {
        let ask = |body: &Value| {
            app.post(path).key(&site.key).header("idempotency-key", "k").json(body).send()
        };
        let first = ask(&body).await;
        assert_eq!(first.status, 200, "{}", first.text());
        let again = ask(&body).await;
        assert_eq!(
            (again.status, again.header("idempotent-replayed")),
            (first.status, None),
            "{path}"
        );
    }
    // The key is free.
    contact(&app, &site, "x").send().await.expect(200);
}

#[tokio::test]
async fn response_is_stored_once_the_database_recovers() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let body = json!({"name": "pro", "condition": {"attributes": {"plan": "pro"}}});
    let send = async || {
        app.post("/v1/segments")
            .key(&site.key)
            .header("idempotency-key", "k")
            .json(&body)
            .send()
            .await
    };
    let mut database = app.database().await;
    database.refuse_writes("idempotency", "UPDATE", "NEW.status IS NOT NULL").await;
    let first = send().await.expect(201);
    // The first client has the response. One that lost it must wait, not that the request may
    // be repeated.
    let waiting = send().await;
    assert_eq!(
        (waiting.status.as_u16(), waiting.header("retry-after").is_some()),
        (409, true),
        "{}",
        waiting.text()
    );
    database.accept_writes("idempotency").await;
    let kept = async {
        loop {
            let answer = send().await;
            if answer.status != 409 {
                break answer;
            }
            assert!(answer.header("retry-after").is_some(), "{}", answer.text());
            tokio::task::yield_now().await;
        }
    };
    let kept = tokio::time::timeout(Duration::from_secs(20), kept).await.expect("it is retried");
    assert_eq!(
        (kept.expect(201)["id"].clone(), kept.header("idempotent-replayed")),
        (first["id"].clone(), Some("true"))
    );
}
