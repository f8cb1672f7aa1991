//! Each route of the API requires its scope, and its responses are documented.

use crate::support::{Answer, TestApp, TestSite};
use axum::http::Method;
use belfry_api::description;
use belfry_domain::{Scope, Scopes};
use belfry_web::routes::{Access, Route, RouteMethod, SITE_API};
use serde_json::{Value, json};

/// A route with the scope that it needs, and the path of a request for an unknown object.
struct Row {
    method: &'static str,
    /// The path without `/v1`.
    route: &'static str,
    scope: Scope,
    path: String,
}

fn rows() -> Vec<Row> {
    let row = |route: &'static Route| {
        let Access::ApiKey(scope) = route.access else { panic!("{route:?}") };
        let path = route.path.strip_prefix("/v1").unwrap();
        Row { method: route.method.as_str(), route: path, scope, path: unknown(route.method, path) }
    };
    SITE_API.routes.iter().map(row).collect()
}

/// The path with names of unknown objects.
fn unknown(method: RouteMethod, path: &str) -> String {
    if path == "/contact" && method != RouteMethod::Post {
        return format!("{path}?externalCustomerId=nobody");
    }
    let uuid = "01941f29-7c00-7000-8000-000000000000";
    let id = match path.split('/').nth(1).unwrap() {
        "contact" => "987654321",
        "segments" => "9",
        "keys" => "nothere",
        _ => uuid,
    };
    path.replace("{id}", id)
        .replace("{fingerprint}", "0326f95277e3c63c")
        .replace("{delivery}", "1")
        .replace("{version}", "9")
        .replace("{name}", "bell.svg")
}

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
        .app
        .create_scoped_key(site.site.id, "some", scopes.into_iter().collect())
        .await
        .unwrap();
    secret.reveal().to_owned()
}

async fn ask(app: &TestApp, row: &Row, key: Option<&str>) -> Answer {
    let method = Method::from_bytes(row.method.as_bytes()).unwrap();
    let call = app.call(method, &format!("/v1{}", row.path));
    let body = BODIES.iter().find(|(of, at, _)| *of == row.method && *at == row.route);
    let call =
        body.map_or(call.clone(), |(_, _, body)| call.json(&serde_json::from_str(body).unwrap()));
    if let Some(key) = key { call.key(key) } else { call }.send().await
}

#[test]
fn every_route_documents_its_scope() {
    let (rows, described) = (rows(), documented_routes());
    for (method, path, operation) in &described {
        let row = rows.iter().find(|row| row.method == method && row.route == path);
        let scope = row.unwrap_or_else(|| panic!("{method} {path} is not listed")).scope;
        assert_eq!(
            operation["security"],
            json!([{"basic": [scope.as_str()]}, {"bearer": [scope.as_str()]}]),
            "{method} {path}"
        );
    }
    assert_eq!(rows.len(), described.len(), "a listed route is not documented");
}

#[tokio::test]
async fn every_route_needs_a_key_with_its_scope() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for row in rows() {
        let (name, scope) = (format!("{} {}", row.method, row.route), row.scope);
        ask(&app, &row, None).await.expect_error(401);
        let others =
            key_of(&app, &site, Scope::ALL.into_iter().filter(|other| *other != scope)).await;
        let refused = ask(&app, &row, Some(&others)).await;
        refused.expect_error(403);
        assert!(
            refused.json()["message"].as_str().unwrap().contains(&format!("\"{scope}\"")),
            "{name} {}",
            refused.text()
        );
        let only = key_of(&app, &site, [scope]).await;
        let answer = ask(&app, &row, Some(&only)).await;
        assert!(!matches!(answer.status.as_u16(), 401 | 403 | 500..), "{name} {}", answer.text());
        if row.path != row.route {
            answer.expect_error(404);
        }
    }
}

#[tokio::test]
async fn every_response_status_is_documented() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let described = documented_routes();
    for row in rows() {
        for key in [None, Some(&*site.key)] {
            let status = ask(&app, &row, key).await.status.as_u16().to_string();
            let (_, _, operation) = described
                .iter()
                .find(|(method, path, _)| row.method == method && row.route == path)
                .unwrap();
            let is_documented = operation["responses"].get(&status).is_some();
            assert!(is_documented, "{} {} {status}", row.method, row.route);
        }
    }
}

#[test]
fn set_of_all_scopes_contains_each() {
    assert_eq!(Scopes::all().lacks(Scope::ALL.into_iter().collect()), None);
}
