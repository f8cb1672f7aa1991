//! One row for each route of the application API: the required role, and a request that returns
//! 200. A route without a row fails here.

use super::{ApplicationFixture, assert_forbidden, assert_not_found};
use crate::support::{Call, TestApp};
use axum::http::Method;
use belfry_web::routes::{APPLICATION_API, Route};
use serde_json::{Value, json};

/// The role that a route requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequiredRole {
    /// Every agent of the site.
    Anyone,
    /// Members of the inbox; others get 404.
    Viewer,
    /// Members of the inbox; others get 401.
    Member,
    /// Administrators only.
    Administrator,
}

/// Method and path of every route, without the part before `/accounts/{account_id}`.
pub fn listed_routes() -> Vec<(String, String)> {
    routes_of(|_| true)
}

/// The same of the routes that write to the database.
pub fn written_routes() -> Vec<(String, String)> {
    routes_of(|route| !route.is_read_only())
}

fn routes_of(which: impl Fn(&Route) -> bool) -> Vec<(String, String)> {
    let path = |route: &Route| route.path.replace("/api/v1/accounts/{account_id}", "");
    let routes = APPLICATION_API.routes.iter().filter(|route| which(route));
    routes.map(|route| (route.method.to_string(), path(route))).collect()
}

/// The request of a route.
pub struct Row {
    pub required_role: RequiredRole,
    /// The path with its ids.
    pub path: String,
    pub body: Option<Value>,
}

impl Row {
    /// The same request with this token.
    pub fn call(&self, app: &TestApp, method: &str, account: i64, token: Option<&str>) -> Call {
        let path = if self.path.starts_with("/api/") {
            self.path.clone()
        } else {
            format!("/api/v1/accounts/{account}{}", self.path)
        };
        let call = app.call(Method::from_bytes(method.as_bytes()).unwrap(), &path);
        let call =
            token.into_iter().fold(call, |call, token| call.header("api_access_token", token));
        self.body.iter().fold(call, Call::json)
    }
}

/// A request of a route, with the objects that it needs.
pub async fn row(fixture: &ApplicationFixture<'_>, method: &str, route: &str) -> Option<Row> {
    use RequiredRole::{Administrator, Anyone, Member, Viewer};
    let inbox = fixture.inbox_id();
    let row =
        |required_role, path: String, body: Option<Value>| Some(Row { required_role, path, body });
    let new_webhook = json!({"webhook": {"url": "https://93.184.216.34/hook", "subscriptions": ["message_created"]}});
    if let Some(rest) = route.strip_prefix("/conversations/{conversation_id}") {
        let conversation = fixture.conversation().await;
        let message =
            fixture.message(conversation, json!({"content": "Hello"})).await["id"].clone();
        let path = format!("/conversations/{conversation}{rest}")
            .replace("{message_id}", &message.to_string());
        let body = match (method, rest) {
            ("PATCH", "") => Some(json!({"priority": "high"})),
            ("POST", "/toggle_status") => Some(json!({"status": "resolved"})),
            ("POST", "/toggle_typing_status") => Some(json!({"typing_status": "on"})),
            ("POST", "/assignments") => Some(json!({"assignee_id": fixture.member.agent.id.0})),
            ("POST", "/labels") => Some(json!({"labels": ["vip"]})),
            ("POST", "/custom_attributes") => Some(json!({"custom_attributes": {"order": 42}})),
            ("POST", "/messages") => Some(json!({"content": "Hello"})),
            ("PATCH", "/messages/{message_id}") => {
                Some(json!({"status": "failed", "external_error": "no route"}))
            }
            ("POST", "/messages/{message_id}/retry") => {
                fixture
                    .patch(
                        &format!("/conversations/{conversation}/messages/{message}"),
                        json!({"status": "failed"}),
                    )
                    .await;
                None
            }
            ("GET", "" | "/labels" | "/messages")
            | ("POST", "/update_last_seen")
            | ("DELETE", "/messages/{message_id}") => None,
            _ => return None,
        };
        return row(Member, path, body);
    }
    match (method, route) {
        (
            "GET",
            "/api/v1/profile"
            | "/agents"
            | "/inboxes"
            | "/contacts"
            | "/conversations"
            | "/conversations/meta"
            | "/canned_responses",
        ) => row(Anyone, route.to_owned(), None),
        ("GET", "/contacts/search") => row(Anyone, "/contacts/search?q=zoe".to_owned(), None),
        ("POST", "/contacts") => row(Anyone, route.to_owned(), Some(json!({"name": "New"}))),
        ("POST", "/conversations") => {
            let (contact, _) = fixture.contact("Zoe").await;
            row(Member, route.to_owned(), Some(json!({"inbox_id": inbox, "contact_id": contact})))
        }
        ("POST", "/inboxes") => row(
            Administrator,
            route.to_owned(),
            Some(json!({"name": "Second", "channel": {"type": "api"}})),
        ),
        ("GET", "/inboxes/{inbox_id}" | "/inbox_members/{inbox_id}") => {
            row(Viewer, route.replace("{inbox_id}", &inbox.to_string()), None)
        }
        ("PATCH", "/inboxes/{inbox_id}") => {
            row(Administrator, format!("/inboxes/{inbox}"), Some(json!({"name": "Renamed"})))
        }
        ("DELETE", "/inboxes/{inbox_id}") => {
            let second = fixture
                .post("/inboxes", json!({"name": "Second", "channel": {"type": "api"}}))
                .await["id"]
                .clone();
            row(Administrator, format!("/inboxes/{second}"), None)
        }
        ("POST", "/inbox_members") => row(
            Administrator,
            route.to_owned(),
            Some(json!({"inbox_id": inbox, "user_ids": [fixture.outsider.agent.id.0]})),
        ),
        ("PATCH", "/inbox_members") => {
            let both = json!({"inbox_id": inbox, "user_ids": [fixture.member.agent.id.0, fixture.administrator.agent.id.0]});
            row(Administrator, route.to_owned(), Some(both))
        }
        ("DELETE", "/inbox_members") => row(
            Administrator,
            route.to_owned(),
            Some(json!({"inbox_id": inbox, "user_ids": [fixture.member.agent.id.0]})),
        ),
        ("GET" | "PATCH" | "PUT" | "DELETE", "/contacts/{contact_id}") => {
            let (contact, _) = fixture.contact("Zoe").await;
            let who = if method == "DELETE" { Administrator } else { Anyone };
            row(
                who,
                format!("/contacts/{contact}"),
                matches!(method, "PATCH" | "PUT").then(|| json!({"name": "Ann"})),
            )
        }
        (
            "GET",
            "/contacts/{contact_id}/conversations" | "/contacts/{contact_id}/contactable_inboxes",
        ) => {
            let (contact, _) = fixture.contact("Zoe").await;
            row(Anyone, route.replace("{contact_id}", &contact.to_string()), None)
        }
        ("POST", "/contacts/{contact_id}/contact_inboxes") => {
            let (contact, _) = fixture.contact("Zoe").await;
            row(
                Viewer,
                format!("/contacts/{contact}/contact_inboxes"),
                Some(json!({"inbox_id": inbox})),
            )
        }
        ("POST", "/canned_responses") => {
            row(Anyone, route.to_owned(), Some(json!({"short_code": "hello", "content": "Hello"})))
        }
        ("PATCH" | "PUT" | "DELETE", "/canned_responses/{canned_response_id}") => {
            let response = fixture
                .post("/canned_responses", json!({"short_code": "bye", "content": "Bye"}))
                .await["id"]
                .clone();
            row(
                Anyone,
                format!("/canned_responses/{response}"),
                (method != "DELETE").then(|| json!({"content": "See you"})),
            )
        }
        ("GET", "/webhooks") => row(Administrator, route.to_owned(), None),
        ("POST", "/webhooks") => row(Administrator, route.to_owned(), Some(new_webhook)),
        ("PATCH" | "DELETE", "/webhooks/{webhook_id}") => {
            let webhook =
                fixture.post("/webhooks", new_webhook).await["payload"]["webhook"]["id"].clone();
            row(
                Administrator,
                format!("/webhooks/{webhook}"),
                (method == "PATCH").then(|| json!({"name": "Mine"})),
            )
        }
        _ => None,
    }
}

#[tokio::test]
async fn each_route_enforces_its_role() {
    let app = TestApp::new().await;
    let routes = listed_routes();
    assert!(routes.len() > 30, "{}", routes.len());
    for (method, route) in routes {
        // Each in its own site, because the requests would interfere.
        for number in 0..3 {
            let fixture = ApplicationFixture::new(&app).await;
            let row = row(&fixture, &method, &route)
                .await
                .unwrap_or_else(|| panic!("{method} {route} has no row"));
            let agent = [&fixture.administrator, &fixture.member, &fixture.outsider][number];
            let answer = row
                .call(&app, &method, fixture.account, Some(agent.access_token.reveal()))
                .send()
                .await;
            let what = format!("{method} {route} by {}: {}", agent.agent.name, answer.text());
            match (row.required_role, number) {
                (RequiredRole::Administrator, 1 | 2) | (RequiredRole::Member, 2) => {
                    assert_forbidden(&answer);
                }
                (RequiredRole::Viewer, 2) => assert_not_found(&answer),
                _ => assert_eq!(answer.status, 200, "{what}"),
            }
            if answer.status == 200 {
                let json = answer
                    .header("content-type")
                    .is_some_and(|kind| kind.starts_with("application/json"));
                assert_eq!(json, !answer.body.is_empty(), "{what}");
            }
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
            assert!(answer.header("access-control-allow-origin").is_none(), "{what}");
        }
    }
}

#[tokio::test]
async fn each_route_accepts_a_trailing_slash() {
    let app = TestApp::new().await;
    for (method, route) in listed_routes() {
        let fixture = ApplicationFixture::new(&app).await;
        let mut row = row(&fixture, &method, &route).await.unwrap();
        row.path = match row.path.split_once('?') {
            Some((path, query)) => format!("{path}/?{query}"),
            None => format!("{}/", row.path),
        };
        let answer = row
            .call(&app, &method, fixture.account, Some(fixture.administrator.access_token.reveal()))
            .send()
            .await;
        assert_eq!(answer.status, 200, "{method} {route}: {}", answer.text());
    }
}

#[tokio::test]
async fn each_route_needs_a_token() {
    let app = TestApp::new().await;
    let other = ApplicationFixture::new(&app).await;
    for (method, route) in listed_routes() {
        let fixture = ApplicationFixture::new(&app).await;
        let row = row(&fixture, &method, &route).await.unwrap();
        let send = async |token: Option<&str>| {
            row.call(&app, &method, fixture.account, token).send().await
        };
        super::assert_error(
            &send(None).await,
            401,
            &json!({"errors": ["You need to sign in or sign up before continuing."]}),
        );
        super::assert_error(
            &send(Some("nobody")).await,
            401,
            &json!({"error": "Invalid Access Token"}),
        );
        if route != "/api/v1/profile" {
            let strangers = send(Some(other.administrator.access_token.reveal())).await;
            super::assert_error(
                &strangers,
                401,
                &json!({"error": "You are not authorized to access this account"}),
            );
        }
    }
}
