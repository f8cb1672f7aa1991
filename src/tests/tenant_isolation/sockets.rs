//! The sockets of the Inbox SDK: foreign objects are answered like unknown ones, byte for byte, and
//! their events aren't received.

use crate::channels::{
    cable::server::TestServer,
    sdk::{
        agents::{SdkFixture, jwt, uuid},
        client::SdkClient,
    },
    site::ChannelSite,
};
use belfry::server::ConnectionLimits;
use belfry_channels::sdk::Limits;
use belfry_domain::{
    SigningSecret, SystemRng,
    channel::{
        ChannelToken, ConversationAccess, ConversationId, InboxIdentifier, InboxSecrets,
        InboxSettings, InboxUuid, NewInbox,
    },
};
use serde_json::{Value, json};

/// Each event of a list topic that names a conversation or a channel, with the rest of its payload.
const OF_LISTS: &[(&str, &str, &str)] = &[
    ("open", "conversation_id", r"{}"),
    ("assign", "conversation_id", r#"{"to_me":true}"#),
    ("assign", "conversation_id", r#"{"to_me":false}"#),
    ("watch", "conversation_id", r#"{"on":true}"#),
    ("watch", "conversation_id", r#"{"on":false}"#),
    ("close", "conversation_id", r"{}"),
    ("reopen", "conversation_id", r"{}"),
    ("start_conversation", "channel_id", r#"{"address":"+15550001111"}"#),
];

/// Each event of a conversation topic.
const OF_CONVERSATIONS: &[(&str, &str)] = &[
    ("operator_join", "{}"),
    ("operator_leave", "{}"),
    ("operator_action", r#"{"action":{"type":"text","payload":{"message":"mine"}}}"#),
    ("note", r#"{"message":"mine"}"#),
    ("typing", r#"{"on":true}"#),
    ("seen", "{}"),
    ("assign", r#"{"to":"me"}"#),
    ("close", "{}"),
    ("reopen", "{}"),
    ("watch", r#"{"on":true}"#),
    ("get_history", "{}"),
    ("get_upload_url", r#"{"type":"image/png"}"#),
];

/// Adds a second inbox to a site; returns a JWT of an agent with access to it only, and the agent's
/// topic.
async fn other_inbox(server: &TestServer, site: &ChannelSite) -> (String, String) {
    let secrets = InboxSecrets {
        hmac_token: ChannelToken::generate(&SystemRng),
        callback_secret: SigningSecret::generate(&SystemRng),
    };
    let inbox = NewInbox {
        site: site.id,
        uuid: InboxUuid::generate(&SystemRng),
        identifier: InboxIdentifier::generate(&SystemRng),
        settings: InboxSettings { name: "Another".into(), ..InboxSettings::default() },
        secrets,
    };
    let inbox = server.store.create_inbox(&inbox, server.app.now()).await.unwrap().unwrap();
    let key = server.app.create_sdk_key(site.id, Some(inbox.id), "another").await.unwrap();
    (jwt(&key.secret, ("bot_id", &key.uuid), "eve"), format!("inbox:bot:{}", key.uuid))
}

fn without(answer: &Value, id: &str) -> String {
    answer.to_string().replace(id, "ID")
}

#[tokio::test]
async fn foreign_topics_are_answered_like_unknown_ones() {
    let server = TestServer::with_limits(ConnectionLimits::default(), Limits::unlimited()).await;
    let (owner, stranger) = (SdkFixture::open(&server).await, SdkFixture::open(&server).await);
    let (number, anothers) = owner.conversation(&server).await;
    let mut owners = owner.lists(&server, "ada", &["new", "mine", "watched"]).await;
    let mut window = SdkClient::open(server.address, &owner.jwt("ben")).await;
    window.join(&format!("conversation:{anothers}"), json!({})).await;
    window.events().await;
    let before = server
        .store
        .conversation(owner.site.id, ConversationAccess::Site, number)
        .await
        .unwrap()
        .unwrap();
    let nobodys = ConversationId::generate(&SystemRng).to_string();
    let (of_another_inbox, other_topic) = other_inbox(&server, &owner.site).await;
    let strangers = [
        (stranger.jwt("eve"), stranger.topic()),
        (stranger.bot_jwt("eve"), stranger.bot_topic()),
        // Of the same site, and of another inbox.
        (of_another_inbox, other_topic),
    ];
    for (credential, topic) in &strangers {
        let mut eve = SdkClient::open(server.address, credential).await;
        eve.join(topic, json!({})).await;
        for list in ["new", "mine", "watched"] {
            assert_eq!(
                eve.request(topic, "subscribe", json!({ "inbox": list })).await["conversations"],
                json!([]),
                "{topic}"
            );
        }
        for (event, member, rest) in OF_LISTS {
            let mut ask = async |id: &str| {
                let mut payload: Value = serde_json::from_str(rest).unwrap();
                payload[*member] = id.into();
                eve.push(topic, event, payload).await
            };
            let foreign = if *member == "channel_id" { &owner.inbox_key.uuid } else { &anothers };
            let (of_another, of_nobody) = (ask(foreign).await, ask(&nobodys).await);
            assert_eq!(of_another["status"], "error", "{topic} {event}");
            assert_eq!(
                without(&of_another, foreign),
                without(&of_nobody, &nobodys),
                "{topic} {event}"
            );
        }
        for (event, payload) in std::iter::once(&("phx_join", "{}")).chain(OF_CONVERSATIONS) {
            let mut ask = async |id: &str| {
                eve.push(
                    &format!("conversation:{id}"),
                    event,
                    serde_json::from_str(payload).unwrap(),
                )
                .await
            };
            let (of_another, of_nobody) = (ask(&anothers).await, ask(&nobodys).await);
            assert_eq!(
                (&of_another["status"], &of_another),
                (&json!("error"), &of_nobody),
                "{topic} {event}"
            );
        }
        for (of_another, of_nobody) in [
            (owner.topic(), format!("inbox:environment:{nobodys}")),
            (owner.bot_topic(), format!("inbox:bot:{nobodys}")),
        ] {
            let (foreign, missing) = (
                eve.push(&of_another, "phx_join", json!({})).await,
                eve.push(&of_nobody, "phx_join", json!({})).await,
            );
            assert_eq!((&foreign["status"], &foreign), (&json!("error"), &missing), "{of_another}");
        }
        // Events of the foreign conversation are not received.
        owner.site.write(number, "zanzibar").await;
        assert!(eve.is_silent().await, "{topic}");
    }
    let after = server
        .store
        .conversation(owner.site.id, ConversationAccess::Site, number)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (after.conversation.status, after.conversation.assignee, &after.conversation.watchers),
        (before.conversation.status, None, &Vec::new())
    );
    assert_eq!(after.conversation.agent_last_seen_at, before.conversation.agent_last_seen_at);
    let events = owners.events().await;
    assert!(events.iter().all(|frame| frame[3] == "inbox_update"), "{events:?}");
    let events = window.events().await;
    assert!(
        events.iter().all(|frame| frame[3] == "message" || frame[3] == "conversation_meta"),
        "{events:?}"
    );
    assert_eq!(uuid(&server, &owner.site, number).await, anothers);
}

#[tokio::test]
async fn socket_may_join_only_its_own_topics() {
    let server = TestServer::start().await;
    let (owner, stranger) = (SdkFixture::open(&server).await, SdkFixture::open(&server).await);
    let (_, own) = stranger.conversation(&server).await;
    let (_, anothers) = owner.conversation(&server).await;
    let mut eve = SdkClient::open(server.address, &stranger.jwt("eve")).await;
    eve.join(&format!("conversation:{own}"), json!({})).await;
    eve.events().await;
    // Permissions of one topic don't apply to another.
    let answer = eve
        .expect_error(&format!("conversation:{anothers}"), "note", json!({ "message": "mine" }))
        .await;
    assert_eq!(answer, "unmatched topic");
}
