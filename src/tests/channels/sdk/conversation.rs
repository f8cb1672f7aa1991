//! The topic of an agent's conversation window.

use super::{agents::SdkFixture, client::SdkClient};
use crate::channels::cable::server::TestServer;
use belfry::server::ConnectionLimits;
use belfry_channels::sdk::Limits;
use belfry_domain::channel::{AgentRole, ConversationNumber};
use serde_json::{Value, json};

/// A socket that has joined a conversation; the frames after the join have been read.
async fn window(server: &TestServer, fixture: &SdkFixture, agent: &str, id: &str) -> SdkClient {
    let mut client = SdkClient::open(server.address, &fixture.jwt(agent)).await;
    client.join(&format!("conversation:{id}"), json!({})).await;
    client.events().await;
    client
}

fn names(frames: &[Value]) -> Vec<&str> {
    frames.iter().map(|frame| frame[3].as_str().unwrap()).collect()
}

fn texts(events: &Value) -> Vec<&str> {
    let text = |event: &Value| if event["type"] == "user_message" { "text" } else { "message" };
    events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["payload"][text(event)].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn join_sends_presence_messages_and_state() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (number, id) = fixture.conversation(&server).await;
    fixture.site.write(number, "hello").await;
    fixture.site.write(number, "anybody?").await;
    let (mut ada, topic) = (
        SdkClient::open(server.address, &fixture.bot_jwt("ada")).await,
        format!("conversation:{id}"),
    );
    let joined = ada.join(&topic, json!({})).await;
    assert_eq!(
        (&joined["conversation"]["id"], &joined["user"]["externalId"]),
        (&json!(id), &json!("app/ada")),
        "{joined}"
    );
    let present = ada.event(&topic, "presence_state").await;
    let (key, metas) = present.as_object().unwrap().iter().next().unwrap();
    assert_eq!(
        (key, &metas["metas"][0]["name"]),
        (&joined["user"]["id"].as_str().unwrap().to_owned(), &json!("ada")),
        "{present}"
    );
    assert!(metas["metas"][0]["phx_ref"].is_string());
    let history = ada.event(&topic, "history").await;
    assert_eq!(
        (texts(&history["events"]), &history["next"]),
        (vec!["anybody?", "hello"], &Value::Null),
        "{history}"
    );
    let event = &history["events"][1];
    assert_eq!(
        (&event["type"], &event["payload"]),
        (&json!("user_message"), &json!({ "type": "text", "text": "hello" })),
        "{event}"
    );
    let meta = ada.event(&topic, "conversation_meta").await;
    assert_eq!(
        (&meta["unread_message_count"], &meta["operator_present"], &meta["last_message"]),
        (&json!(2), &json!(false), &json!("anybody?"))
    );
    assert!(ada.is_silent().await);
}

#[tokio::test]
async fn messages_reach_agents_windows() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (number, id) = fixture.conversation(&server).await;
    let topic = format!("conversation:{id}");
    let (mut ada, mut ben) =
        (window(&server, &fixture, "ada", &id).await, window(&server, &fixture, "ben", &id).await);
    assert_eq!(names(&ada.events().await), ["presence_diff"], "Ben has come");
    fixture.site.write(number, "hello").await;
    for client in [&mut ada, &mut ben] {
        let message = client.event(&topic, "message").await;
        assert_eq!(
            (&message["payload"]["text"], &message["as"]["first_name"]),
            (&json!("hello"), &json!("Ann")),
            "{message}"
        );
        assert_eq!(client.event(&topic, "conversation_meta").await["unread_message_count"], 1);
    }
    let answer = ada
        .request(
            &topic,
            "operator_action",
            json!({ "action": { "type": "text", "payload": { "message": "Hi Ann" } } }),
        )
        .await;
    assert_eq!(answer["events"][0]["payload"], json!({ "message": "Hi Ann" }), "{answer}");
    let message = ben.event(&topic, "message").await;
    assert_eq!(
        (&message["type"], &message["as"]["first_name"]),
        (&json!("text"), &json!("ada")),
        "{message}"
    );
    assert_eq!(message, answer["events"][0]);
    assert!(names(&ada.events().await).contains(&"message"));
    // Notes and activities are for agents.
    ben.events().await;
    ada.request(&topic, "note", json!({ "message": "careful" })).await;
    let note = ben.event(&topic, "message").await;
    assert_eq!(
        (&note["type"], &note["payload"]),
        (&json!("annotation"), &json!({ "type": "note", "message": "careful" })),
        "{note}"
    );
    ben.events().await;
    ada.events().await;
    ada.request(&topic, "close", json!({})).await;
    let events = ben.events().await;
    let done =
        events.iter().find(|frame| frame[3] == "message").unwrap_or_else(|| panic!("{events:?}"));
    assert_eq!(
        (&done[4]["type"], &done[4]["payload"]["type"]),
        (&json!("annotation"), &json!("notification")),
        "{done}"
    );
    assert!(
        events
            .iter()
            .any(|frame| frame[3] == "conversation_meta" && frame[4]["status"] == "closed"),
        "{events:?}"
    );
}

#[tokio::test]
async fn agents_join_and_leave_a_conversation() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (_, id) = fixture.conversation(&server).await;
    let topic = format!("conversation:{id}");
    let (mut ada, mut ben) =
        (window(&server, &fixture, "ada", &id).await, window(&server, &fixture, "ben", &id).await);
    ada.events().await;
    let present = |answer: &Value| answer["conversation"]["operator_present"].clone();
    for (event, payload, is_present) in [
        ("operator_join", json!({}), true),
        ("operator_leave", json!({}), false),
        ("assign", json!({ "to": "me" }), true),
        ("assign", json!({ "to": null }), false),
        ("operator_join", Value::Null, true),
    ] {
        assert_eq!(present(&ada.request(&topic, event, payload).await), is_present, "{event}");
        let events = ada.events().await;
        let meta = events
            .iter()
            .rfind(|frame| frame[3] == "conversation_meta")
            .unwrap_or_else(|| panic!("{events:?}"));
        assert_eq!(meta[4]["operator_present"], is_present, "{event}");
    }
    // An agent can't leave a conversation assigned to somebody else.
    assert_eq!(present(&ben.request(&topic, "operator_leave", json!({})).await), true);
    assert_eq!(
        ben.request(&topic, "watch", json!({ "on": true })).await["conversation"]["watched"],
        true
    );
    assert_eq!(ada.request(&topic, "close", json!({})).await["conversation"]["status"], "closed");
    assert_eq!(ada.request(&topic, "reopen", json!({})).await["conversation"]["status"], "open");
}

#[tokio::test]
async fn typing_reaches_the_other_participants() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (number, id) = fixture.conversation(&server).await;
    let topic = format!("conversation:{id}");
    let colleague =
        fixture.site.colleague("olha@shop.example", AgentRole::Administrator, false).await;
    let (mut ada, mut ben) =
        (window(&server, &fixture, "ada", &id).await, window(&server, &fixture, "ben", &id).await);
    ada.events().await;
    ada.request(&topic, "typing", json!({ "on": true })).await;
    let typing = ben.event(&topic, "typing").await;
    assert_eq!(
        (&typing["payload"], &typing["as"]["first_name"]),
        (&json!(true), &json!("ada")),
        "{typing}"
    );
    ada.request(&topic, "typing", json!({ "on": false })).await;
    assert_eq!(ben.event(&topic, "typing").await["payload"], false);
    assert!(ada.is_silent().await);
    fixture.site.publish_agent_typing(number, &colleague).await;
    assert_eq!(ada.event(&topic, "typing").await["as"]["first_name"], "Olha");
}

#[tokio::test]
async fn agent_marks_messages_as_seen() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (number, id) = fixture.conversation(&server).await;
    fixture.site.write(number, "hello").await;
    let (topic, mut ada) =
        (format!("conversation:{id}"), window(&server, &fixture, "ada", &id).await);
    assert_eq!(ada.request(&topic, "seen", json!({})).await, json!({}));
    let meta = ada.event(&topic, "conversation_meta").await;
    assert_eq!(meta["unread_message_count"], 0, "{meta}");
    assert!(meta["read_until"].is_string());
}

async fn write(fixture: &SdkFixture, number: ConversationNumber, texts: std::ops::Range<u32>) {
    for text in texts {
        fixture.site.write(number, &text.to_string()).await;
    }
}

#[tokio::test]
async fn history_is_paginated_to_the_first_message() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (number, id) = fixture.conversation(&server).await;
    write(&fixture, number, 0..45).await;
    let (mut ada, topic) =
        (SdkClient::open(server.address, &fixture.jwt("ada")).await, format!("conversation:{id}"));
    ada.join(&topic, json!({})).await;
    let events = ada.events().await;
    let mut page = events.iter().find(|frame| frame[3] == "history").unwrap()[4].clone();
    let mut all: Vec<String> = Vec::new();
    loop {
        all.extend(texts(&page["events"]).into_iter().map(str::to_owned));
        if page["next"].is_null() {
            break;
        }
        page = ada.request(&topic, "get_history", json!({ "next": page["next"] })).await;
    }
    assert_eq!(all, (0..45).rev().map(|text| text.to_string()).collect::<Vec<_>>());
    for odd in [json!("x"), json!(7), json!("2026-12-01T08:00:00.000Z#")] {
        let answer = ada.push(&topic, "get_history", json!({ "next": odd })).await;
        assert_eq!(
            answer["response"],
            json!({ "reason": "bad_request", "field": "next" }),
            "{odd}"
        );
    }
}

#[tokio::test]
async fn reconnecting_client_gets_missed_messages() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (number, id) = fixture.conversation(&server).await;
    write(&fixture, number, 0..5).await;
    let (mut ada, topic) =
        (SdkClient::open(server.address, &fixture.jwt("ada")).await, format!("conversation:{id}"));
    ada.join(&topic, json!({})).await;
    let events = ada.events().await;
    let newest = events.iter().find(|frame| frame[3] == "history").unwrap()[4]["events"][0].clone();
    let cursor = format!("{}#{}", newest["time"].as_str().unwrap(), newest["id"].as_str().unwrap());
    drop(ada);
    write(&fixture, number, 5..130).await;
    let mut again = SdkClient::open(server.address, &fixture.jwt("ada")).await;
    again.join(&topic, json!({ "span": { "newest": cursor, "oldest": null } })).await;
    let events = again.events().await;
    let future =
        events.iter().find(|frame| frame[3] == "future").unwrap_or_else(|| panic!("{events:?}"));
    assert_eq!(
        texts(&future[4]["events"]),
        (5..130).rev().map(|text| text.to_string()).collect::<Vec<_>>()
    );
    assert!(!names(&events).contains(&"history"));
    // Nothing was missed, and the next message is sent once.
    let newest = &future[4]["events"][0];
    let cursor = format!("{}#{}", newest["time"].as_str().unwrap(), newest["id"].as_str().unwrap());
    let mut third = SdkClient::open(server.address, &fixture.jwt("ada")).await;
    third.join(&topic, json!({ "span": { "newest": cursor } })).await;
    let events = third.events().await;
    assert_eq!(
        events.iter().find(|frame| frame[3] == "future").unwrap()[4],
        json!({ "events": [] })
    );
    fixture.site.write(number, "at last").await;
    assert_eq!(third.event(&topic, "message").await["payload"]["text"], "at last");
}

#[tokio::test]
async fn viewers_get_presence_changes() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (_, id) = fixture.conversation(&server).await;
    let topic = format!("conversation:{id}");
    let mut ada = window(&server, &fixture, "ada", &id).await;
    let ben = window(&server, &fixture, "ben", &id).await;
    let joined = ada.event(&topic, "presence_diff").await;
    let (key, metas) = joined["joins"].as_object().unwrap().iter().next().unwrap();
    assert_eq!(
        (&metas["metas"][0]["name"], &joined["leaves"]),
        (&json!("ben"), &json!({})),
        "{joined}"
    );
    let reference = metas["metas"][0]["phx_ref"].clone();
    drop(ben);
    let left = ada.event(&topic, "presence_diff").await;
    assert_eq!(
        (&left["leaves"][key]["metas"][0]["phx_ref"], &left["joins"]),
        (&reference, &json!({})),
        "{left}"
    );
}

#[tokio::test]
async fn invalid_pushes_are_answered_with_a_reason() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (_, id) = fixture.conversation(&server).await;
    let (topic, mut ada) =
        (format!("conversation:{id}"), window(&server, &fixture, "ada", &id).await);
    for (event, payload, field) in [
        ("operator_action", json!({}), "action"),
        ("operator_action", json!({ "action": { "type": "dance" } }), "action.type"),
        (
            "operator_action",
            json!({ "action": { "type": "text", "payload": { "message": " " } } }),
            "message",
        ),
        (
            "operator_action",
            json!({ "action": { "type": "text", "payload": { "message": 7 } } }),
            "message",
        ),
        ("note", json!({}), "message"),
        ("typing", json!({}), "on"),
        ("watch", json!({ "on": 1 }), "on"),
        ("assign", json!({}), "to"),
        ("assign", json!({ "to": "ben" }), "to"),
    ] {
        let answer = ada.push(&topic, event, payload.clone()).await;
        assert_eq!(
            answer,
            json!({ "status": "error", "response": { "reason": "bad_request", "field": field } }),
            "{event} {payload}"
        );
    }
    assert_eq!(ada.expect_error(&topic, "user_action", json!({})).await, "unknown_event");
    assert!(ada.is_silent().await);
}

#[tokio::test]
async fn messages_are_limited_per_conversation() {
    let server = TestServer::with_limits(ConnectionLimits::default(), Limits::unlimited()).await;
    let fixture = SdkFixture::open(&server).await;
    let (_, id) = fixture.conversation(&server).await;
    let (topic, mut ada) =
        (format!("conversation:{id}"), window(&server, &fixture, "ada", &id).await);
    // The limit is per clock minute, so a second minute may start meanwhile.
    for count in 0..1_000 {
        let answer = ada.push(&topic, "note", json!({ "message": "one more" })).await;
        ada.events().await;
        if answer["status"] == "error" {
            assert_eq!(answer["response"]["reason"], "too_many_messages");
            assert!(count >= 200, "{count}");
            return;
        }
    }
    panic!("nobody minds");
}

#[tokio::test]
async fn deleted_conversation_ends_its_topic() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let session = fixture.site.session(None, false).await;
    let number = fixture.site.conversation(&session).await;
    let id = super::agents::uuid(&server, &fixture.site, number).await;
    let (topic, mut ada) =
        (format!("conversation:{id}"), window(&server, &fixture, "ada", &id).await);
    fixture.site.erase(&session).await;
    assert_eq!(ada.event(&topic, "error").await, json!({ "reason": "not_found" }));
    assert_eq!(ada.event(&topic, "phx_error").await, json!({}));
    assert_eq!(ada.expect_error(&topic, "phx_join", json!({})).await, "not_found");
}
