//! What holds for every route: authentication, methods, bodies, and that hostile input never causes
//! a 5xx.

use crate::support::{Call, TestApp, TestSite};
use axum::http::Method;
use belfry_store::Store as _;
use serde_json::json;

const ID: &str = "01941f29-7c00-7000-8000-000000000000";

/// Each route with one of its methods.
fn routes() -> Vec<(Method, String)> {
    let relative = [
        (Method::POST, "auth/contact/token".to_owned()),
        (Method::POST, "contact".to_owned()),
        (Method::GET, "contact?externalCustomerId=42".to_owned()),
        (Method::DELETE, "contact?externalCustomerId=42".to_owned()),
        (Method::GET, "contact/7".to_owned()),
        (Method::PUT, "contact/7".to_owned()),
        (Method::GET, "contact/7/receipts".to_owned()),
        (Method::GET, "contact/7/export".to_owned()),
        (Method::POST, "contact/subscribe".to_owned()),
        (Method::GET, "contacts".to_owned()),
        (Method::POST, "contacts".to_owned()),
        (Method::GET, "contacts/search".to_owned()),
        (Method::GET, "imports".to_owned()),
        (Method::POST, "imports".to_owned()),
        (Method::GET, "imports/x".to_owned()),
        (Method::GET, "imports/x/failures".to_owned()),
        (Method::GET, "importstatus/x".to_owned()),
        (Method::GET, "account/info".to_owned()),
        (Method::GET, "version".to_owned()),
        (Method::POST, "site/domains".to_owned()),
        (Method::GET, "site/script".to_owned()),
        (Method::DELETE, "contact/7".to_owned()),
        (Method::POST, "messages".to_owned()),
        (Method::GET, format!("messages/{ID}")),
        (Method::PATCH, format!("messages/{ID}")),
        (Method::DELETE, format!("messages/{ID}")),
        (Method::GET, "themes".to_owned()),
        (Method::PUT, "themes/draft".to_owned()),
        (Method::POST, "themes/publish".to_owned()),
        (Method::GET, "themes/1".to_owned()),
        (Method::DELETE, "themes/1".to_owned()),
        (Method::POST, "themes/1/rollback".to_owned()),
        (Method::POST, "themes/1/preview".to_owned()),
        (Method::GET, "themes/1/files/bell.svg".to_owned()),
    ];
    ["/v1", "/api/v1"]
        .iter()
        .flat_map(|prefix| {
            relative.iter().map(move |(method, path)| (method.clone(), format!("{prefix}/{path}")))
        })
        .collect()
}

/// Whether the route reads JSON.
fn has_body(method: &Method, path: &str) -> bool {
    (*method == Method::POST || *method == Method::PATCH) && !path.contains("themes")
}

fn with_bodies(app: &TestApp, site: &TestSite) -> Vec<Call> {
    routes()
        .into_iter()
        .filter(|(method, path)| has_body(method, path))
        .map(|(method, path)| app.call(method, &path).key(&site.key))
        .collect()
}

#[tokio::test]
async fn every_route_rejects_invalid_keys_alike() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let (id, revoked) = app.app.create_key(site.site.id, "old").await.unwrap();
    app.app.revoke_key(site.site.id, &id).await.unwrap();
    let reference = app.get("/v1/contact/7").send().await;
    assert_eq!(reference.header("www-authenticate"), Some("Basic realm=\"Belfry\""));
    insta::assert_snapshot!(reference.text(), @r#"{"status":401,"message":"a valid API key is required: as the password of HTTP Basic, or as `Authorization: Bearer KEY`"}"#);
    reference.expect_error(401);
    for (method, path) in routes() {
        let call = app.call(method, &path).json(&json!({"extid": "42"}));
        for attempt in [
            call.clone(),
            call.clone().key("wrong"),
            call.clone().key(revoked.reveal()),
            call.clone().key(&site.key[1..]),
            call.clone().key(&format!("{} ", site.key)),
            call.clone().key(&format!("x:{}", site.key)),
            call.clone().basic(&site.key, ""),
            call.clone().key("a\0b"),
            call.clone().key(&site.key).key(&site.key),
            call.clone().header("authorization", "Basic !!!"),
            call.header("authorization", "Bearer"),
        ] {
            assert_eq!(attempt.send().await, reference, "{path}");
        }
    }
}

#[tokio::test]
async fn unknown_path_is_404_and_wrong_method_405_with_allow() {
    let app = TestApp::new().await;
    for path in [
        "/v1",
        "/v1/",
        "/api/v1",
        "/api/v1/",
        "/v1/nothing",
        "/v1/contact/",
        "/api/v1/nothing/at/all",
        "/v1/messages/x/y",
        "/v1/auth",
    ] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let answer = app.call(method, path).send().await;
            assert_eq!(answer.expect_error(404), "", "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
    }
    for (path, allowed) in [
        ("auth/contact/token", "POST"),
        ("contact", "POST,GET,HEAD,DELETE"),
        ("contacts", "POST,GET,HEAD"),
        ("imports/7", "GET,HEAD"),
        ("messages", "GET,HEAD,POST"),
    ] {
        for prefix in ["/v1", "/api/v1"] {
            for method in [Method::PUT, Method::OPTIONS] {
                let answer = app
                    .call(method, &format!("{prefix}/{path}"))
                    .header("origin", "https://shop.example")
                    .send()
                    .await;
                answer.expect_error(405);
                let mut names: Vec<_> = answer.header("allow").unwrap().split(',').collect();
                let mut expected: Vec<_> = allowed.split(',').collect();
                names.sort_unstable();
                expected.sort_unstable();
                assert_eq!(names, expected, "{path}");
            }
        }
    }
    app.get("/v1/auth/contact/token").send().await.expect_error(405);
}

#[tokio::test]
async fn no_response_allows_cross_origin_scripts() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for (method, path) in routes() {
        for call in [app.call(method, &path).key(&site.key), app.call(Method::OPTIONS, &path)] {
            let answer = call
                .header("origin", "https://shop.example")
                .header("access-control-request-method", "POST")
                .send()
                .await;
            let exposed: Vec<_> = answer
                .headers
                .keys()
                .filter(|name| name.as_str().starts_with("access-control-"))
                .collect();
            assert!(exposed.is_empty(), "{path}: {exposed:?}");
        }
    }
}

#[tokio::test]
async fn body_other_than_plain_json_is_415() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for call in with_bodies(&app, &site) {
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/json",
            "é",
        ] {
            call.clone().header("content-type", kind).body("{}").send().await.expect_error(415);
        }
        call.clone().body("{}").send().await.expect_error(415);
        call.clone()
            .json(&json!({}))
            .header("content-encoding", "gzip")
            .send()
            .await
            .expect_error(415);
        // An empty body needs no content type.
        call.send().await.expect_error(400);
    }
    let call = app.post("/v1/auth/contact/token").key(&site.key).body(r#"{"extid":"42"}"#);
    for kind in ["application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json"]
    {
        call.clone().header("content-type", kind).send().await.expect(200);
    }
}

#[tokio::test]
async fn body_limit_is_64_kib() {
    const LIMIT: usize = 64 * 1_024;
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let padded = |length: usize| {
        [br#"{"extid":"42"}"#.to_vec(), vec![b' '; length]].concat()[..length].to_vec()
    };
    let call = app
        .post("/v1/auth/contact/token")
        .key(&site.key)
        .header("content-type", "application/json");
    call.clone().body(padded(LIMIT)).send().await.expect(200);
    // Bulk requests may be larger; their own limit is tested below.
    let bulk = |path: &str| path.ends_with("/contacts") || path.ends_with("/imports");
    for (method, path) in
        routes().into_iter().filter(|(method, path)| has_body(method, path) && !bulk(path))
    {
        let call =
            app.call(method, &path).key(&site.key).header("content-type", "application/json");
        call.clone().body(padded(LIMIT + 1)).send().await.expect_error(413);
        // A large Content-Length is rejected before the body is read.
        call.header("content-length", "99999999999").body("{}").send().await.expect_error(413);
    }
}

#[tokio::test]
async fn every_route_is_503_with_retry_after_without_database() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.store.close().await;
    for (method, path) in routes() {
        let answer =
            app.call(method, &path).key(&site.key).json(&json!({"extid": "42"})).send().await;
        assert_eq!(answer.expect_error(503), "", "{path}");
        assert_eq!(answer.header("retry-after"), Some("2"));
        assert_eq!(
            answer.json(),
            json!({"status": 503, "message": "the database is busy; try again shortly"})
        );
    }
}

#[tokio::test]
async fn hostile_body_is_a_client_error() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let deep = |open: &str, close: &str| {
        format!("{}{}", open.repeat(20_000), close.repeat(20_000)).into_bytes()
    };
    let message = |title: &str| {
        format!(r#"{{"audience":"everyone","content":{{"en":{{"title":"{title}"}}}}}}"#)
            .into_bytes()
    };
    let bodies: Vec<Vec<u8>> = vec![
        deep("[", "]"),
        deep(r#"{"a":"#, "}")[..60_000].to_vec(),
        [b"{\"data\":".to_vec(), deep("[", "]"), b"}".to_vec()].concat(),
        b"\0".to_vec(),
        b"\xff\xfe{}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{\"extid\":\"\xff\"}".to_vec(),
        br#"{"extid":"\ud800"}"#.to_vec(),
        br#"{"extid":"\u0000"}"#.to_vec(),
        br#"{"email":"a\u0000@b.example"}"#.to_vec(),
        br#"{"externalCustomerId":"1","externalCustomerId":"2"}"#.to_vec(),
        br#"{"audience":"everyone","audience":{"contact":{"id":1}},"content":{"en":{"title":"x"}}}"#.to_vec(),
        br#"{"audience":{"contact":{"id":1e400}},"content":{"en":{"title":"x"}}}"#.to_vec(),
        br#"{"audience":{"contact":{"id":9223372036854775808}},"content":{"en":{"title":"x"}}}"#.to_vec(),
        br#"{"audience":{"contacts":[]},"content":{"en":{"title":"x"}}}"#.to_vec(),
        br#"{"audience":"everyone","content":{"en":{"title":"x"}},"publishAt":"9999-99-99T00:00:00Z"}"#.to_vec(),
        br#"{"audience":"everyone","content":{"en":{"title":"x"}},"expiresAt":-1}"#.to_vec(),
        message("\\u0000"),
        message("\\udead"),
        message(&"x".repeat(60_000)),
    ];
    for call in with_bodies(&app, &site) {
        for body in &bodies {
            let answer = call
                .clone()
                .header("content-type", "application/json")
                .body(body.clone())
                .send()
                .await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
            assert!(answer.status.is_client_error(), "{} for {shown}", answer.status);
            answer.expect_error(answer.status.as_u16());
        }
    }
}
