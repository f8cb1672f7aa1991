//! Devices of a contact, as a backend binds them.

use crate::support::TestApp;
use serde_json::json;

const ID: &str = "0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4";

#[tokio::test]
async fn device_is_bound_listed_and_unbound_without_showing_its_id() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let contact = app.contact(&site, json!({"externalCustomerId": "42"})).await;
    let devices = format!("/v1/contact/{contact}/devices");
    assert_eq!(
        app.get(&devices).key(&site.key).send().await.expect(200),
        json!({"items": [], "next": null})
    );
    let bound = app.post(&devices).key(&site.key).json(&json!({"deviceId": ID})).send().await;
    assert!(!bound.text().contains(ID));
    let bound = bound.expect(200);
    assert_eq!(bound["boundAt"], "2026-12-01T08:00:00Z");
    // Binding is idempotent.
    assert_eq!(
        app.post(&devices).key(&site.key).json(&json!({"deviceId": ID})).send().await.expect(200),
        bound
    );
    assert_eq!(
        app.get(&devices).key(&site.key).send().await.expect(200),
        json!({"items": [bound], "next": null})
    );
    let one = format!("{devices}/{}", bound["fingerprint"].as_str().unwrap());
    let gone = app.delete(&one).key(&site.key).send().await;
    assert_eq!((gone.status.as_u16(), gone.text()), (204, ""));
    app.delete(&one).key(&site.key).send().await.expect_error(404);
    assert_eq!(app.get(&devices).key(&site.key).send().await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn invalid_device_id_is_rejected_by_field() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let contact = app.contact(&site, json!({"externalCustomerId": "42"})).await;
    let devices = format!("/v1/contact/{contact}/devices");
    for odd in [
        json!({}),
        json!({"deviceId": "short"}),
        json!({"deviceId": 7}),
        json!({"deviceId": null}),
        json!({"deviceId": "x".repeat(201)}),
    ] {
        assert_eq!(
            app.post(&devices).key(&site.key).json(&odd).send().await.expect_error(400),
            "deviceId",
            "{odd}"
        );
    }
    assert_eq!(
        app.post(&devices).key(&site.key).json(&json!([])).send().await.expect_error(400),
        ""
    );
    app.post(&devices).key(&site.key).body("x").send().await.expect_error(415);
    app.post(&devices)
        .key(&site.key)
        .json(&json!({"deviceId": "x".repeat(70_000)}))
        .send()
        .await
        .expect_error(413);
    app.post(&devices).json(&json!({"deviceId": ID})).send().await.expect_error(401);
    app.get(&devices).send().await.expect_error(401);
    app.delete(&format!("{devices}/0")).send().await.expect_error(401);
    app.patch(&devices).key(&site.key).send().await.expect_error(405);
    app.delete("/v1/contact/x/devices/0").key(&site.key).send().await.expect_error(404);
}
