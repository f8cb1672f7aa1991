//! `conversations:{bot}` and `visitor:{bot}`: a customer's identity, and the changes of their
//! conversations.

use super::client::{SdkClient, handshake, http};
use crate::channels::{cable::server::TestServer, site::ChannelSite};
use belfry_domain::channel::{AgentRole, ConversationAccess, ConversationNumber, InboxSettings};
use serde_json::{Value, json};

/// Opens a socket as a customer's page does.
pub async fn page(server: &TestServer) -> SdkClient {
    handshake(server.address, "frontend=web_widget&vsn=2.0.0", &[]).await.unwrap()
}

pub fn conversations(site: &ChannelSite) -> String {
    format!("conversations:{}", site.inbox.uuid)
}

/// Joins and requests the list; returns the reply and the presence. The initial presence events are
/// the same for everybody and are skipped.
pub async fn enter(client: &mut SdkClient, site: &ChannelSite, params: Value) -> (Value, Value) {
    let topic = conversations(site);
    let answer = client.join(&topic, params).await;
    let presence = client.event(&topic, "presence_state").await;
    client.request(&topic, "list_conversations", json!({})).await;
    assert_eq!(client.event(&topic, "presence_state").await, presence);
    (answer, presence)
}

pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} of {value}"))
}

async fn list(client: &mut SdkClient, site: &ChannelSite) -> Vec<Value> {
    client.request(&conversations(site), "list_conversations", json!({})).await["conversations"]
        .as_array()
        .unwrap()
        .clone()
}

/// A customer with a session, created by user info.
async fn join_with_info(
    server: &TestServer,
    site: &ChannelSite,
    info: Value,
) -> (SdkClient, String) {
    let mut client = page(server).await;
    let (answer, _) = enter(&mut client, site, json!({})).await;
    client.request(&conversations(site), "put_user_info", json!({ "info": info })).await;
    (client, text(&answer, "delegate_token").to_owned())
}

async fn contacts(site: &ChannelSite, server: &TestServer) -> usize {
    let query = belfry_domain::channel::ContactListQuery {
        text: None,
        sort: belfry_domain::channel::ContactSort::NewestFirst,
        page: 1,
    };
    server.store.channel_contacts(site.id, &query).await.unwrap().contacts.len()
}

#[tokio::test]
async fn page_view_stores_nothing_and_token_restores_the_user() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let mut client = page(&server).await;
    let (answer, presence) = enter(&mut client, &site, json!({})).await;
    assert_eq!((&answer["user"], &presence), (&Value::Null, &json!({})));
    assert!(list(&mut client, &site).await.is_empty());
    assert_eq!(contacts(&site, &server).await, 0, "visitors without a message are not stored");
    // A customer who claimed the user id 42 on another socket before.
    let mut first = page(&server).await;
    let (named, _) = enter(&mut first, &site, json!({ "user_id": "42" })).await;
    assert_eq!(named["user_id"], "42");
    let mut again = page(&server).await;
    let (back, _) = enter(
        &mut again,
        &site,
        json!({ "delegate_token": named["delegate_token"], "reconnect": true }),
    )
    .await;
    assert_eq!(
        (&back["delegate_token"], &back["user_id"], &back["user"]),
        (&named["delegate_token"], &json!("42"), &Value::Null)
    );
    assert_ne!(answer["delegate_token"], named["delegate_token"]);
    assert!(
        text(&answer, "user_id").starts_with("bfu_") && text(&answer, "delegate_token").len() > 40
    );
}

#[tokio::test]
async fn user_info_is_merged_and_creates_the_contact() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let topic = conversations(&site);
    let mut client = page(&server).await;
    let (answer, _) = enter(&mut client, &site, json!({ "user_id": 42 })).await;
    let put = async |client: &mut SdkClient, info: Value| {
        client.request(&topic, "put_user_info", json!({ "info": info })).await
    };
    let response = put(
        &mut client,
        json!({ "first_name": "John", "last_name": "Doe", "visitor_id": "12345" }),
    )
    .await;
    assert_eq!(
        response,
        json!({ "first_name": "John", "last_name": "Doe", "visitor_id": "12345" })
    );
    let response = put(&mut client, json!({ "last_name": "Roe", "email": "John@shop.example", "visitor_id": null, "tags": ["vip"] })).await;
    assert_eq!(
        response,
        json!({ "first_name": "John", "last_name": "Roe", "email": "john@shop.example" })
    );
    assert_eq!(contacts(&site, &server).await, 1);
    let (mut nameless, _) = join_with_info(&server, &site, json!({ "plan": "pro" })).await;
    assert_eq!(
        put(&mut nameless, json!({ "last_name": "Doe" })).await,
        json!({ "plan": "pro", "first_name": "Doe" }),
        "a name that was made up is none"
    );
    let mut again = page(&server).await;
    let (back, _) =
        enter(&mut again, &site, json!({ "delegate_token": answer["delegate_token"] })).await;
    assert_eq!((&back["user"], &back["user_id"]), (&response, &json!("42")));
    assert_eq!(
        client
            .expect_error(&topic, "put_user_info", json!({ "info": { "email": "nobody" } }))
            .await,
        "bad_request"
    );
    assert_eq!(client.expect_error(&topic, "put_user_info", json!({})).await, "bad_request");
    assert_eq!(
        client.expect_error(&topic, "close_conversation", json!({ "g": "main" })).await,
        "not_found"
    );
    assert_eq!(client.expect_error(&topic, "close_conversation", json!({})).await, "bad_request");
    assert_eq!(client.expect_error(&topic, "dance", json!({})).await, "unknown_event");
}

#[tokio::test]
async fn claimed_user_id_opens_no_conversations() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let proven = site.session(Some("42"), true).await;
    let number = site.conversation(&proven).await;
    site.write(number, "secret").await;
    let mut thief = page(&server).await;
    let (answer, presence) = enter(&mut thief, &site, json!({ "user_id": "42" })).await;
    assert_eq!(
        (&answer["user"], &presence),
        (&Value::Null, &json!({})),
        "nothing of the contact is disclosed"
    );
    let request = thief
        .request(
            &conversations(&site),
            "put_user_info",
            json!({ "info": { "first_name": "Thief" } }),
        )
        .await;
    assert_eq!(request, json!({ "first_name": "Thief" }));
    assert!(list(&mut thief, &site).await.is_empty());
    assert_eq!(
        thief
            .expect_error(
                &conversations(&site),
                "close_conversation",
                json!({ "g": number.to_string() })
            )
            .await,
        "not_found"
    );
    site.write(number, "more secrets").await;
    assert!(thief.is_silent().await, "no event is received");
    let contact =
        server.store.channel_contact(site.id, proven.contact.id()).await.unwrap().unwrap();
    assert_eq!(contact.contact.name(), "Ann", "nor changed");
    // The token of the verified session does open them.
    let mut own = page(&server).await;
    let token = proven.session.pubsub_token.as_ref().unwrap().reveal();
    let (answer, presence) = enter(&mut own, &site, json!({ "delegate_token": token })).await;
    assert_eq!((&answer["user_id"], presence.as_object().unwrap().len()), (&json!("42"), 1));
    assert_eq!(list(&mut own, &site).await[0]["last_message"], "more secrets");
}

#[tokio::test]
async fn verifying_inbox_accepts_only_verified_tokens() {
    let server = TestServer::start().await;
    let site =
        server.site_with(InboxSettings { hmac_mandatory: true, ..InboxSettings::default() }).await;
    let topic = conversations(&site);
    let mut client = page(&server).await;
    for params in [json!({}), json!({ "user_id": "42" }), json!({ "delegate_token": "bfc_AAAA" })] {
        assert_eq!(client.expect_error(&topic, "phx_join", params).await, "unauthorized");
    }
    let proven = site.session(Some("42"), true).await;
    let token = proven.session.pubsub_token.as_ref().unwrap().reveal();
    assert_eq!(
        enter(&mut client, &site, json!({ "delegate_token": token })).await.0["user_id"],
        "42"
    );
}

#[tokio::test]
async fn changes_are_pushed_as_presence_except_notes() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let topic = conversations(&site);
    let (mut client, token) = join_with_info(&server, &site, json!({ "first_name": "Ann" })).await;
    let agent = site.colleague("olha@shop.example", AgentRole::Administrator, true).await;
    let open = server.app.inbox_of_uuid(&site.inbox.uuid.to_string()).await.unwrap();
    let session = server
        .app
        .existing_customer(&open, &token)
        .await
        .unwrap()
        .unwrap()
        .session()
        .cloned()
        .unwrap();
    let number = site.conversation(&session).await;
    let begun = client.event(&topic, "presence_diff").await;
    assert_eq!((begun["joins"].as_object().unwrap().len(), &begun["leaves"]), (1, &json!({})));
    let key = begun["joins"].as_object().unwrap().keys().next().unwrap().clone();
    site.reply(number, &agent, "hello", false).await;
    let diffs = client.events().await;
    assert!(
        !diffs.is_empty() && diffs.iter().all(|frame| frame[3] == "presence_diff"),
        "{diffs:?}"
    );
    let (joins, leaves) =
        (&diffs[0][4]["joins"][&key]["metas"][0], &diffs[0][4]["leaves"][&key]["metas"][0]);
    assert_eq!(
        leaves["phx_ref"], begun["joins"][&key]["metas"][0]["phx_ref"],
        "the earlier notice is withdrawn"
    );
    assert_ne!(joins["phx_ref"], leaves["phx_ref"]);
    let listed = list(&mut client, &site).await;
    let [conversation] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!(
        (&conversation["g"], &conversation["status"], &conversation["id"]),
        (&json!("main"), &json!("open"), &json!(key))
    );
    assert_eq!(
        (&conversation["unread_message_count"], &conversation["last_message"]),
        (&json!(1), &json!("hello"))
    );
    site.reply(number, &agent, "between us", true).await;
    let told =
        serde_json::to_string(&(client.events().await, list(&mut client, &site).await)).unwrap();
    assert!(!told.contains("between us"), "{told}");
}

#[tokio::test]
async fn closed_conversation_is_not_the_main_one() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let (mut client, token) = join_with_info(&server, &site, json!({})).await;
    let open = server.app.inbox_of_uuid(&site.inbox.uuid.to_string()).await.unwrap();
    let session = server
        .app
        .existing_customer(&open, &token)
        .await
        .unwrap()
        .unwrap()
        .session()
        .cloned()
        .unwrap();
    let (first, second) = (site.conversation(&session).await, site.conversation(&session).await);
    client.events().await;
    client.request(&conversations(&site), "close_conversation", json!({ "g": "main" })).await;
    client.events().await;
    let called = |listed: &[Value]| {
        listed
            .iter()
            .map(|of| (text(of, "g").to_owned(), text(of, "status").to_owned()))
            .collect::<Vec<_>>()
    };
    let pair = |g: &str, status: &str| (g.to_owned(), status.to_owned());
    assert_eq!(
        called(&list(&mut client, &site).await),
        [pair(&second.to_string(), "closed"), pair("main", "open")]
    );
    let uuid = text(&list(&mut client, &site).await[1], "id").to_owned();
    client.request(&conversations(&site), "close_conversation", json!({ "g": uuid })).await;
    client.events().await;
    assert_eq!(
        called(&list(&mut client, &site).await),
        [pair(&second.to_string(), "closed"), pair(&first.to_string(), "closed")]
    );
    assert_eq!(
        client
            .expect_error(&conversations(&site), "close_conversation", json!({ "g": "main" }))
            .await,
        "not_found"
    );
}

#[tokio::test]
async fn topic_ends_with_its_customer_or_inbox() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let topic = conversations(&site);
    let (mut client, token) = join_with_info(&server, &site, json!({ "first_name": "Ann" })).await;
    let open = server.app.inbox_of_uuid(&site.inbox.uuid.to_string()).await.unwrap();
    let session = server
        .app
        .existing_customer(&open, &token)
        .await
        .unwrap()
        .unwrap()
        .session()
        .cloned()
        .unwrap();
    site.erase(&session).await;
    assert_eq!(client.event(&topic, "error").await["reason"], "not_found");
    client.event(&topic, "phx_error").await;
    // The token of an erased customer starts a new customer.
    let (again, _) = enter(&mut client, &site, json!({ "delegate_token": token })).await;
    assert_eq!(again["user"], Value::Null);
    client.request(&topic, "put_user_info", json!({ "info": { "first_name": "Bea" } })).await;
    assert!(server.store.delete_inbox(site.id, site.inbox.id, server.app.now()).await.unwrap());
    assert_eq!(client.event(&topic, "error").await["reason"], "not_found");
    client.event(&topic, "phx_error").await;
    assert_eq!(
        client.expect_error(&topic, "phx_join", json!({ "delegate_token": token })).await,
        "not_found"
    );
}

#[tokio::test]
async fn new_conversation_gets_the_visitors_page() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let (topic, chat) =
        (format!("visitor:{}", site.inbox.uuid), format!("bot:{}~main", site.inbox.uuid));
    let mut client = page(&server).await;
    let (answer, _) = enter(&mut client, &site, json!({ "user_id": "42" })).await;
    let info = json!({ "first_name": "Ann" });
    let params = json!({ "visitor_id": "42", "user_agent": "shop/1.0", "locale": "en_GB", "timezone": "Europe/Kyiv", "user_info": info });
    assert_eq!(client.join(&topic, params).await, json!({ "visitor_id": "42", "user_id": "42" }));
    let page_view = json!({ "url": "https://shop.example/basket", "title": "Basket" });
    assert_eq!(client.request(&topic, "page_view", page_view).await, json!({}));
    client.request(&topic, "scroll", json!({ "percentage": 50 })).await;
    client.request(&topic, "chat_open", json!({ "open": true })).await;
    assert_eq!(
        client.expect_error(&topic, "page_view", json!({ "url": "nowhere" })).await,
        "bad_request"
    );
    assert_eq!(client.expect_error(&topic, "scroll", json!({})).await, "bad_request");
    assert_eq!(
        client
            .expect_error(&topic, "nudge_response", json!({ "action": "show", "nudge_id": "1" }))
            .await,
        "not_found"
    );
    assert_eq!(
        page(&server).await.expect_error(&topic, "phx_join", json!({})).await,
        "bad_request"
    );
    assert_eq!(contacts(&site, &server).await, 0);
    client.join(&chat, json!({ "delegate_token": answer["delegate_token"] })).await;
    client.event(&chat, "history").await;
    client
        .request(
            &chat,
            "user_action",
            json!({ "type": "user_message", "payload": { "type": "text", "text": "hi" } }),
        )
        .await;
    let view = server
        .store
        .conversation(site.id, ConversationAccess::Site, ConversationNumber(1))
        .await
        .unwrap()
        .unwrap();
    let attributes = Value::Object(view.conversation.additional_attributes);
    let known = json!({ "referer": "https://shop.example/basket", "page_title": "Basket", "browser_language": "en_GB",
        "timezone": "Europe/Kyiv", "user_agent": "shop/1.0" });
    assert_eq!((attributes, view.contact.name().as_str()), (known, "Ann"));
}

/// The HTTP routes and the socket share customers, over a real connection too.
#[tokio::test]
async fn socket_token_works_on_the_http_routes() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let (_client, token) = join_with_info(&server, &site, json!({ "first_name": "Ann" })).await;
    let url = format!("http://{}/api/bot/{}/user/{token}", server.address, site.inbox.uuid);
    let user: Value =
        serde_json::from_str(&http().get(url).send().await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(user, json!({ "first_name": "Ann" }));
}
