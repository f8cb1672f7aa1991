//! Backends that disconnect at any moment: a write is committed with its audit entry and its stored
//! response, or not at all. Every route that writes needs a request here; a missing one fails the
//! test with its path.

use super::route_table::documented_routes;
use crate::{
    disconnect::{AtomicityChecker, Retry, answered_by, between_steps},
    support::{Call, TestApp, TestSite},
};
use axum::http::Method;
use belfry::domain::{
    Actor, Digest, IdempotencyReservation, IdempotentRequest, StoredBody, StoredResponse,
};
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

    async fn made(&self, path: &str, body: &Value) -> String {
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
        self.made("/messages", &body).await
    }

    async fn segment(&self) -> String {
        self.made(
            "/segments",
            &json!({"name": "pro", "condition": {"attributes": {"plan": "pro"}}}),
        )
        .await
    }

    async fn webhook(&self) -> String {
        self.made(
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
        let give_up = sqlx::query(
            "UPDATE webhook_delivery SET state = 2, next_at = NULL, finished_at = 1 WHERE number = ?1",
        );
        assert_eq!(give_up.bind(number).execute(&mut database).await.unwrap().rows_affected(), 1);
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
        self.made("/keys", &json!({"name": "other"})).await
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

/// Routes that write nothing.
const READ_ONLY: [(&str, &str); 2] = [("POST", "/messages/preview"), ("POST", "/segments/count")];

#[tokio::test]
async fn each_write_is_atomic_with_its_audit_and_response() {
    // Checks all routes, so that one run reports every failure.
    let mut failed = Vec::new();
    for (method, route, _) in documented_routes() {
        if method == "GET" || READ_ONLY.contains(&(&method, &route)) {
            continue;
        }
        let app = TestApp::new().await;
        let repeatable = route != "/auth/contact/token";
        let prepare = async |number: usize| {
            let shop = RequestFactory { app: &app, site: app.create_site().await };
            let call = shop
                .request(&method, &route)
                .await
                .unwrap_or_else(|| panic!("{method} {route} has no request here"));
            if repeatable { call.header("idempotency-key", &format!("k{number}")) } else { call }
        };
        let name = format!("{method} {route}");
        let mut watched = AtomicityChecker::new(&app).await;
        let again = if repeatable { Retry::ByKey } else { Retry::Never };
        if let Err(fault) = watched.leaves_nothing_half_done(&name, again, prepare).await {
            failed.push(fault);
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn write_without_its_audit_entry_is_detected() {
    let app = TestApp::new().await;
    let request = async |carried: bool| {
        let (site, inbox) = (app.create_site().await.site.id, app.inbox.clone());
        answered_by(move |_| async move {
            let acting = inbox.clone();
            let work = async move {
                acting.create_key(site, "other").await.unwrap();
                between_steps().await;
                acting.record(Actor::Operator, Some(site), "keys.create", "other", None).await;
            };
            if carried { inbox.carry(work).await.unwrap() } else { work.await }
        })
    };
    AtomicityChecker::new(&app)
        .await
        .finds(
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
        let (site, inbox) = (app.create_site().await.site.id, app.inbox.clone());
        let call = answered_by(move |headers| async move {
            let key = headers["idempotency-key"].to_str().unwrap().to_owned();
            let attempt = IdempotentRequest { fingerprint: Digest::of(&key), key, run: [7; 16] };
            let acting = inbox.clone();
            let work = async move {
                let act = async || acting.create_key(site, "other").await.unwrap();
                if !reserves_first {
                    act().await;
                }
                let reserved = match acting.begin_attempt(site, &attempt, false).await.unwrap() {
                    Ok(reserved) => reserved,
                    Err(begun) => {
                        return assert!(
                            matches!(begun, IdempotencyReservation::Answered(_)),
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
                    says: StoredBody::Whole(Vec::new()),
                };
                acting.finish_attempt(reserved, Some(answer)).await;
            };
            inbox.carry(work).await.unwrap();
        });
        call.header("idempotency-key", "k")
    };
    let mut watched = AtomicityChecker::new(&app).await;
    watched
        .finds(
            "done otherwise once more",
            Retry::ByKey,
            async |_| request(false).await,
            async |_| request(true).await,
        )
        .await;
}
