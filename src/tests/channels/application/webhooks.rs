//! Account webhooks.

use super::{ApplicationFixture, assert_error, assert_not_found};
use crate::support::TestApp;
use serde_json::{Value, json};

const URL: &str = "https://93.184.216.34/hook";

#[tokio::test]
async fn webhook_is_created_listed_changed_and_deleted() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let response = fixture.post("/webhooks", json!({"webhook": {"url": URL, "subscriptions": ["message_created", "contact_created"]}})).await;
    let webhook = &response["payload"]["webhook"];
    let (id, secret) = (webhook["id"].clone(), webhook["secret"].clone());
    assert!(id.is_i64() && secret.as_str().unwrap().len() > 20);
    let expected = json!({
        "id": id, "name": null, "url": URL, "account_id": fixture.account, "subscriptions": ["message_created", "contact_created"], "secret": secret,
    });
    assert_eq!(webhook, &expected);
    assert_eq!(fixture.get("/webhooks").await, json!({"payload": {"webhooks": [expected]}}));
    let path = format!("/webhooks/{id}");
    let changed = fixture
        .patch(&path, json!({"name": "Ours", "subscriptions": ["conversation_created"]}))
        .await;
    let webhook = &changed["payload"]["webhook"];
    assert_eq!(
        (&webhook["name"], &webhook["url"], &webhook["secret"]),
        (&json!("Ours"), &json!(URL), &secret)
    );
    assert_eq!(webhook["subscriptions"], json!(["conversation_created"]));
    let deleted = fixture.call("DELETE", &path).send().await;
    assert_eq!((deleted.status.as_u16(), deleted.body.len()), (200, 0));
    assert_not_found(&fixture.call("DELETE", &path).send().await);
    assert_not_found(&fixture.call("PATCH", &path).json(&json!({"name": "x"})).send().await);
    assert_eq!(fixture.get("/webhooks").await, json!({"payload": {"webhooks": []}}));
}

#[tokio::test]
async fn unwrapped_members_are_read_and_events_default() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let response = fixture.post("/webhooks", json!({"url": URL, "name": "Bare"})).await;
    let webhook = &response["payload"]["webhook"];
    assert_eq!(webhook["name"], "Bare");
    let events: Vec<&str> = webhook["subscriptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event.as_str().unwrap())
        .collect();
    let usual = [
        "conversation_created",
        "conversation_status_changed",
        "conversation_updated",
        "message_created",
        "message_updated",
        "contact_created",
        "contact_updated",
        "webwidget_triggered",
    ];
    assert_eq!(events, usual);
}

#[tokio::test]
async fn invalid_webhooks_are_rejected() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    fixture.post("/webhooks", json!({"url": URL})).await;
    let send = async |body: Value| fixture.call("POST", "/webhooks").json(&body).send().await;
    assert_error(
        &send(json!({})).await,
        422,
        &json!({"error": "param is missing or the value is empty: webhook"}),
    );
    assert_error(
        &send(json!({"webhook": {}})).await,
        422,
        &json!({"error": "param is missing or the value is empty: webhook"}),
    );
    assert_error(
        &send(json!({"url": URL})).await,
        422,
        &json!({"message": "Url has already been taken", "attributes": ["url"]}),
    );
    assert_error(
        &send(json!({"name": "x"})).await,
        422,
        &json!({"message": "Url can't be blank", "attributes": ["url"]}),
    );
    for url in ["", "hook", "ftp://a.example", "https://127.0.0.1/hook"] {
        assert_eq!(
            send(json!({"url": url})).await.expect(422)["attributes"],
            json!(["url"]),
            "{url}"
        );
    }
    for subscriptions in [json!([]), json!(["message_deleted"]), json!("odd")] {
        let answer =
            send(json!({"url": "https://93.184.216.34/other", "subscriptions": subscriptions}))
                .await;
        assert_eq!(answer.expect(422)["attributes"], json!(["subscriptions"]), "{subscriptions}");
    }
    assert_eq!(fixture.get("/webhooks").await["payload"]["webhooks"].as_array().unwrap().len(), 1);
}
