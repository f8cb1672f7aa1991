//! The same for mobile apps: a device that the site's backend has bound to a contact.

use super::{ReaderClient, publish, shop};
use crate::support::{Answer, Call, TestApp, TestSite};
use serde_json::json;

const LIST: &str = "/api/v1/appinbox/messages";
const COUNT: &str = "/api/v1/appinbox/messages/count";
const STATUS: &str = "/api/v1/appinbox/messages/status";
const DEVICE: &str = "0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4";

async fn bind(app: &TestApp, site: &TestSite, external_id: &str, device: &str) {
    let contact = app.contact(site, json!({ "externalCustomerId": external_id })).await;
    let call = app.post(&format!("/v1/contact/{contact}/devices")).key(&site.key);
    call.json(&json!({ "deviceId": device })).send().await.expect(200);
}

async fn send(call: Call, site: &TestSite, device: &str) -> Answer {
    call.header("x-reteno-access-key", &site.site.id.to_string())
        .header("x-reteno-sdk-version", "2.0.0")
        .header("x-reteno-device-id", device)
        .send()
        .await
}

#[tokio::test]
async fn bound_device_reads_in_the_mobile_format() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    bind(&app, &site, "42", DEVICE).await;
    let more = json!({"expiresAt": "2026-12-02T08:00:00Z", "data": {"k": 1, "t": "x"}, "category": "promo"});
    let id = publish(&app, &site, "42", "Sale", more).await;
    publish(&app, &site, "42", "Plain", json!({})).await;
    assert_eq!(send(app.get(COUNT), &site, DEVICE).await.expect(200), json!({"unreadCount": 2}));
    let list = send(app.get(&format!("{LIST}?page=1&pageSize=1")), &site, DEVICE).await;
    assert_eq!((list.header("es-token"), list.header("cache-control")), (None, Some("no-store")));
    assert_eq!(
        list.expect(200),
        json!({"list": [{
            "id": id, "createDate": "2026-12-01T08:00:00Z", "title": "Sale", "content": "", "image": null, "link": null, "newMessage": true,
            "status": "UNOPENED", "category": "promo", "customData": {"k": "1", "t": "x"}, "expiryDate": "2026-12-02T08:00:00Z",
        }], "totalPages": 2})
    );
    let opened =
        send(app.post(STATUS).json(&json!({"status": "OPENED", "ids": [id]})), &site, DEVICE).await;
    assert_eq!((opened.status.as_u16(), opened.text()), (200, ""));
    assert_eq!(send(app.get(COUNT), &site, DEVICE).await.expect(200), json!({"unreadCount": 1}));
    let plain = &send(app.get(&format!("{LIST}?status=UNOPENED")), &site, DEVICE).await.expect(200)
        ["list"][0];
    assert_eq!(
        (&plain["title"], plain.get("expiryDate"), &plain["customData"]),
        (&json!("Plain"), None, &json!(null))
    );
    // A message opened on the phone is opened in the browser.
    assert_eq!(ReaderClient::new(&app, &site, "42").await.titles("status=OPENED").await, ["Sale"]);
}

#[tokio::test]
async fn invalid_mobile_requests_are_rejected_like_browsers() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    bind(&app, &site, "42", DEVICE).await;
    assert_eq!(
        send(app.get(&format!("{LIST}?pageSize=0")), &site, DEVICE).await.expect_error(400),
        "pageSize"
    );
    assert_eq!(
        send(app.post(STATUS).json(&json!({"status": "x"})), &site, DEVICE).await.expect_error(400),
        "status"
    );
    send(app.post(STATUS).body("{}"), &site, DEVICE).await.expect_error(415);
    send(app.post(STATUS).json(&json!({"more": "x".repeat(70_000)})), &site, DEVICE)
        .await
        .expect_error(413);
    send(app.post(LIST), &site, DEVICE).await.expect_error(405);
}

#[tokio::test]
async fn mismatched_site_and_device_disclose_nothing() {
    let app = TestApp::new().await;
    let (site, other) = (shop(&app).await, shop(&app).await);
    bind(&app, &site, "42", DEVICE).await;
    let missing = app.get(COUNT).send().await;
    missing.expect_error(401);
    let unbound = "ffffffff-6a51-4c39-9f0e-2a1f57b2c9d4";
    for (site, device) in [(&other, DEVICE), (&site, unbound), (&site, "short"), (&site, "")] {
        assert_eq!(send(app.get(COUNT), site, device).await, missing, "{device}");
    }
    let key = site.site.id.to_string();
    for call in [
        app.get(COUNT).header("x-reteno-device-id", DEVICE),
        app.get(COUNT).header("x-reteno-access-key", &key),
        app.get(COUNT).header("x-reteno-access-key", "x").header("x-reteno-device-id", DEVICE),
        app.get(COUNT)
            .header("x-reteno-access-key", &key)
            .header("x-reteno-device-id", DEVICE)
            .header("x-reteno-device-id", unbound),
        app.get(COUNT).header("es-token", &app.token(&site, "42").await),
        app.get(COUNT).key(&site.key),
    ] {
        assert_eq!(call.send().await, missing);
    }
    // A device id is no credential for the browser's routes.
    assert_eq!(send(app.get(super::COUNT), &site, DEVICE).await.status.as_u16(), 401);
}

#[tokio::test]
async fn device_is_rebound_and_ends_with_its_key() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    bind(&app, &site, "42", DEVICE).await;
    publish(&app, &site, "42", "Private", json!({})).await;
    bind(&app, &site, "7", DEVICE).await;
    assert_eq!(send(app.get(COUNT), &site, DEVICE).await.expect(200), json!({"unreadCount": 0}));
    let key = app.app.keys(site.site.id).await.unwrap().remove(0);
    app.app.revoke_key(site.site.id, &key.id).await.unwrap();
    send(app.get(COUNT), &site, DEVICE).await.expect_error(401);
}

#[tokio::test]
async fn deleted_contact_loses_devices_and_tokens() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    bind(&app, &site, "42", DEVICE).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    script.count().await;
    app.delete("/v1/contact?externalCustomerId=42").key(&site.key).send().await;
    for back in [false, true] {
        if back {
            app.contact(&site, json!({"externalCustomerId": "42"})).await;
        }
        send(app.get(COUNT), &site, DEVICE).await.expect_error(401);
        let call = app.get(super::COUNT);
        script.send(call).await.expect_error(401);
    }
}
