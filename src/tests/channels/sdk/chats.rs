//! `bot:{bot}~{g}`: a customer's conversation, from both sides.

use super::{
    client::{SdkClient, http},
    customers::{enter, page, text},
};
use crate::channels::{cable::server::TestServer, site::ChannelSite};
use belfry_domain::channel::{
    AgentRole, ConversationAccess, ConversationNumber, InboxSettings, MessageWindow,
};
use serde_json::{Value, json};

fn chat(site: &ChannelSite, g: &str) -> String {
    format!("bot:{}~{g}", site.inbox.uuid)
}

fn text_action(content: &str) -> Value {
    json!({ "type": "user_message", "payload": { "type": "text", "text": content } })
}

/// A customer whose main conversation has a first message; all frames about it have been read.
struct ChatFixture {
    server: TestServer,
    site: ChannelSite,
    client: SdkClient,
    token: String,
    topic: String,
}

const NUMBER: ConversationNumber = ConversationNumber(1);

impl ChatFixture {
    async fn begin() -> Self {
        Self::with(InboxSettings::default()).await
    }

    async fn with(settings: InboxSettings) -> Self {
        let server = TestServer::start().await;
        let site = server.site_with(settings).await;
        let topic = chat(&site, "main");
        let mut client = page(&server).await;
        let answer = client.join(&topic, json!({ "user_id": "42" })).await;
        assert_eq!((&answer["conversation"], &answer["user_id"]), (&Value::Null, &json!("42")));
        assert_eq!(client.event(&topic, "history").await, json!({ "events": [], "next": null }));
        let response = client.request(&topic, "user_action", text_action("hello")).await;
        assert_eq!(
            (&response["event"]["type"], &response["event"]["payload"]["text"]),
            (&json!("user_message"), &json!("hello"))
        );
        client.events().await;
        Self { token: text(&answer, "delegate_token").to_owned(), server, site, client, topic }
    }

    /// Another page of the same customer.
    async fn another(&self, g: &str, params: Value) -> (SdkClient, Vec<Value>) {
        let mut client = page(&self.server).await;
        let mut params = params;
        params["delegate_token"] = json!(self.token);
        client.join(&chat(&self.site, g), params).await;
        let frames = client.events().await;
        (client, frames)
    }
}

fn named<'a>(frames: &'a [Value], event: &str) -> Vec<&'a Value> {
    frames.iter().filter(|frame| frame[3] == event).map(|frame| &frame[4]).collect()
}

fn texts(events: &Value) -> Vec<&str> {
    events
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| {
            event["payload"]["message"].as_str().or_else(|| event["payload"]["text"].as_str())
        })
        .collect()
}

#[tokio::test]
async fn messages_reach_the_other_side_only() {
    let mut chat = ChatFixture::begin().await;
    let agent = chat.site.colleague("olha@shop.example", AgentRole::Administrator, true).await;
    let (mut tab, _) = chat.another("main", json!({})).await;
    chat.client.request(&chat.topic, "user_action", text_action("where is my order?")).await;
    assert!(
        named(&chat.client.events().await, "message").is_empty(),
        "the page's own messages are not echoed"
    );
    let events = tab.events().await;
    assert_eq!(named(&events, "message")[0]["payload"]["text"], "where is my order?");
    chat.site.publish_agent_typing(NUMBER, &agent).await;
    let typing = chat.client.event(&chat.topic, "typing").await;
    assert_eq!((&typing["payload"], &typing["as"]["first_name"]), (&json!(true), &json!("Olha")));
    chat.site.reply(NUMBER, &agent, "It leaves today.", false).await;
    let events = chat.client.events().await;
    let message = named(&events, "message")[0];
    assert_eq!(
        (&message["type"], &message["payload"]),
        (&json!("text"), &json!({ "message": "It leaves today." }))
    );
    let meta = named(&events, "conversation_meta");
    assert_eq!(
        (&meta.last().unwrap()["unread_message_count"], &meta.last().unwrap()["g"]),
        (&json!(0), &json!("main")),
        "an open chat is marked as read"
    );
    let view = chat
        .server
        .store
        .conversation(chat.site.id, ConversationAccess::Site, NUMBER)
        .await
        .unwrap()
        .unwrap();
    assert!(view.conversation.contact_last_seen_at.is_some());
}

#[tokio::test]
async fn notes_and_activities_never_reach_the_customer() {
    let mut chat = ChatFixture::begin().await;
    let agent = chat.site.colleague("olha@shop.example", AgentRole::Administrator, true).await;
    chat.site.reply(NUMBER, &agent, "between us", true).await;
    let assign = belfry_domain::channel::ConversationChange {
        assignee: Some(Some(agent.agent.id)),
        ..Default::default()
    };
    chat.site.update(NUMBER, &agent, assign).await;
    chat.site.reply(NUMBER, &agent, "hello", false).await;
    chat.site.resolve(NUMBER, &agent).await;
    let events = chat.client.events().await;
    let said: Vec<&Value> = named(&events, "message")
        .into_iter()
        .map(|message| &message["payload"]["message"])
        .collect();
    assert_eq!(said, [&json!("hello")]);
    let metas = named(&events, "conversation_meta");
    assert!(
        metas.iter().any(|meta| meta["operator_present"] == true)
            && metas.last().unwrap()["status"] == "closed"
    );
    let (mut other, frames) = chat.another("1", json!({})).await;
    let history = named(&frames, "history")[0];
    assert_eq!(texts(&history["events"]), ["hello", "hello"], "newest first");
    let told = serde_json::to_string(&(events, frames, other.events().await)).unwrap();
    for secret in ["between us", "assigned", "resolved by", "olha@shop.example"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}

#[tokio::test]
async fn history_is_paginated_and_rejoin_sends_missed_messages() {
    let chat = ChatFixture::begin().await;
    let agent = chat.site.colleague("olha@shop.example", AgentRole::Administrator, true).await;
    for number in 0..30 {
        chat.site.reply(NUMBER, &agent, &format!("word {number}"), false).await;
    }
    let (mut client, frames) = chat.another("main", json!({})).await;
    let history = named(&frames, "history")[0];
    assert_eq!((texts(&history["events"]).len(), texts(&history["events"])[0]), (20, "word 29"));
    let more = client.request(&chat.topic, "get_history", json!({ "next": history["next"] })).await;
    assert_eq!(
        (texts(&more["events"])[0], more["events"].as_array().unwrap().len(), &more["next"]),
        ("word 9", 11, &Value::Null)
    );
    for odd in [json!({}), json!({ "next": "x" }), json!({ "next": 7 })] {
        assert_eq!(client.expect_error(&chat.topic, "get_history", odd).await, "bad_request");
    }
    let newest =
        format!("{}#{}", text(&history["events"][0], "time"), text(&history["events"][0], "id"));
    for number in 30..150 {
        chat.site.reply(NUMBER, &agent, &format!("word {number}"), false).await;
    }
    let (_, frames) = chat
        .another("main", json!({ "span": { "newest": newest, "oldest": null }, "reconnect": true }))
        .await;
    assert!(named(&frames, "history").is_empty());
    let missed = texts(&named(&frames, "future")[0]["events"]);
    assert_eq!((missed.len(), missed[0], missed[119]), (120, "word 30", "word 149"));
}

#[tokio::test]
async fn message_reopens_a_closed_conversation_on_its_page_only() {
    let mut chat = ChatFixture::begin().await;
    let agent = chat.site.colleague("olha@shop.example", AgentRole::Administrator, true).await;
    chat.site.resolve(NUMBER, &agent).await;
    let (mut next, frames) = chat.another("main", json!({})).await;
    assert_eq!(*named(&frames, "history")[0], json!({ "events": [], "next": null }));
    next.request(&chat.topic, "user_action", text_action("something else")).await;
    chat.client.events().await;
    chat.client.request(&chat.topic, "user_action", text_action("not yet")).await;
    let of = async |number| {
        let window = MessageWindow { public: true, ..MessageWindow::default() };
        let list = chat
            .server
            .store
            .conversation_messages(
                chat.site.id,
                ConversationAccess::Site,
                ConversationNumber(number),
                window,
            )
            .await;
        list.unwrap()
            .unwrap()
            .messages
            .into_iter()
            .map(|message| message.content.unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (of(1).await, of(2).await),
        (vec!["hello".to_owned(), "not yet".to_owned()], vec!["something else".to_owned()])
    );
}

#[tokio::test]
async fn single_conversation_inbox_reuses_it() {
    let chat = ChatFixture::with(InboxSettings {
        lock_to_single_conversation: true,
        ..InboxSettings::default()
    })
    .await;
    let agent = chat.site.colleague("olha@shop.example", AgentRole::Administrator, true).await;
    chat.site.resolve(NUMBER, &agent).await;
    let (mut next, frames) = chat.another("main", json!({})).await;
    assert_eq!(texts(&named(&frames, "history")[0]["events"]), ["hello"]);
    next.request(&chat.topic, "user_action", text_action("again")).await;
    let view = chat
        .server
        .store
        .conversation(chat.site.id, ConversationAccess::Site, ConversationNumber(2))
        .await
        .unwrap();
    assert!(view.is_err(), "there is only one");
}

#[tokio::test]
async fn greeting_reaches_the_page_that_started() {
    let server = TestServer::start().await;
    let settings = InboxSettings {
        greeting_enabled: true,
        greeting_message: Some("Welcome!".into()),
        ..InboxSettings::default()
    };
    let site = server.site_with(settings).await;
    let (mut client, topic) = (page(&server).await, chat(&site, "main"));
    client.join(&topic, json!({})).await;
    client.event(&topic, "history").await;
    client.request(&topic, "user_action", text_action("hello")).await;
    let events = client.events().await;
    assert_eq!(
        named(&events, "message")
            .iter()
            .map(|message| &message["payload"]["message"])
            .collect::<Vec<_>>(),
        [&json!("Welcome!")]
    );
}

#[tokio::test]
async fn file_is_uploaded_then_sent() {
    let mut chat = ChatFixture::begin().await;
    let place =
        chat.client.request(&chat.topic, "get_upload_url", json!({ "type": "image/png" })).await;
    let mut picture = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(image::RgbImage::new(2, 2))
        .write_to(&mut picture, image::ImageFormat::Png)
        .unwrap();
    let picture = picture.into_inner();
    // The URL has the server's public origin, which differs from its test address.
    let (upload, public) = (text(&place, "upload_url"), text(&place, "public_url"));
    let put =
        || http().put(upload).header("content-type", "image/png").body(picture.clone()).send();
    assert_eq!(put().await.unwrap().status(), 200);
    assert_eq!(put().await.unwrap().status(), 404, "it was already uploaded");
    let attach = |url: &str| json!({ "type": "attachment", "payload": { "type": "image", "url": url, "caption": "my order.png" } });
    let response = chat.client.request(&chat.topic, "user_action", attach(public)).await;
    let payload = &response["event"]["payload"];
    assert_eq!(
        (&response["event"]["type"], &payload["type"], &payload["caption"]),
        (&json!("user_attachment"), &json!("image"), &json!("my order.png"))
    );
    let fetched = http().get(public).send().await.unwrap();
    assert_eq!(
        (fetched.status().as_u16(), fetched.bytes().await.unwrap().to_vec()),
        (200, picture),
        "also by the earlier address"
    );
    chat.client.events().await;
    for odd in [public, "https://shop.example/x.png", "javascript:alert(1)", &format!("{public}0")]
    {
        assert_eq!(
            chat.client.expect_error(&chat.topic, "user_action", attach(odd)).await,
            "bad_request",
            "{odd}"
        );
        assert_eq!(chat.client.event(&chat.topic, "invalid_file").await["url"], odd);
    }
}

#[tokio::test]
async fn invalid_actions_are_rejected_and_locations_accepted() {
    let mut chat = ChatFixture::begin().await;
    let place = json!({ "type": "user_location", "payload": { "lat": 50.45, "lon": 30.52 } });
    let response = chat.client.request(&chat.topic, "user_action", place).await;
    assert_eq!(response["event"]["payload"], json!({ "lat": 50.45, "lon": 30.52 }));
    for (event, payload) in [
        ("user_action", json!({ "type": "message", "payload": "as a text" })),
        ("user_action", json!({ "type": "typing", "payload": true })),
        ("typing", json!({ "on": false })),
        ("seen", json!({})),
    ] {
        // Events of earlier actions come first.
        chat.client.events().await;
        chat.client.request(&chat.topic, event, payload).await;
    }
    chat.client.events().await;
    for (odd, reason) in [
        (json!({}), "bad_request"),
        (json!({ "type": "user_message" }), "bad_request"),
        (json!({ "type": "user_message", "payload": { "text": " " } }), "bad_request"),
        (json!({ "type": "user_location", "payload": { "lat": 91, "lon": 0 } }), "bad_request"),
        (json!({ "type": "typing", "payload": "yes" }), "bad_request"),
        (json!({ "type": "event", "payload": { "name": "$link_click" } }), "unknown_event"),
        (json!({ "type": "operator_join", "payload": {} }), "unknown_event"),
    ] {
        assert_eq!(
            chat.client.expect_error(&chat.topic, "user_action", odd.clone()).await,
            reason,
            "{odd}"
        );
    }
    for event in ["operator_action", "operator_join", "note", "assign"] {
        assert_eq!(chat.client.expect_error(&chat.topic, event, json!({})).await, "unknown_event");
    }
}

#[tokio::test]
async fn waiting_page_joins_a_conversation_started_elsewhere() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let (mut bubble, mut frame) = (page(&server).await, page(&server).await);
    let (answer, _) = enter(&mut bubble, &site, json!({})).await;
    let topic = chat(&site, "main");
    frame.join(&topic, json!({ "delegate_token": answer["delegate_token"] })).await;
    frame.event(&topic, "history").await;
    frame.request(&topic, "user_action", text_action("hello")).await;
    // The bubble had no session to subscribe to; it notices the session at the next tick.
    let event = bubble.event(&format!("conversations:{}", site.inbox.uuid), "presence_diff").await;
    assert_eq!(event["joins"].as_object().unwrap().len(), 1);
}
