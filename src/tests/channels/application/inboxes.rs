//! Inboxes and their members.

use super::{ApplicationFixture, assert_error, assert_not_found};
use crate::support::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn inbox_has_every_field_of_the_contract() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let body = json!({
        "name": "Second", "greeting_enabled": "true", "greeting_message": "Hi", "timezone": "Europe/Kyiv", "lock_to_single_conversation": 1,
        "channel": {"type": "api", "webhook_url": "https://93.184.216.34/hook", "hmac_mandatory": true, "additional_attributes": {"agent_reply_time_window": 24}},
        "unknown": {"a": 1},
    });
    let inbox = fixture.post("/inboxes", body).await;
    let (id, token) = (inbox["id"].clone(), inbox["hmac_token"].clone());
    assert!(
        id.is_i64()
            && token.as_str().unwrap().len() == 24
            && inbox["inbox_identifier"].as_str().unwrap().len() == 24
    );
    for (name, value) in json!({
        "avatar_url": "", "channel_id": id, "name": "Second", "channel_type": "Channel::Api", "greeting_enabled": true, "greeting_message": "Hi",
        "working_hours_enabled": false, "enable_email_collect": true, "csat_survey_enabled": false, "enable_auto_assignment": true,
        "out_of_office_message": null, "timezone": "Europe/Kyiv", "callback_webhook_url": null, "allow_messages_after_resolved": true,
        "lock_to_single_conversation": true, "sender_name_type": "friendly", "business_name": null, "hmac_mandatory": true,
        "webhook_url": "https://93.184.216.34/hook", "additional_attributes": {"agent_reply_time_window": 24}, "provider": null,
        "website_url": null, "web_widget_script": null, "csat_config": {}, "auto_assignment_config": {},
    })
    .as_object()
    .unwrap()
    {
        assert_eq!(&inbox[name], value, "{name}");
    }
    let hours = inbox["working_hours"].as_array().unwrap();
    let days: Vec<_> = hours.iter().map(|day| day["day_of_week"].as_i64().unwrap()).collect();
    assert_eq!(days, [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(fixture.get(&format!("/inboxes/{id}")).await, inbox);
    let listed = fixture.get("/inboxes").await;
    assert_eq!(listed["payload"].as_array().unwrap().len(), 2);
    assert_eq!(listed["payload"][1], inbox);
}

#[tokio::test]
async fn secrets_are_for_administrators() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/inboxes/{}", fixture.inbox_id());
    let (keys, own) = (&fixture.inbox.secrets, fixture.get(&path).await);
    assert_eq!(
        (&own["hmac_token"], &own["secret"]),
        (&json!(keys.hmac_token.reveal()), &json!(keys.callback_secret.reveal()))
    );
    let seen = fixture.call_as(&fixture.member, "GET", &path).send().await.expect(200);
    assert_eq!(
        (seen.get("hmac_token"), seen.get("secret"), &seen["inbox_identifier"]),
        (None, None, &json!(fixture.inbox.inbox.identifier.as_str()))
    );
    let list = fixture.call_as(&fixture.member, "GET", "/inboxes").send().await.expect(200);
    assert_eq!(list["payload"], json!([seen]));
}

#[tokio::test]
async fn agents_see_only_their_inboxes() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    fixture.post("/inboxes", json!({"name": "Second", "channel": {"type": "api"}})).await;
    let seen = async |agent| {
        fixture.call_as(agent, "GET", "/inboxes").send().await.expect(200)["payload"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(
        (
            seen(&fixture.administrator).await,
            seen(&fixture.member).await,
            seen(&fixture.outsider).await
        ),
        (2, 1, 0)
    );
}

#[tokio::test]
async fn absent_settings_stay() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/inboxes/{}", fixture.inbox_id());
    let changed = fixture.patch(&path, json!({"channel": {"webhook_url": "https://93.184.216.34/a"}, "greeting_enabled": true})).await;
    assert_eq!(
        (&changed["name"], &changed["webhook_url"], &changed["greeting_enabled"]),
        (&json!("Shop API"), &json!("https://93.184.216.34/a"), &json!(true))
    );
    let changed = fixture.patch(&path, json!({"webhook_url": null, "name": "Renamed"})).await;
    assert_eq!(
        (&changed["name"], &changed["webhook_url"], &changed["greeting_enabled"]),
        (&json!("Renamed"), &Value::Null, &json!(true))
    );
    assert_eq!(fixture.patch(&path, json!({})).await, changed);
}

#[tokio::test]
async fn invalid_inboxes_are_rejected() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let send = async |body: Value| fixture.call("POST", "/inboxes").json(&body).send().await;
    let missing =
        |name: &str| json!({"error": format!("param is missing or the value is empty: {name}")});
    assert_error(&send(json!({})).await, 422, &missing("name"));
    assert_error(
        &send(json!({"name": " ", "channel": {"type": "api"}})).await,
        422,
        &missing("name"),
    );
    assert_error(&send(json!({"name": "A"})).await, 422, &missing("channel"));
    assert_error(&send(json!({"name": "A", "channel": {"type": ""}})).await, 422, &missing("type"));
    let email = json!({"message": "Channel type must be api", "attributes": ["channel.type"]});
    assert_error(&send(json!({"name": "A", "channel": {"type": "email"}})).await, 422, &email);
    for url in ["ftp://a.example", "hook", "https://127.0.0.1/hook"] {
        let answer =
            send(json!({"name": "A", "channel": {"type": "api", "webhook_url": url}})).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["attributes"]),
            (422, &json!(["webhook_url"])),
            "{url} {}",
            answer.text()
        );
    }
    // URLs whose host can't be resolved, or can't be resolved yet.
    send(json!({"name": "A", "channel": {"type": "api", "webhook_url": "https://nobody.invalid/hook"}})).await.expect(200);
    let long = send(json!({"name": "x".repeat(256), "channel": {"type": "api"}})).await;
    assert_eq!(long.expect(422)["attributes"], json!(["name"]));
    assert_eq!(fixture.get("/inboxes").await["payload"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn deleted_inbox_is_not_found() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let conversation = fixture.conversation().await;
    let path = format!("/inboxes/{}", fixture.inbox_id());
    let answer = fixture.call("DELETE", &path).send().await.expect(200);
    assert_eq!(
        answer,
        json!({"message": "Your inbox deletion request will be processed in some time."})
    );
    assert_not_found(&fixture.call("GET", &path).send().await);
    assert_not_found(&fixture.call("DELETE", &path).send().await);
    assert_not_found(&fixture.call("GET", &format!("/conversations/{conversation}")).send().await);
    assert_eq!(fixture.get("/inboxes").await, json!({"payload": []}));
}

#[tokio::test]
async fn members_are_added_replaced_and_removed() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let (inbox, bob, olga) =
        (fixture.inbox_id(), fixture.member.agent.id.0, fixture.outsider.agent.id.0);
    let ids = |answer: &Value| {
        answer["payload"]
            .as_array()
            .unwrap()
            .iter()
            .map(|agent| agent["id"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    let list = async || ids(&fixture.get(&format!("/inbox_members/{inbox}")).await);
    assert_eq!(
        ids(&fixture
            .post(
                "/inbox_members",
                json!({"inbox_id": inbox.to_string(), "user_ids": [olga.to_string()]})
            )
            .await),
        [bob, olga]
    );
    assert_eq!(
        ids(&fixture.patch("/inbox_members", json!({"inbox_id": inbox, "user_ids": [olga]})).await),
        [olga]
    );
    assert_eq!(list().await, [olga]);
    let removed = fixture
        .call("DELETE", "/inbox_members")
        .json(&json!({"inbox_id": inbox, "user_ids": [olga, bob]}))
        .send()
        .await;
    assert_eq!((removed.status.as_u16(), removed.body.len()), (200, 0));
    assert_eq!(list().await, [0_i64; 0]);
    let agent = &fixture
        .patch("/inbox_members", json!({"inbox_id": inbox, "user_ids": [bob]}))
        .await["payload"][0];
    assert_eq!(
        (&agent["email"], &agent["role"], &agent["account_id"]),
        (&json!("bob@shop.example"), &json!("agent"), &json!(fixture.account))
    );
}

#[tokio::test]
async fn invalid_members_are_rejected_without_changes() {
    let app = TestApp::new().await;
    let (fixture, other) =
        (ApplicationFixture::new(&app).await, ApplicationFixture::new(&app).await);
    let inbox = fixture.inbox_id();
    let send = async |body: Value| fixture.call("POST", "/inbox_members").json(&body).send().await;
    let missing =
        |name: &str| json!({"error": format!("param is missing or the value is empty: {name}")});
    assert_error(&send(json!({"user_ids": [1]})).await, 422, &missing("inbox_id"));
    assert_error(&send(json!({"inbox_id": inbox})).await, 422, &missing("user_ids"));
    let olga = fixture.outsider.agent.id.0;
    for stranger in [json!(other.member.agent.id.0), json!(987_654), json!("x")] {
        assert_not_found(&send(json!({"inbox_id": inbox, "user_ids": [olga, stranger]})).await);
    }
    assert_not_found(&send(json!({"inbox_id": other.inbox_id(), "user_ids": [olga]})).await);
    assert_eq!(
        fixture.get(&format!("/inbox_members/{inbox}")).await["payload"].as_array().unwrap().len(),
        1
    );
}
