//! Conversations of a session.

use super::{PublicFixture, names, outgoing};
use crate::support::TestApp;
use belfry_domain::channel::{
    ContactFields, ContentType, InboxSettings, MessageKind, NewMessage, Performer,
};
use belfry_store::ChannelContactStore as _;
use serde_json::json;

#[tokio::test]
async fn conversation_has_the_shape_that_clients_expect() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let contact = fixture.contact(json!({ "name": "Ann", "identifier": "crm-42" })).await;
    let path = format!("/contacts/{}/conversations", contact["source_id"].as_str().unwrap());
    let begun = fixture
        .post(&path, json!({ "custom_attributes": { "order": 7 }, "status": "resolved", "id": 9 }))
        .send()
        .await
        .expect(200);
    assert_eq!(
        names(&begun),
        [
            "agent_last_seen_at",
            "contact",
            "contact_last_seen_at",
            "id",
            "inbox_id",
            "messages",
            "status",
            "uuid"
        ]
    );
    assert_eq!(
        (&begun["id"], &begun["status"], &begun["messages"]),
        (&json!(1), &json!("open"), &json!([]))
    );
    assert_eq!(
        (&begun["inbox_id"], &begun["contact_last_seen_at"], &begun["agent_last_seen_at"]),
        (&json!(fixture.inbox.id.0), &json!(0), &json!(0))
    );
    assert_eq!(begun["uuid"].as_str().unwrap().len(), 36);
    assert_eq!(
        (&begun["contact"]["name"], &begun["contact"]["identifier"]),
        (&json!("Ann"), &json!("crm-42"))
    );
    assert_eq!(fixture.get(&format!("{path}/1")).send().await.expect(200), begun);
    assert_eq!(fixture.get(&format!("{path}/1/")).send().await.expect(200), begun);
    fixture.post(&path, json!({})).send().await.expect(200);
    let list = fixture.get(&path).send().await.expect(200);
    assert_eq!(list.as_array().unwrap().len(), 2);
    for odd in ["0", "-1", "99", "x", "1.0", "99999999999999999999"] {
        fixture.get(&format!("{path}/{odd}")).send().await.expect(404);
    }
}

#[tokio::test]
async fn locked_inbox_returns_the_existing_conversation() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::with(
        &app,
        InboxSettings { lock_to_single_conversation: true, ..InboxSettings::default() },
    )
    .await;
    let source_id = fixture.session().await;
    assert_eq!(fixture.conversation(&source_id).await, fixture.conversation(&source_id).await);
}

#[tokio::test]
async fn conversation_of_a_blocked_contact_is_resolved() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let contact = fixture.contact(json!({})).await;
    let blocked = ContactFields { blocked: Some(true), ..ContactFields::default() };
    let id = belfry_domain::ContactId(contact["id"].as_i64().unwrap());
    app.store
        .update_channel_contact(
            fixture.site.site.id,
            id,
            &blocked,
            &Performer::System,
            app.app.now(),
        )
        .await
        .unwrap()
        .unwrap();
    let begun = fixture
        .post(
            &format!("/contacts/{}/conversations", contact["source_id"].as_str().unwrap()),
            json!({}),
        )
        .send()
        .await
        .expect(200);
    assert_eq!(begun["status"], "resolved");
}

#[tokio::test]
async fn contact_resolves_a_conversation_once() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let source_id = fixture.session().await;
    let number = fixture.conversation(&source_id).await;
    let path = format!("/contacts/{source_id}/conversations/{number}");
    for _ in 0..2 {
        let resolved =
            fixture.post(&format!("{path}/toggle_status"), json!({})).send().await.expect(200);
        assert_eq!((&resolved["status"], &resolved["id"]), (&json!("resolved"), &json!(number)));
        assert_eq!(resolved["messages"], json!([]), "activities reach agents only");
    }
    // A message reopens the conversation.
    fixture.post(&format!("{path}/messages"), json!({ "content": "hi" })).send().await.expect(200);
    assert_eq!(fixture.get(&path).send().await.expect(200)["status"], "open");
}

#[tokio::test]
async fn typing_and_last_seen_return_an_empty_body() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let source_id = fixture.session().await;
    let number = fixture.conversation(&source_id).await;
    let path = format!("/contacts/{source_id}/conversations/{number}");
    fixture.reply(number, outgoing("Hello")).await;
    for body in [
        json!({ "typing_status": "on" }),
        json!({ "typing_status": "off" }),
        json!({ "typing_status": "x" }),
        json!({}),
    ] {
        let answer = fixture.post(&format!("{path}/toggle_typing"), body).send().await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, ""));
    }
    let answer = fixture.app.post(&fixture.path(&format!("{path}/update_last_seen"))).send().await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, ""));
    let seen =
        fixture.get(&path).send().await.expect(200)["contact_last_seen_at"].as_i64().unwrap();
    assert_eq!(seen, app.app.now().millis() / 1_000);
}

#[tokio::test]
async fn private_notes_and_activities_are_hidden() {
    let app = TestApp::new().await;
    let fixture = PublicFixture::new(&app).await;
    let source_id = fixture.session().await;
    let number = fixture.conversation(&source_id).await;
    let path = format!("/contacts/{source_id}/conversations/{number}");
    let note = NewMessage { private: true, ..outgoing("zanzibar") };
    let note = fixture.reply(number, note).await.id;
    let activity = fixture
        .reply(
            number,
            NewMessage {
                content_type: ContentType::Text,
                ..NewMessage::text(MessageKind::Activity, "zanzibar")
            },
        )
        .await
        .id;
    for rest in ["", "/messages"] {
        assert!(!fixture.get(&format!("{path}{rest}")).send().await.text().contains("zanzibar"));
    }
    for hidden in [note, activity] {
        let body = json!({ "submitted_values": [{ "name": "a", "value": "b" }] });
        fixture.patch(&format!("{path}/messages/{hidden}"), body).send().await.expect(404);
    }
}
