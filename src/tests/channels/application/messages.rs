//! Messages of conversations.

use super::{ApplicationFixture, assert_error, assert_forbidden, assert_not_found};
use crate::support::TestApp;
use serde_json::{Value, json};
use std::time::Duration;

const START: i64 = 1_796_112_000;

#[tokio::test]
async fn message_has_every_field_of_the_contract() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let number = fixture.conversation().await;
    let incoming = fixture
        .message(number, json!({"content": "hi", "message_type": "incoming", "echo_id": "e-1"}))
        .await;
    let contact =
        fixture.get(&format!("/conversations/{number}")).await["meta"]["sender"]["id"].clone();
    let sender = json!({
        "additional_attributes": {}, "custom_attributes": {}, "email": null, "id": contact, "identifier": null, "name": "Zoe", "phone_number": null,
        "thumbnail": "", "blocked": false, "type": "contact",
    });
    let expected = json!({
        "id": incoming["id"], "content": "hi", "inbox_id": fixture.inbox_id(), "echo_id": "e-1", "conversation_id": number, "message_type": 0,
        "content_type": "text", "status": "sent", "content_attributes": {}, "created_at": START, "private": false, "source_id": null, "sender": sender,
    });
    assert!(incoming["id"].is_i64());
    assert_eq!(incoming, expected);
    let outgoing = fixture.message(number, json!({"content": "hello", "source_id": "ext-1", "content_attributes": {"in_reply_to": 1}})).await;
    let ann = fixture.administrator.agent.id.0;
    let sender = json!({"id": ann, "name": "Ann", "available_name": "Ann", "avatar_url": "", "type": "user", "availability_status": "offline", "thumbnail": ""});
    assert_eq!(
        (&outgoing["message_type"], &outgoing["sender"], &outgoing["source_id"]),
        (&json!(1), &sender, &json!("ext-1"))
    );
    assert_eq!(
        (&outgoing["content_attributes"], outgoing.get("echo_id"), outgoing.get("attachments")),
        (&json!({"in_reply_to": 1}), None, None)
    );
}

#[tokio::test]
async fn sender_of_an_outgoing_message_is_the_caller() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/conversations/{}/messages", fixture.conversation().await);
    let response = fixture
        .call_as(&fixture.member, "POST", &path)
        .json(&json!({"content": "hello"}))
        .send()
        .await
        .expect(200);
    assert_eq!(response["sender"]["name"], "Bob");
    assert_forbidden(
        &fixture
            .call_as(&fixture.outsider, "POST", &path)
            .json(&json!({"content": "hello"}))
            .send()
            .await,
    );
}

#[tokio::test]
async fn values_are_parsed_from_text() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let number = fixture.conversation().await;
    let message = fixture.message(number, json!({"content": 42, "private": "true", "content_attributes": "{\"a\":1}", "unknown": {"x": []}})).await;
    assert_eq!(
        (&message["content"], &message["private"], &message["content_attributes"]),
        (&json!("42"), &json!(true), &json!({"a": 1}))
    );
    assert_eq!(
        fixture.message(number, json!({"content": "a", "private": "false"})).await["private"],
        false
    );
    for nothing in
        [json!({"content": null}), json!({}), json!({"content": {}}), json!({"content": ["x"]})]
    {
        assert_eq!(
            fixture.message(number, nothing.clone()).await["content"],
            Value::Null,
            "{nothing}"
        );
    }
}

#[tokio::test]
async fn invalid_messages_are_rejected_with_a_message() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/conversations/{}/messages", fixture.conversation().await);
    for odd in [
        json!({"content": "x", "message_type": "shout"}),
        json!({"content": "x", "content_type": "hologram"}),
        json!({"content": "x", "content_type": "input_select"}),
        json!({"content": "x", "content_type": "cards", "content_attributes": {"items": [{"title": "A", "actions": []}]}}),
        json!({"content": "x", "content_type": "form", "content_attributes": {"items": []}}),
        json!({"content": "x", "content_type": "article", "content_attributes": {"items": [{"odd": 1}]}}),
        json!({"content": "x", "attachments": ["signed-id"]}),
        json!({"content": "x", "external_created_at": "yesterday"}),
        json!({"content": "x", "source_id": "x".repeat(256)}),
    ] {
        let answer = fixture.call("POST", &path).json(&odd).send().await;
        let said = answer.expect(422);
        assert!(said["error"].is_string() && said.as_object().unwrap().len() == 1, "{odd}: {said}");
    }
    assert_eq!(fixture.get(&path).await["payload"], json!([]));
    let items = json!({"items": [{"title": "A", "value": "1"}, {"title": "B", "value": "2"}]});
    let response = fixture
        .post(
            &path,
            json!({"content": "x", "content_type": "input_select", "content_attributes": items}),
        )
        .await;
    assert_eq!(
        (&response["content_type"], &response["content_attributes"]),
        (&json!("input_select"), &items)
    );
}

#[tokio::test]
async fn content_limit_is_in_characters() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/conversations/{}/messages", fixture.conversation().await);
    let longest = "😀".repeat(150_000);
    assert_eq!(
        fixture.post(&path, json!({"content": longest})).await["content"]
            .as_str()
            .unwrap()
            .chars()
            .count(),
        150_000
    );
    // JSON escaped to ASCII.
    let ascii = format!("{{\"content\":\"{}\"}}", "\\ud83d\\ude00".repeat(150_000));
    assert_eq!(
        fixture
            .call("POST", &path)
            .header("content-type", "application/json")
            .body(ascii)
            .send()
            .await
            .status,
        200
    );
    let answer =
        fixture.call("POST", &path).json(&json!({"content": format!("{longest}x")})).send().await;
    assert_error(
        &answer,
        422,
        &json!({"error": "Content is too long (maximum is 150000 characters)"}),
    );
}

#[tokio::test]
async fn list_windows_are_before_after_and_between() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let number = fixture.conversation().await;
    let mut ids = Vec::new();
    for index in 0..25 {
        ids.push(
            fixture.message(number, json!({"content": index.to_string()})).await["id"]
                .as_i64()
                .unwrap(),
        );
    }
    let list = async |query: &str| {
        let list = fixture.get(&format!("/conversations/{number}/messages{query}")).await;
        list["payload"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| message["id"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(list("").await, ids[5..]);
    assert_eq!(list(&format!("?before={}", ids[5])).await, ids[..5]);
    assert_eq!(list(&format!("?after={}", ids[0])).await, ids[1..]);
    assert_eq!(list(&format!("?after={}&before={}", ids[2], ids[5])).await, ids[2..5]);
    assert_eq!(list(&format!("?before={}", ids[0])).await, [0_i64; 0]);
    assert_eq!(list("?before=x&after=").await, ids[5..]);
    let meta = fixture.get(&format!("/conversations/{number}/messages")).await["meta"].clone();
    assert_eq!(
        (&meta["labels"], &meta["additional_attributes"], &meta["agent_last_seen_at"]),
        (&json!([]), &json!({}), &meta["assignee_last_seen_at"])
    );
    assert_eq!(
        (&meta["contact"]["name"], meta.get("assignee"), meta["contact"].get("contact_inboxes")),
        (&json!("Zoe"), None, None)
    );
}

#[tokio::test]
async fn incoming_reopens_and_first_reply_is_recorded() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let number = fixture.conversation().await;
    let path = format!("/conversations/{number}");
    fixture.message(number, json!({"content": "Anybody?", "message_type": "incoming"})).await;
    assert_eq!(fixture.get(&path).await["waiting_since"], START);
    app.clock.advance(Duration::from_secs(30));
    fixture.message(number, json!({"content": "a note", "private": true})).await;
    assert_eq!(fixture.get(&path).await["first_reply_created_at"], 0);
    fixture.message(number, json!({"content": "Yes"})).await;
    let seen = fixture.get(&path).await;
    assert_eq!(
        (&seen["first_reply_created_at"], &seen["waiting_since"]),
        (&json!(START + 30), &json!(0))
    );
    for status in ["resolved", "snoozed"] {
        fixture.post(&format!("{path}/toggle_status"), json!({"status": status})).await;
        fixture.message(number, json!({"content": "One more", "message_type": "incoming"})).await;
        assert_eq!(fixture.get(&path).await["status"], "open", "{status}");
    }
}

#[tokio::test]
async fn status_goes_forward_only() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let number = fixture.conversation().await;
    let id = fixture.message(number, json!({"content": "hi"})).await["id"].clone();
    let path = format!("/conversations/{number}/messages/{id}");
    let set = async |body: Value| fixture.patch(&path, body).await;
    assert_eq!(set(json!({"status": "delivered"})).await["status"], "delivered");
    let read = set(json!({"status": "read"})).await;
    assert_eq!(read["status"], "read");
    assert_eq!(set(json!({"status": "delivered"})).await["status"], "read");
    for unknown in
        [json!({"status": "lost"}), json!({"status": ""}), json!({"status": {}}), json!({})]
    {
        assert_eq!(set(unknown.clone()).await, read, "{unknown}");
    }
    let failed = set(json!({"status": "failed", "external_error": "no route"})).await;
    assert_eq!(
        (&failed["status"], &failed["content_attributes"]["external_error"]),
        (&json!("failed"), &json!("no route"))
    );
    let again = fixture.call("POST", &format!("{path}/retry")).send().await.expect(200);
    assert_eq!((&again["status"], &again["content_attributes"]), (&json!("sent"), &json!({})));
    assert_not_found(
        &fixture
            .call("PATCH", &format!("/conversations/{number}/messages/987654"))
            .json(&json!({"status": "read"}))
            .send()
            .await,
    );
    let other = fixture.conversation().await;
    assert_not_found(
        &fixture
            .call("PATCH", &format!("/conversations/{other}/messages/{id}"))
            .json(&json!({"status": "read"}))
            .send()
            .await,
    );
}

#[tokio::test]
async fn deleted_message_is_marked() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let number = fixture.conversation().await;
    let id = fixture.message(number, json!({"content": "secret"})).await["id"].clone();
    let path = format!("/conversations/{number}/messages/{id}");
    let deleted = fixture.call("DELETE", &path).send().await.expect(200);
    assert_eq!((&deleted["id"], &deleted["content"]), (&id, &json!("This message was deleted")));
    assert_eq!(deleted["content_attributes"]["deleted"], true);
    let listed = fixture.get(&format!("/conversations/{number}/messages")).await;
    assert_eq!(listed["payload"][0], deleted);
    assert_not_found(
        &fixture.call("DELETE", &format!("/conversations/{number}/messages/987654")).send().await,
    );
}

#[tokio::test]
async fn messages_are_limited_per_minute() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/conversations/{}/messages", fixture.conversation().await);
    for _ in 0..200 {
        fixture.post(&path, json!({"content": "hi"})).await;
    }
    assert_error(
        &fixture.call("POST", &path).json(&json!({"content": "hi"})).send().await,
        422,
        &json!({"error": "Too many messages"}),
    );
    app.clock.advance(Duration::from_secs(61));
    fixture.post(&path, json!({"content": "hi"})).await;
}
