//! Messages of a session.

use super::{PublicFixture, names, outgoing};
use crate::support::TestApp;
use belfry_domain::channel::{ContentType, NewMessage};
use serde_json::{Value, json};
use std::time::Duration;

/// Creates a session with a conversation; returns the path of its messages.
async fn conversation(fixture: &PublicFixture<'_>) -> (i64, String) {
    let source_id = fixture.session().await;
    let number = fixture.conversation(&source_id).await;
    (number, format!("/contacts/{source_id}/conversations/{number}/messages"))
}

#[tokio::test]
async fn message_has_the_shape_that_clients_expect() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let (number, path) = conversation(&fixture).await;
    let sent = json!({ "content": "hi 👋", "echo_id": "e-1", "message_type": "outgoing", "private": true, "content_type": "cards" });
    let message = fixture.post(&path, sent).send().await.expect(200);
    assert_eq!(
        names(&message),
        [
            "content",
            "content_attributes",
            "content_type",
            "conversation_id",
            "created_at",
            "id",
            "message_type",
            "sender"
        ]
    );
    assert_eq!(
        (&message["content"], &message["message_type"], &message["content_type"]),
        (&json!("hi 👋"), &json!(0), &json!("text"))
    );
    assert_eq!(
        (&message["conversation_id"], &message["content_attributes"]),
        (&json!(number), &json!({}))
    );
    assert!(message["id"].is_i64() && message["created_at"].is_i64());
    assert_eq!(message["sender"]["type"], "contact");
    fixture.reply(number, outgoing("Hello")).await;
    let list = fixture.get(&path).send().await.expect(200);
    assert_eq!(
        (&list[0], &list[1]["content"], &list[1]["message_type"]),
        (&message, &json!("Hello"), &json!(1))
    );
}

#[tokio::test]
async fn content_of_another_type_counts_as_absent() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let (_, path) = conversation(&fixture).await;
    for (body, content) in [
        (json!({ "content": {} }), Value::Null),
        (json!({ "content": ["a"] }), Value::Null),
        (json!({ "content": null }), Value::Null),
        (json!({}), Value::Null),
        (json!({ "content": 7 }), json!("7")),
        (json!({ "content": true }), json!("true")),
    ] {
        assert_eq!(
            fixture.post(&path, body.clone()).send().await.expect(200)["content"],
            content,
            "{body}"
        );
    }
    let form = app
        .post(&fixture.path(&path))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("content=a+b")
        .send()
        .await;
    assert_eq!(form.expect(200)["content"], "a b");
}

#[tokio::test]
async fn content_limit_is_in_characters() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let (_, path) = conversation(&fixture).await;
    let emoji = "😀".repeat(150_000);
    assert_eq!(
        fixture.post(&path, json!({ "content": emoji })).send().await.expect(200)["content"],
        emoji.as_str()
    );
    // JSON escaped to ASCII.
    let escaped = format!("{{\"content\":\"{}\"}}", "\\ud83d\\ude00".repeat(150_000));
    app.post(&fixture.path(&path))
        .header("content-type", "application/json")
        .body(escaped)
        .send()
        .await
        .expect(200);
    let response =
        fixture.post(&path, json!({ "content": format!("{emoji}x") })).send().await.expect(422);
    assert_eq!(
        response,
        json!({ "message": "Content is too long (maximum is 150000 characters)", "attributes": ["content"] })
    );
    let huge = fixture.post(&path, json!({ "content": "x".repeat(3_000_000) })).send().await;
    assert_eq!(huge.expect(413)["status"], 413);
}

#[tokio::test]
async fn history_is_paginated_by_twenty() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let (number, path) = conversation(&fixture).await;
    for index in 0..25 {
        fixture.reply(number, outgoing(&index.to_string())).await;
    }
    let contents = async |query: &str| {
        let list = fixture.get(&format!("{path}{query}")).send().await.expect(200);
        let list = list.as_array().unwrap().clone();
        (
            list.iter()
                .map(|message| message["content"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>(),
            list[0]["id"].as_i64().unwrap(),
        )
    };
    let (newest, first) = contents("").await;
    assert_eq!((newest.len(), newest[0].as_str(), newest[19].as_str()), (20, "5", "24"));
    let (older, _) = contents(&format!("?before={first}")).await;
    assert_eq!(older, ["0", "1", "2", "3", "4"]);
    for odd in ["?before=x", "?before=", "?before=-1", "?after=1"] {
        assert_eq!(contents(odd).await.0, newest, "{odd}");
    }
}

#[tokio::test]
async fn contact_answers_interactive_messages() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let (number, path) = conversation(&fixture).await;
    let form = fixture
        .reply(
            number,
            NewMessage { content_type: ContentType::InputText, ..outgoing("Your name?") },
        )
        .await
        .id;
    let body = json!({ "submitted_values": [{ "name": "n", "title": "t", "value": 7, "other": {} }, "x"], "content": "changed" });
    let answered = fixture.patch(&format!("{path}/{form}"), body).send().await.expect(200);
    assert_eq!(
        answered["content_attributes"]["submitted_values"],
        json!([{ "name": "n", "title": "t", "value": "7" }])
    );
    assert_eq!(answered["content"], "Your name?");
    let unchanged = fixture
        .patch(&format!("{path}/{form}"), json!({ "submitted_values": 7 }))
        .send()
        .await
        .expect(200);
    assert_eq!(unchanged, answered);
    let survey = fixture
        .reply(
            number,
            NewMessage { content_type: ContentType::InputCsat, ..outgoing("How was it?") },
        )
        .await
        .id;
    let rate = |rating: i64| json!({ "submitted_values": { "csat_survey_response": { "rating": rating, "feedback_message": "fine", "x": 1 } } });
    let answered = fixture.patch(&format!("{path}/{survey}"), rate(4)).send().await.expect(200);
    let response = &answered["content_attributes"]["submitted_values"]["csat_survey_response"];
    assert_eq!(*response, json!({ "rating": 4, "feedback_message": "fine" }));
    app.clock.advance(Duration::from_hours(14 * 24 + 1));
    let answer = fixture.patch(&format!("{path}/{survey}"), rate(1)).send().await.expect(422);
    assert_eq!(answer, json!({ "error": "You cannot update the CSAT survey after 14 days" }));
    fixture.patch(&format!("{path}/99"), rate(1)).send().await.expect(404);
}

#[tokio::test]
async fn messages_beyond_the_rate_are_rejected() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let (_, path) = conversation(&fixture).await;
    for _ in 0..200 {
        fixture.post(&path, json!({ "content": "hi" })).send().await.expect(200);
    }
    let response = fixture.post(&path, json!({ "content": "hi" })).send().await.expect(422);
    assert_eq!(response, json!({ "message": "Too many messages", "attributes": [] }));
}
