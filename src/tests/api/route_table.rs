//! One row for each route of the API: its scope, and a request. A route without a row fails here.

use crate::support::{Answer, TestApp, TestSite};
use axum::http::Method;
use belfry::{
    api::description,
    domain::{Scope, Scopes},
};
use serde_json::{Value, json};

/// Method, documented path, scope, and the path of a request for an unknown object (the route's own
/// path if it has no parameter).
const ROUTES: &[(&str, &str, Scope, &str)] = &[
    ("POST", "/auth/contact/token", Scope::Contacts, ""),
    ("POST", "/contact", Scope::Contacts, ""),
    ("GET", "/contact", Scope::Read, "/contact?externalCustomerId=nobody"),
    ("DELETE", "/contact", Scope::Contacts, "/contact?externalCustomerId=nobody"),
    ("GET", "/contact/{id}", Scope::Read, "/contact/987654321"),
    ("DELETE", "/contact/{id}", Scope::Contacts, "/contact/987654321"),
    ("GET", "/contact/{id}/mutes", Scope::Read, "/contact/987654321/mutes"),
    ("PUT", "/contact/{id}/mutes", Scope::Contacts, "/contact/987654321/mutes"),
    ("POST", "/messages", Scope::Send, ""),
    ("GET", "/messages/{id}", Scope::Read, "/messages/01941f29-7c00-7000-8000-000000000000"),
    ("PATCH", "/messages/{id}", Scope::Send, "/messages/01941f29-7c00-7000-8000-000000000000"),
    ("DELETE", "/messages/{id}", Scope::Send, "/messages/01941f29-7c00-7000-8000-000000000000"),
    ("POST", "/contact/subscribe", Scope::Contacts, ""),
    ("PUT", "/contact/{id}", Scope::Contacts, "/contact/987654321"),
    ("GET", "/contact/{id}/receipts", Scope::Read, "/contact/987654321/receipts"),
    ("GET", "/contact/{id}/export", Scope::Read, "/contact/987654321/export"),
    ("GET", "/contact/{id}/devices", Scope::Read, "/contact/987654321/devices"),
    ("POST", "/contact/{id}/devices", Scope::Contacts, "/contact/987654321/devices"),
    (
        "DELETE",
        "/contact/{id}/devices/{fingerprint}",
        Scope::Contacts,
        "/contact/987654321/devices/0326f95277e3c63c",
    ),
    ("GET", "/contacts", Scope::Read, ""),
    ("POST", "/contacts", Scope::Contacts, ""),
    ("GET", "/contacts/search", Scope::Read, ""),
    ("GET", "/imports", Scope::Read, ""),
    ("POST", "/imports", Scope::Contacts, ""),
    ("GET", "/imports/{id}", Scope::Read, "/imports/01941f29-7c00-7000-8000-000000000000"),
    (
        "GET",
        "/imports/{id}/failures",
        Scope::Read,
        "/imports/01941f29-7c00-7000-8000-000000000000/failures",
    ),
    (
        "GET",
        "/importstatus/{id}",
        Scope::Read,
        "/importstatus/01941f29-7c00-7000-8000-000000000000",
    ),
    ("GET", "/messages", Scope::Read, ""),
    ("POST", "/messages/preview", Scope::Read, ""),
    (
        "GET",
        "/messages/{id}/stats",
        Scope::Read,
        "/messages/01941f29-7c00-7000-8000-000000000000/stats",
    ),
    (
        "POST",
        "/messages/{id}/cancel",
        Scope::Send,
        "/messages/01941f29-7c00-7000-8000-000000000000/cancel",
    ),
    (
        "POST",
        "/messages/{id}/resend",
        Scope::Send,
        "/messages/01941f29-7c00-7000-8000-000000000000/resend",
    ),
    ("POST", "/images", Scope::Send, ""),
    ("GET", "/segments", Scope::Read, ""),
    ("POST", "/segments", Scope::Contacts, ""),
    ("POST", "/segments/count", Scope::Read, ""),
    ("GET", "/segments/{id}", Scope::Read, "/segments/9"),
    ("PUT", "/segments/{id}", Scope::Contacts, "/segments/9"),
    ("DELETE", "/segments/{id}", Scope::Contacts, "/segments/9"),
    ("GET", "/webhooks", Scope::Webhooks, ""),
    ("POST", "/webhooks", Scope::Webhooks, ""),
    ("GET", "/webhooks/{id}", Scope::Webhooks, "/webhooks/01941f29-7c00-7000-8000-000000000000"),
    ("PATCH", "/webhooks/{id}", Scope::Webhooks, "/webhooks/01941f29-7c00-7000-8000-000000000000"),
    ("DELETE", "/webhooks/{id}", Scope::Webhooks, "/webhooks/01941f29-7c00-7000-8000-000000000000"),
    (
        "POST",
        "/webhooks/{id}/secret",
        Scope::Webhooks,
        "/webhooks/01941f29-7c00-7000-8000-000000000000/secret",
    ),
    (
        "POST",
        "/webhooks/{id}/test",
        Scope::Webhooks,
        "/webhooks/01941f29-7c00-7000-8000-000000000000/test",
    ),
    (
        "POST",
        "/webhooks/{id}/replay",
        Scope::Webhooks,
        "/webhooks/01941f29-7c00-7000-8000-000000000000/replay",
    ),
    (
        "GET",
        "/webhooks/{id}/deliveries",
        Scope::Webhooks,
        "/webhooks/01941f29-7c00-7000-8000-000000000000/deliveries",
    ),
    (
        "GET",
        "/webhooks/{id}/deliveries/{delivery}",
        Scope::Webhooks,
        "/webhooks/01941f29-7c00-7000-8000-000000000000/deliveries/1",
    ),
    (
        "POST",
        "/webhooks/{id}/deliveries/{delivery}/replay",
        Scope::Webhooks,
        "/webhooks/01941f29-7c00-7000-8000-000000000000/deliveries/1/replay",
    ),
    ("GET", "/account/info", Scope::Read, ""),
    ("GET", "/version", Scope::Read, ""),
    ("POST", "/site/domains", Scope::Admin, ""),
    ("GET", "/site/script", Scope::Read, ""),
    ("GET", "/themes", Scope::Read, ""),
    ("PUT", "/themes/draft", Scope::Themes, ""),
    ("POST", "/themes/publish", Scope::Themes, ""),
    ("GET", "/themes/{version}", Scope::Read, "/themes/9"),
    ("DELETE", "/themes/{version}", Scope::Themes, "/themes/9"),
    ("POST", "/themes/{version}/rollback", Scope::Themes, "/themes/9/rollback"),
    ("POST", "/themes/{version}/preview", Scope::Themes, "/themes/9/preview"),
    ("GET", "/themes/{version}/files/{name}", Scope::Read, "/themes/9/files/bell.svg"),
    ("GET", "/keys", Scope::Admin, ""),
    ("POST", "/keys", Scope::Admin, ""),
    ("DELETE", "/keys/{id}", Scope::Admin, "/keys/nothere"),
    ("GET", "/site/settings", Scope::Read, ""),
    ("PUT", "/site/settings", Scope::Admin, ""),
    ("GET", "/audit", Scope::Admin, ""),
];

/// Bodies of requests that are validated before the lookup.
const BODIES: &[(&str, &str, &str)] = &[
    ("PATCH", "/messages/{id}", r#"{"pinned":true}"#),
    ("PUT", "/contact/{id}", r#"{"externalCustomerId":"stolen"}"#),
    ("POST", "/contact/{id}/devices", r#"{"deviceId":"0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4"}"#),
    ("PUT", "/segments/{id}", r#"{"name":"pro","condition":{"attributes":{"plan":"pro"}}}"#),
    ("PATCH", "/webhooks/{id}", r#"{"enabled":false}"#),
    ("POST", "/webhooks/{id}/replay", r#"{"since":"2026-12-01T00:00:00Z"}"#),
];

pub fn documented_routes() -> Vec<(String, String, Value)> {
    let json = serde_json::to_value(description()).unwrap();
    let of = |(path, item): (&String, &Value)| {
        let path = path.strip_prefix("/v1").unwrap().to_owned();
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| {
                (method.to_uppercase(), path.clone(), operation.clone())
            })
            .collect::<Vec<_>>()
    };
    json["paths"].as_object().unwrap().iter().flat_map(of).collect()
}

async fn key_of(app: &TestApp, site: &TestSite, scopes: impl IntoIterator<Item = Scope>) -> String {
    let (_, secret) = app
        .inbox
        .create_scoped_key(site.site.id, "some", scopes.into_iter().collect())
        .await
        .unwrap();
    secret.reveal().to_owned()
}

async fn ask(app: &TestApp, row: &(&str, &str, Scope, &str), key: Option<&str>) -> Answer {
    let (method, route, _, missing) = row;
    let path = if missing.is_empty() { route } else { missing };
    let call = app.call(Method::from_bytes(method.as_bytes()).unwrap(), &format!("/v1{path}"));
    let body = BODIES.iter().find(|(of, at, _)| of == method && at == route);
    let call =
        body.map_or(call.clone(), |(_, _, body)| call.json(&serde_json::from_str(body).unwrap()));
    if let Some(key) = key { call.key(key) } else { call }.send().await
}

#[test]
fn every_route_of_the_api_has_a_row() {
    let described = documented_routes();
    for (method, path, operation) in &described {
        let row = ROUTES.iter().find(|row| row.0 == method && row.1 == path);
        let (_, _, scope, missing) = row.unwrap_or_else(|| panic!("{method} {path} has no row"));
        assert_eq!(
            operation["security"],
            json!([{"basic": [scope.as_str()]}, {"bearer": [scope.as_str()]}]),
            "{method} {path}"
        );
        assert!(!path.contains('{') || !missing.is_empty(), "{method} {path} names a thing");
    }
    assert_eq!(ROUTES.len(), described.len(), "a row has no route");
}

#[tokio::test]
async fn every_route_needs_a_key_with_its_scope() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for row in ROUTES {
        ask(&app, row, None).await.refused(401);
        let others =
            key_of(&app, &site, Scope::ALL.into_iter().filter(|scope| *scope != row.2)).await;
        let refused = ask(&app, row, Some(&others)).await;
        refused.refused(403);
        assert!(
            refused.json()["message"].as_str().unwrap().contains(&format!("\"{}\"", row.2)),
            "{}",
            refused.text()
        );
        let only = key_of(&app, &site, [row.2]).await;
        let answer = ask(&app, row, Some(&only)).await;
        assert!(!matches!(answer.status.as_u16(), 401 | 403 | 500..), "{row:?} {}", answer.text());
        if !row.3.is_empty() {
            answer.refused(404);
        }
    }
}

#[tokio::test]
async fn every_response_status_is_documented() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let described = documented_routes();
    for row in ROUTES {
        for key in [None, Some(&*site.key)] {
            let status = ask(&app, row, key).await.status.as_u16().to_string();
            let (_, _, operation) = described
                .iter()
                .find(|(method, path, _)| row.0 == method && row.1 == path)
                .unwrap();
            assert!(operation["responses"].get(&status).is_some(), "{row:?} {status}");
        }
    }
}

#[test]
fn set_of_all_scopes_contains_each() {
    assert_eq!(Scopes::all().lacks(Scope::ALL.into_iter().collect()), None);
}
