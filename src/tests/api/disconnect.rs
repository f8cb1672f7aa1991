//! Backends that disconnect at any moment: a write is committed with its audit entry and its stored
//! response, or not at all. Every route that writes needs a request here; a missing one fails the
//! test with its path.

use crate::{
    disconnect::{AtomicityChecker, Retry, answered_by, between_steps},
    support::{Call, TestApp, TestSite},
};
use axum::http::Method;
use belfry_domain::{
    Actor, Digest, IdempotencyReservation, IdempotentRequest, ServerRun, StoredBody, StoredResponse,
};
use belfry_web::routes::{Audit, AuditTarget, Route, SITE_API};
use serde_json::{Value, json};

const CSS: &str = "--b\r\nContent-Disposition: form-data; name=\"css\"; filename=\"x\"\r\n\r\n.title { color: teal }\r\n--b--\r\n";
const DOT: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// A site, and the objects that requests need.
struct RequestFactory<'a> {
    app: &'a TestApp,
    site: TestSite,
}

impl RequestFactory<'_> {
    fn call(&self, method: &str, path: &str) -> Call {
        self.app
            .call(Method::from_bytes(method.as_bytes()).unwrap(), &format!("/v1{path}"))
            .key(&self.site.key)
    }

    async fn create(&self, path: &str, body: &Value) -> String {
        self.call("POST", path).json(body).send().await.id()
    }

    async fn contact(&self) -> String {
        self.app
            .contact(&self.site, json!({"externalCustomerId": "42", "email": "anna@shop.example"}))
            .await
            .to_string()
    }

    async fn message(&self, later: bool) -> String {
        self.contact().await;
        let mut body = json!({"audience": {"contact": {"externalCustomerId": "42"}}, "content": {"en": {"title": "Hello"}}});
        if later {
            body["publishAt"] = "2026-12-05T08:00:00Z".into();
        }
        self.create("/messages", &body).await
    }

    async fn segment(&self) -> String {
        self.create(
            "/segments",
            &json!({"name": "pro", "condition": {"attributes": {"plan": "pro"}}}),
        )
        .await
    }

    async fn webhook(&self) -> String {
        self.create(
            "/webhooks",
            &json!({"url": "https://93.184.216.34/hook", "events": ["message.read"]}),
        )
        .await
    }

    /// A webhook with a failed delivery.
    async fn delivery(&self) -> (String, i64) {
        let webhook = self.webhook().await;
        let number =
            self.call("POST", &format!("/webhooks/{webhook}/test")).send().await.expect(202)["id"]
                .as_i64()
                .unwrap();
        let mut database = self.app.database().await;
        let give_up = format!(
            "UPDATE webhook_delivery SET state = 2, next_at = NULL, finished_at = 1 WHERE number = {number}"
        );
        assert_eq!(database.execute(&give_up).await, 1);
        (webhook, number)
    }

    fn draft(&self) -> Call {
        self.call("PUT", "/themes/draft")
            .header("content-type", "multipart/form-data; boundary=b")
            .body(CSS)
    }

    /// A published theme, or a draft.
    async fn theme(&self, published: bool) -> i64 {
        let version = self.draft().send().await.expect(200)["version"].as_i64().unwrap();
        if published {
            self.call("POST", "/themes/publish").send().await.expect(200);
        }
        version
    }

    async fn key(&self) -> String {
        self.create("/keys", &json!({"name": "other"})).await
    }

    /// A request of this route that changes data.
    async fn request(&self, method: &str, route: &str) -> Option<Call> {
        let call = |path: String| self.call(method, &path);
        Some(match (method, route) {
            ("POST", "/auth/contact/token") => {
                self.contact().await;
                call(route.to_owned()).json(&json!({"externalCustomerId": "42"}))
            }
            ("POST", "/contact/subscribe") => call(route.to_owned())
                .json(&json!({"contact": {"externalCustomerId": "43"}, "groups": ["news"]})),
            ("POST", "/contact") => call(route.to_owned())
                .json(&json!({"externalCustomerId": "43", "email": "b@shop.example"})),
            ("DELETE", "/contact") => {
                self.contact().await;
                call("/contact?externalCustomerId=42".to_owned())
            }
            ("DELETE", "/contact/{id}") => call(format!("/contact/{}", self.contact().await)),
            ("PUT", "/contact/{id}") => call(format!("/contact/{}", self.contact().await))
                .json(&json!({"externalCustomerId": "42", "firstName": "Anna"})),
            ("PUT", "/contact/{id}/mutes") => {
                let settings = json!({"categories": [{"name": "news", "mutable": true}]});
                self.call("PUT", "/site/settings").json(&settings).send().await.expect(200);
                call(format!("/contact/{}/mutes", self.contact().await))
                    .json(&json!({"muted": ["news"]}))
            }
            ("POST", "/contact/{id}/devices") => {
                call(format!("/contact/{}/devices", self.contact().await))
                    .json(&json!({"deviceId": "0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4"}))
            }
            ("DELETE", "/contact/{id}/devices/{fingerprint}") => {
                let contact = self.contact().await;
                let bound = self
                    .call("POST", &format!("/contact/{contact}/devices"))
                    .json(&json!({"deviceId": "0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4"}));
                let fingerprint =
                    bound.send().await.json()["fingerprint"].as_str().unwrap().to_owned();
                call(format!("/contact/{contact}/devices/{fingerprint}"))
            }
            ("POST", "/contacts" | "/imports") => call(route.to_owned()).json(
                &json!({"contacts": [{"externalCustomerId": "1"}, {"externalCustomerId": "2"}]}),
            ),
            ("POST", "/messages") => {
                self.contact().await;
                call(route.to_owned()).json(&json!({"audience": {"contact": {"externalCustomerId": "42"}}, "content": {"en": {"title": "Hello"}}}))
            }
            ("PATCH", "/messages/{id}") => call(format!("/messages/{}", self.message(false).await))
                .json(&json!({"pinned": true})),
            ("DELETE", "/messages/{id}") => {
                call(format!("/messages/{}", self.message(false).await))
            }
            ("POST", "/messages/{id}/cancel") => {
                call(format!("/messages/{}/cancel", self.message(true).await))
            }
            ("POST", "/messages/{id}/resend") => {
                call(format!("/messages/{}/resend", self.message(false).await)).json(&json!({}))
            }
            ("POST", "/images") => {
                call(route.to_owned()).header("content-type", "image/gif").body(DOT)
            }
            ("POST", "/segments") => call(route.to_owned())
                .json(&json!({"name": "pro", "condition": {"attributes": {"plan": "pro"}}})),
            ("PUT", "/segments/{id}") => call(format!("/segments/{}", self.segment().await))
                .json(&json!({"name": "free", "condition": {"attributes": {"plan": "free"}}})),
            ("DELETE", "/segments/{id}") => call(format!("/segments/{}", self.segment().await)),
            ("POST", "/webhooks") => call(route.to_owned())
                .json(&json!({"url": "https://93.184.216.34/hook", "events": ["message.read"]})),
            ("PATCH", "/webhooks/{id}") => {
                call(format!("/webhooks/{}", self.webhook().await)).json(&json!({"enabled": false}))
            }
            ("DELETE", "/webhooks/{id}") => call(format!("/webhooks/{}", self.webhook().await)),
            ("POST", "/webhooks/{id}/secret" | "/webhooks/{id}/test") => {
                call(route.replace("{id}", &self.webhook().await))
            }
            ("POST", "/webhooks/{id}/replay") => {
                call(format!("/webhooks/{}/replay", self.delivery().await.0))
                    .json(&json!({"since": "2026-12-01T00:00:00Z"}))
            }
            ("POST", "/webhooks/{id}/deliveries/{delivery}/replay") => {
                let (webhook, delivery) = self.delivery().await;
                call(format!("/webhooks/{webhook}/deliveries/{delivery}/replay"))
            }
            ("POST", "/site/domains") => {
                call(route.to_owned()).json(&json!({"domain": "other.example"}))
            }
            ("PUT", "/site/settings") => call(route.to_owned()).json(&json!({"retentionDays": 30})),
            ("PUT", "/themes/draft") => self.draft(),
            ("POST", "/themes/publish") => {
                self.theme(false).await;
                call(route.to_owned())
            }
            ("POST", "/themes/{version}/rollback") => {
                self.theme(true).await;
                call("/themes/0/rollback".to_owned())
            }
            ("POST", "/themes/{version}/preview") => {
                call(format!("/themes/{}/preview", self.theme(false).await))
            }
            ("DELETE", "/themes/{version}") => call(format!("/themes/{}", self.theme(false).await)),
            ("POST", "/keys") => call(route.to_owned()).json(&json!({"name": "new"})),
            ("DELETE", "/keys/{id}") => call(format!("/keys/{}", self.key().await)),
            _ => return None,
        })
    }
}

/// The routes that write: method, path without `/v1`, and what the list declares.
fn written_routes() -> impl Iterator<Item = (&'static str, &'static str, &'static Route)> {
    let writes = SITE_API.routes.iter().filter(|route| !route.is_read_only());
    writes.map(|route| (route.method.as_str(), route.path.strip_prefix("/v1").unwrap(), route))
}

/// The path parameter of this name in a request's path.
fn parameter<'a>(route: &str, path: &'a str, name: &str) -> &'a str {
    let mut pairs = route.split('/').zip(path.split('/'));
    pairs.find(|(part, _)| *part == format!("{{{name}}}")).unwrap().1
}

#[tokio::test]
async fn each_write_is_audited_as_declared() {
    let app = TestApp::new().await;
    for (method, path, route) in written_routes() {
        let shop = RequestFactory { app: &app, site: app.create_site().await };
        let site = Some(shop.site.site.id);
        let call = shop.request(method, path).await.unwrap();
        let requested = call.path().to_owned();
        let before = app.app.audit(site, None, 100).await.unwrap().len();
        let answer = call.send().await;
        assert!(answer.status.is_success(), "{method} {path}: {}", answer.text());
        let mut written = app.app.audit(site, None, 100).await.unwrap();
        written.truncate(written.len() - before);
        let written: Vec<_> =
            written.iter().map(|entry| (&*entry.entry.action, &*entry.entry.subject)).collect();
        let Audit::Action(action, target) = route.audit else {
            assert!(written.is_empty(), "{method} {path}: {written:?}");
            continue;
        };
        let [(written, subject)] = written[..] else { panic!("{method} {path}: {written:?}") };
        assert_eq!(written, action, "{method} {path}");
        match target {
            AuditTarget::PathParam(name) => {
                assert_eq!(subject, parameter(route.path, &requested, name), "{method} {path}");
            }
            AuditTarget::Handler => assert_ne!(subject, "", "{method} {path}"),
            AuditTarget::Unnamed => {}
        }
    }
}

/// The handler returns the object where the store wrote no entry, because nothing changed.
#[tokio::test]
async fn unchanged_theme_is_audited_with_its_version() {
    let app = TestApp::new().await;
    let shop = RequestFactory { app: &app, site: app.create_site().await };
    for _ in 0..2 {
        shop.request("PUT", "/themes/draft").await.unwrap().send().await.expect(200);
    }
    let written = app.app.audit(Some(shop.site.site.id), None, 100).await.unwrap();
    let written: Vec<_> = written.iter().map(|entry| &*entry.entry.subject).collect();
    assert_eq!(written, ["1", "1"]);
}

/// A response with a secret is not stored, so its repetition is 409.
#[tokio::test]
async fn no_secret_is_repeated() {
    let app = TestApp::new().await;
    let mut secrets = 0;
    for (method, path, _) in written_routes().filter(|(_, path, _)| *path != "/auth/contact/token")
    {
        let shop = RequestFactory { app: &app, site: app.create_site().await };
        let call = shop.request(method, path).await.unwrap().header("idempotency-key", "k");
        let answer = call.clone().send().await;
        let is_secret = answer.text().contains("\"secret\"") || answer.text().contains("?link=");
        let again = call.send().await;
        assert_eq!(again.status == 409, is_secret, "{method} {path}: {}", again.text());
        secrets += usize::from(is_secret);
    }
    assert_eq!(secrets, 4);
}

#[tokio::test]
async fn each_write_is_atomic_with_its_audit_and_response() {
    // Checks all routes, so that one run reports every failure.
    let mut failed = Vec::new();
    for (method, route, _) in written_routes() {
        let app = TestApp::new().await;
        let repeatable = route != "/auth/contact/token";
        let prepare = async |number: usize| {
            let shop = RequestFactory { app: &app, site: app.create_site().await };
            let call = shop
                .request(method, route)
                .await
                .unwrap_or_else(|| panic!("{method} {route} has no request here"));
            if repeatable { call.header("idempotency-key", &format!("k{number}")) } else { call }
        };
        let name = format!("{method} {route}");
        let mut watched = AtomicityChecker::new(&app).await;
        let again = if repeatable { Retry::ByKey } else { Retry::Never };
        if let Err(fault) = watched.check_atomic(&name, again, prepare).await {
            failed.push(fault);
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn write_without_its_audit_entry_is_detected() {
    let app = TestApp::new().await;
    let request = async |carried: bool| {
        let (site, inbox) = (app.create_site().await.site.id, app.app.clone());
        answered_by(move |_| async move {
            let acting = inbox.clone();
            let work = async move {
                acting.create_key(site, "other").await.unwrap();
                between_steps().await;
                acting.record(Actor::Operator, Some(site), "keys.create", "other", None).await;
            };
            if carried { inbox.run_detached(work).await.unwrap() } else { work.await }
        })
    };
    AtomicityChecker::new(&app)
        .await
        .query(
            "half done",
            Retry::Never,
            async |_| request(false).await,
            async |_| request(true).await,
        )
        .await;
}

#[tokio::test]
async fn write_before_its_key_reservation_is_detected() {
    let app = TestApp::new().await;
    let request = async |reserves_first: bool| {
        let (site, inbox) = (app.create_site().await.site.id, app.app.clone());
        let call = answered_by(move |headers| async move {
            let key = headers["idempotency-key"].to_str().unwrap().to_owned();
            let attempt = IdempotentRequest { fingerprint: Digest::of(&key), key };
            let run = ServerRun([7; 16]);
            let acting = inbox.clone();
            let work = async move {
                let act = async || acting.create_key(site, "other").await.unwrap();
                if !reserves_first {
                    act().await;
                }
                let reserved =
                    match acting.reserve_idempotency_key(site, &attempt, run, false).await.unwrap()
                    {
                        Ok(reserved) => reserved,
                        Err(begun) => {
                            return assert!(
                                matches!(begun, IdempotencyReservation::Completed(_)),
                                "{begun:?}"
                            );
                        }
                    };
                if reserves_first {
                    act().await;
                }
                let answer = StoredResponse {
                    status: 200,
                    content_type: None,
                    body: StoredBody::Full(Vec::new()),
                };
                acting.store_response(reserved, Some(answer)).await;
            };
            inbox.run_detached(work).await.unwrap();
        });
        call.header("idempotency-key", "k")
    };
    let mut watched = AtomicityChecker::new(&app).await;
    watched
        .query(
            "done otherwise once more",
            Retry::ByKey,
            async |_| request(false).await,
            async |_| request(true).await,
        )
        .await;
}
