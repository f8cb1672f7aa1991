//! The agents' lists.

use super::{
    agents::{SdkFixture, jwt, jwt_with, listed, now},
    client::{SdkClient, handshake},
};
use crate::channels::cable::server::TestServer;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use belfry_domain::channel::{ContactFields, Performer};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn three(event: &str, list: &str, id: &str) -> (String, String, String) {
    (event.to_owned(), list.to_owned(), id.to_owned())
}

#[tokio::test]
async fn join_exchanges_a_jwt_for_a_session() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let mut client = SdkClient::open(server.address, &fixture.bot_jwt("ada")).await;
    let joined = client.join(&fixture.bot_topic(), json!({})).await;
    let user = &joined["user"];
    assert_eq!(
        (&user["externalId"], &user["name"], &user["roles"]),
        (&json!("app/ada"), &json!("ada"), &json!(["agent"])),
        "{joined}"
    );
    assert!(joined["expires_at"].as_u64().unwrap() > now() + 23 * 3_600, "{joined}");
    // A reconnecting client uses the token instead of the JWT, in every place for a credential.
    let token = joined["session_token"].as_str().unwrap();
    let offered = format!("phoenix, base64url.bearer.phx.{}", URL_SAFE_NO_PAD.encode(token));
    for (query, headers) in [
        (format!("vsn=2.0.0&token={token}"), Vec::new()),
        (format!("vsn=2.0.0&jwt={token}"), Vec::new()),
        ("vsn=2.0.0".to_owned(), vec![("sec-websocket-protocol", offered.as_str())]),
    ] {
        let mut again = handshake(server.address, &query, &headers).await.unwrap();
        let rejoined = again.join(&fixture.bot_topic(), json!({})).await;
        assert_eq!(
            (&rejoined["user"], &rejoined["session_token"]),
            (user, &json!(token)),
            "{query}"
        );
    }
}

#[tokio::test]
async fn join_returns_why_a_credential_was_rejected() {
    let server = TestServer::start().await;
    let (office, other) = (SdkFixture::open(&server).await, SdkFixture::open(&server).await);
    let (topic, owner) = (office.topic(), ("environment_id", office.site_key.uuid.as_str()));
    let both =
        jwt_with(&office.site_key.secret, owner, "ada", json!({ "bot_id": office.inbox_key.uuid }));
    let expired = jwt_with(
        &office.site_key.secret,
        owner,
        "ada",
        json!({ "iat": now() - 600, "exp": now() - 300 }),
    );
    let forged = jwt(&other.site_key.secret, owner, "ada");
    for (credential, reason) in [
        (String::new(), "invalid_token"),
        ("x".to_owned(), "invalid_token"),
        ("a.b.c".to_owned(), "invalid_token"),
        (forged, "invalid_token"),
        (expired, "token_expired"),
        (both, "invalid_scope"),
        // Valid, but for another scope.
        (office.bot_jwt("ada"), "unauthorized"),
        (other.jwt("ada"), "unauthorized"),
    ] {
        let mut client = SdkClient::open(server.address, &credential).await;
        assert_eq!(
            client.expect_error(&topic, "phx_join", json!({})).await,
            reason,
            "{credential}"
        );
        // The socket stays open, and the topic isn't joined.
        assert_eq!(
            client.expect_error(&topic, "subscribe", json!({ "inbox": "new" })).await,
            "unmatched topic"
        );
    }
    let mut client = SdkClient::open(server.address, &office.bot_jwt("ada")).await;
    for name in [
        other.bot_topic(),
        format!("inbox:bot:{}", office.site_key.uuid),
        "inbox:bot:x".into(),
        "inbox:environment:".into(),
    ] {
        assert_eq!(
            client.expect_error(&name, "phx_join", json!({})).await,
            "unauthorized",
            "{name}"
        );
    }
}

#[tokio::test]
async fn lists_are_read_and_then_updated() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (first, first_id) = fixture.conversation(&server).await;
    let (mut ada, mut ben) = (
        fixture.agent(&server, "ada").await,
        fixture.lists(&server, "ben", &["mine", "new", "watched"]).await,
    );
    let topic = fixture.topic();
    let list = ada.request(&topic, "subscribe", json!({ "inbox": "new" })).await;
    assert_eq!(
        (&list["seq"], &list["conversations"][0]["id"], &list["is_cut"]),
        (&json!(1), &json!(first_id), &json!(false)),
        "{list}"
    );
    assert_eq!(list["conversations"][0]["bot_id"], fixture.inbox_key.uuid);
    for empty in ["mine", "watched"] {
        assert_eq!(
            ada.request(&topic, "subscribe", json!({ "inbox": empty })).await["conversations"],
            json!([])
        );
    }

    // Ada's conversation leaves every other list before it enters hers.
    let taken =
        ada.push(&topic, "assign", json!({ "conversation_id": first_id, "to_me": true })).await;
    assert_eq!(
        (&taken["status"], &taken["response"]["conversation"]["assignee"]["externalId"]),
        (&json!("ok"), &json!("app/ada")),
        "{taken}"
    );
    let events = ada.events().await;
    assert_eq!(
        listed(&events),
        [three("inbox_remove", "new", &first_id), three("inbox_new", "mine", &first_id)],
        "{events:?}"
    );
    assert_eq!(
        (&events[0][4]["reason"], &events[0][4]["seq"], &events[1][4]["seq"]),
        (&json!("assigned"), &json!(2), &json!(2))
    );
    assert_eq!(listed(&ben.events().await), [three("inbox_remove", "new", &first_id)]);

    // A message changes the lists that contain its conversation.
    fixture.site.write(first, "hello").await;
    let events = ada.events().await;
    assert_eq!(listed(&events), [three("inbox_update", "mine", &first_id)]);
    assert_eq!(
        (
            &events[0][4]["conversation"]["last_message"],
            &events[0][4]["conversation"]["unread_message_count"]
        ),
        (&json!("hello"), &json!(1))
    );
    assert!(ben.is_silent().await);

    // Watching changes only the watcher's list.
    ben.request(&topic, "watch", json!({ "conversation_id": first_id, "on": true })).await;
    let events = ben.events().await;
    assert_eq!(
        (listed(&events), &events[0][4]["conversation"]["watched"]),
        (vec![three("inbox_new", "watched", &first_id)], &json!(true))
    );
    let events = ada.events().await;
    assert!(events.iter().all(|frame| frame[4]["conversation"]["watched"] == false), "{events:?}");

    // A closed conversation leaves every list, and a reopened one returns.
    ada.request(&topic, "close", json!({ "conversation_id": first_id })).await;
    let events = ada.events().await;
    assert_eq!(
        (listed(&events), &events[0][4]["reason"]),
        (vec![three("inbox_remove", "mine", &first_id)], &json!("closed"))
    );
    assert_eq!(listed(&ben.events().await), [three("inbox_remove", "watched", &first_id)]);
    ada.request(&topic, "reopen", json!({ "conversation_id": first_id })).await;
    assert_eq!(listed(&ada.events().await), [three("inbox_new", "mine", &first_id)]);
    assert_eq!(listed(&ben.events().await), [three("inbox_new", "watched", &first_id)]);
    ben.request(&topic, "watch", json!({ "conversation_id": first_id, "on": false })).await;
    let events = ben.events().await;
    assert_eq!(
        (listed(&events), &events[0][4]["reason"]),
        (vec![three("inbox_remove", "watched", &first_id)], &json!("unwatched"))
    );

    // Unsubscribes from one list; a new conversation then reaches subscribers only.
    ben.request(&topic, "unsubscribe", json!({ "inbox": "new" })).await;
    ada.events().await;
    let (_, second_id) = fixture.conversation(&server).await;
    assert_eq!(listed(&ada.events().await), [three("inbox_new", "new", &second_id)]);
    assert!(ben.is_silent().await);
    ada.request(&topic, "assign", json!({ "conversation_id": first_id, "to_me": false })).await;
    assert_eq!(
        listed(&ada.events().await),
        [three("inbox_remove", "mine", &first_id), three("inbox_new", "new", &first_id)]
    );
}

#[tokio::test]
async fn reply_precedes_the_events_it_causes() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (_, id) = fixture.conversation(&server).await;
    let mut ada = fixture.lists(&server, "ada", &["new", "mine"]).await;
    for _ in 0..10 {
        for to_me in [true, false] {
            // The reply must be the next frame.
            ada.request(
                &fixture.topic(),
                "assign",
                json!({ "conversation_id": id, "to_me": to_me }),
            )
            .await;
            assert_eq!(ada.events().await.len(), 2);
        }
    }
}

#[tokio::test]
async fn invalid_pushes_are_answered_with_a_reason() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (_, id) = fixture.conversation(&server).await;
    let (mut ada, topic) = (fixture.agent(&server, "ada").await, fixture.topic());
    for (event, payload, field) in [
        ("subscribe", json!({}), "inbox"),
        ("subscribe", json!({ "inbox": "all" }), "inbox"),
        ("subscribe", json!([]), "inbox"),
        ("unsubscribe", json!({ "inbox": 1 }), "inbox"),
        ("open", json!({}), "conversation_id"),
        ("assign", json!({ "conversation_id": id }), "to_me"),
        ("assign", json!({ "to_me": true }), "conversation_id"),
        ("watch", json!({ "conversation_id": id, "on": "yes" }), "on"),
        ("start_conversation", json!({ "channel_id": "x" }), "address"),
        ("start_conversation", json!({ "address": "x" }), "channel_id"),
    ] {
        let answer = ada.push(&topic, event, payload.clone()).await;
        assert_eq!(
            answer,
            json!({ "status": "error", "response": { "reason": "bad_request", "field": field } }),
            "{event} {payload}"
        );
    }
    for (event, payload, reason) in [
        ("shout", json!({}), "unknown_event"),
        ("", Value::Null, "unknown_event"),
        ("close", json!({ "conversation_id": "x" }), "not_found"),
        ("close", json!({ "conversation_id": fixture.site_key.uuid }), "not_found"),
        ("start_conversation", json!({ "channel_id": "x", "address": "x" }), "unknown_channel"),
        (
            "start_conversation",
            json!({ "channel_id": fixture.inbox_key.uuid, "address": "x" }),
            "not_initiateable",
        ),
    ] {
        assert_eq!(
            ada.expect_error(&topic, event, payload.clone()).await,
            reason,
            "{event} {payload}"
        );
    }
    assert_eq!(
        ada.request(&topic, "list_initiateable_channels", json!({})).await,
        json!({ "channels": [] })
    );
}

#[tokio::test]
async fn window_code_is_valid_once() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (_, id) = fixture.conversation(&server).await;
    let (_, other) = fixture.conversation(&server).await;
    let mut ada = fixture.agent(&server, "ada").await;
    let opened =
        ada.request(&fixture.topic(), "open", json!({ "conversation_id": id, "lang": "uk" })).await;
    let url = opened["url"].as_str().unwrap();
    let code = url
        .strip_prefix(&format!("/inbox/embed/{id}?lang=uk#t="))
        .unwrap_or_else(|| panic!("{url}"));
    let (_, token) = server.app.exchange_window_code(id.parse().unwrap(), code).await.unwrap();
    assert!(server.app.exchange_window_code(id.parse().unwrap(), code).await.is_err());
    // The window's session sees its conversation only.
    let mut window = SdkClient::open(server.address, token.reveal()).await;
    assert_eq!(window.expect_error(&fixture.topic(), "phx_join", json!({})).await, "unauthorized");
    assert_eq!(
        window.expect_error(&format!("conversation:{other}"), "phx_join", json!({})).await,
        "not_found"
    );
    assert_eq!(
        window.join(&format!("conversation:{id}"), json!({})).await["user"]["externalId"],
        "app/ada"
    );
    let odd = ada
        .request(&fixture.topic(), "open", json!({ "conversation_id": id, "lang": "\"><script>" }))
        .await;
    assert!(odd["url"].as_str().unwrap().contains("?lang=en#t="), "{odd}");
}

#[tokio::test]
async fn revoked_key_ends_its_topics_within_a_second() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (_, id) = fixture.conversation(&server).await;
    let (topic, conversation) = (fixture.topic(), format!("conversation:{id}"));
    let mut ada = fixture.lists(&server, "ada", &["new"]).await;
    ada.join(&conversation, json!({})).await;
    ada.events().await;
    let mut other = SdkClient::open(server.address, &fixture.bot_jwt("ben")).await;
    other.join(&fixture.bot_topic(), json!({})).await;
    let began = Instant::now();
    assert!(server.app.revoke_sdk_key(fixture.site.id, fixture.site_key.key.id).await.unwrap());
    let mut told = Vec::new();
    while told.len() < 4 {
        told.push(ada.next().await);
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    for name in [&topic, &conversation] {
        let of_topic: Vec<_> = told
            .iter()
            .filter(|frame| frame[2] == **name)
            .map(|frame| (&frame[3], &frame[4]["reason"]))
            .collect();
        // The client rejoins, and gets the reason.
        assert_eq!(
            of_topic,
            [(&json!("error"), &json!("token_expired")), (&json!("phx_error"), &Value::Null)],
            "{told:?}"
        );
        assert_eq!(ada.expect_error(name, "phx_join", json!({})).await, "token_expired");
    }
    fixture.conversation(&server).await;
    assert!(ada.is_silent().await && other.is_silent().await, "the other key is unchanged");
    assert_eq!(other.request(&fixture.bot_topic(), "subscribe", json!({ "inbox": "new" })).await["conversations"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn contact_changes_and_erasure_update_lists() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let session = fixture.site.session(None, false).await;
    let number = fixture.site.conversation(&session).await;
    let (_, other) = fixture.conversation(&server).await;
    let mut ada = fixture.lists(&server, "ada", &["new", "mine"]).await;
    let fields = ContactFields { name: Some(Some("Zoe".into())), ..ContactFields::default() };
    let now = server.app.now();
    server
        .store
        .update_channel_contact(
            fixture.site.id,
            session.contact.id(),
            &fields,
            &Performer::System,
            now,
        )
        .await
        .unwrap()
        .unwrap();
    let events = ada.events().await;
    let id = super::agents::uuid(&server, &fixture.site, number).await;
    assert_eq!(
        (listed(&events), &events[0][4]["conversation"]["contact"]["name"]),
        (vec![three("inbox_update", "new", &id)], &json!("Zoe"))
    );
    fixture.site.erase(&session).await;
    let events = ada.events().await;
    let left: Vec<_> = events
        .iter()
        .filter(|frame| frame[3] == "inbox_sync" && frame[4]["inbox"] == "new")
        .collect();
    let ids: Vec<_> = left.last().unwrap()[4]["conversations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(ids, [json!(other)], "{events:?}");
}

#[tokio::test]
async fn second_join_replaces_the_first() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (topic, mut ada) = (fixture.topic(), fixture.lists(&server, "ada", &["new"]).await);
    ada.send(&json!(["7", "7", topic, "phx_join", {}])).await;
    assert_eq!(ada.next().await, json!(["1", null, topic, "phx_close", {}]));
    assert_eq!(ada.next().await[4]["status"], "ok");
    // A frame with the old `join_ref` is answered like one for an unjoined topic, and changes
    // nothing.
    assert_eq!(
        ada.expect_error(&topic, "subscribe", json!({ "inbox": "new" })).await,
        "unmatched topic"
    );
    assert_eq!(
        ada.push(&topic, "phx_leave", json!({})).await,
        json!({ "status": "ok", "response": {} })
    );
    fixture.conversation(&server).await;
    assert!(ada.is_silent().await, "the subscriptions of the first join are dropped");
    ada.send(&json!(["7", "8", topic, "subscribe", { "inbox": "new" }])).await;
    let answer = ada.next().await;
    assert_eq!((&answer[1], &answer[4]["response"]["seq"]), (&json!("8"), &json!(1)), "{answer}");
}

#[tokio::test]
async fn left_topic_receives_nothing() {
    let server = TestServer::start().await;
    let fixture = SdkFixture::open(&server).await;
    let (topic, mut ada) = (fixture.topic(), fixture.lists(&server, "ada", &["new"]).await);
    assert_eq!(
        ada.push(&topic, "phx_leave", json!({})).await,
        json!({ "status": "ok", "response": {} })
    );
    assert_eq!(ada.next().await, json!(["1", null, topic, "phx_close", {}]));
    fixture.conversation(&server).await;
    assert!(ada.is_silent().await);
    assert_eq!(
        ada.expect_error(&topic, "subscribe", json!({ "inbox": "new" })).await,
        "unmatched topic"
    );
    ada.join(&topic, json!({})).await;
}
