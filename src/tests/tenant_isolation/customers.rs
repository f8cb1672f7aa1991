//! Customers of the Inbox SDK: on each route and topic, an object of another session, inbox or site
//! is answered like an unknown one.

use super::MARK;
use crate::channels::{
    cable::server::TestServer,
    sdk::{
        client::{SdkClient, http},
        customers::page,
    },
    site::ChannelSite,
};
use belfry_domain::channel::{ConversationId, InboxSettings, SessionView};
use serde_json::{Value, json};

const UNKNOWN_NUMBER: &str = "999";
const UNKNOWN_UUID: &str = "0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4";

fn token(session: &SessionView) -> String {
    session.session.pubsub_token.as_ref().unwrap().reveal().to_owned()
}

/// A customer's conversation, and the tokens of outsiders.
struct CustomerFixture {
    server: TestServer,
    site: ChannelSite,
    other_site: ChannelSite,
    owner: SessionView,
    number: String,
    uuid: ConversationId,
    stranger_params: Vec<(&'static str, Value)>,
}

impl CustomerFixture {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let (site, other_site) =
            (server.site().await, server.site_with(InboxSettings::default()).await);
        let owner = site.session(Some("42"), true).await;
        let number = site.conversation(&owner).await;
        site.write(number, MARK).await;
        let view = server
            .store
            .conversation(site.id, belfry_domain::channel::ConversationAccess::Site, number)
            .await
            .unwrap()
            .unwrap();
        // An unverified session of the same contact, a session of another contact in the same
        // inbox, and one of another site.
        let (claimed, other, foreign) = (
            site.session(Some("42"), false).await,
            site.session(Some("43"), true).await,
            other_site.session(Some("42"), true).await,
        );
        let open = server.app.inbox_of_uuid(&site.inbox.uuid.to_string()).await.unwrap();
        let newcomer = server.app.identify_customer(&open, None, Some("42")).await.unwrap();
        let stranger_params = vec![
            ("nobody", json!({})),
            ("who says they are the contact", json!({ "user_id": "42" })),
            ("an unproven session of the contact", json!({ "delegate_token": token(&claimed) })),
            ("somebody else", json!({ "delegate_token": token(&other) })),
            ("somebody of another site", json!({ "delegate_token": token(&foreign) })),
            ("somebody new", json!({ "delegate_token": newcomer.token().reveal() })),
            (
                "the public id of the session",
                json!({ "delegate_token": owner.session.source_id.as_str() }),
            ),
            ("the number of the contact", json!({ "delegate_token": owner.contact.id().0 })),
        ];
        Self {
            server,
            uuid: view.conversation.uuid,
            number: number.to_string(),
            site,
            other_site,
            owner,
            stranger_params,
        }
    }

    fn conversations(&self) -> String {
        format!("conversations:{}", self.site.inbox.uuid)
    }

    fn chat(&self, g: &str) -> String {
        format!("bot:{}~{g}", self.site.inbox.uuid)
    }
}

/// The reply to a push, without the ids of the client itself.
async fn answer(client: &mut SdkClient, topic: &str, event: &str, payload: &Value) -> Value {
    let mut answer = client.push(topic, event, payload.clone()).await;
    for own in ["delegate_token", "user_id"] {
        answer["response"].as_object_mut().map(|response| response.remove(own));
    }
    answer
}

#[tokio::test]
async fn conversation_of_another_customer_is_like_an_unknown_one() {
    let fixture = CustomerFixture::new().await;
    let mut told = Vec::new();
    for (name, params) in &fixture.stranger_params {
        for (anothers, nobodys) in
            [(fixture.number.as_str(), UNKNOWN_NUMBER), (&fixture.uuid.to_string(), UNKNOWN_UUID)]
        {
            let mut client = page(&fixture.server).await;
            let refused = answer(&mut client, &fixture.chat(anothers), "phx_join", params).await;
            assert_eq!(refused["response"], json!({ "reason": "not_found" }), "{name}");
            assert_eq!(
                answer(&mut client, &fixture.chat(nobodys), "phx_join", params).await,
                refused,
                "{name}"
            );
            answer(&mut client, &fixture.conversations(), "phx_join", params).await;
            told.extend(client.events().await);
            let close = async |client: &mut SdkClient, g: &str| {
                answer(client, &fixture.conversations(), "close_conversation", &json!({ "g": g }))
                    .await
            };
            let refused = close(&mut client, anothers).await;
            assert_eq!(
                (&refused["status"], &close(&mut client, nobodys).await),
                (&json!("error"), &refused),
                "{name}"
            );
            told.push(
                answer(&mut client, &fixture.conversations(), "list_conversations", &json!({}))
                    .await,
            );
            told.extend(client.events().await);
            answer(&mut client, &fixture.chat("main"), "phx_join", params).await;
            told.extend(client.events().await);
            let cursor = json!({ "next": "2030-01-01T00:00:00.000Z#999999" });
            told.push(answer(&mut client, &fixture.chat("main"), "get_history", &cursor).await);
            // Events of the foreign conversation are not received.
            fixture.site.write(fixture.number.parse().unwrap(), MARK).await;
            told.extend(client.events().await);
        }
    }
    let told = serde_json::to_string(&told).unwrap();
    assert!(!told.contains(MARK) && !told.contains(&fixture.uuid.to_string()), "{told}");
    let view = fixture.server.store.conversation(
        fixture.site.id,
        belfry_domain::channel::ConversationAccess::Site,
        fixture.number.parse().unwrap(),
    );
    assert_eq!(view.await.unwrap().unwrap().conversation.status.as_str(), "open");
    // The customer's own token opens it; otherwise the rejections above would prove nothing.
    let mut own = page(&fixture.server).await;
    own.join(&fixture.chat(&fixture.number), json!({ "delegate_token": token(&fixture.owner) }))
        .await;
    assert!(own.event(&fixture.chat(&fixture.number), "history").await.to_string().contains(MARK));
}

#[tokio::test]
async fn token_of_another_inbox_is_invalid() {
    let fixture = CustomerFixture::new().await;
    let (topic, route) = (
        format!("conversations:{}", fixture.other_site.inbox.uuid),
        format!("http://{}/api/bot", fixture.server.address),
    );
    let mut client = page(&fixture.server).await;
    let joined = |token: String| json!({ "delegate_token": token });
    let anothers = client.push(&topic, "phx_join", joined(token(&fixture.owner))).await;
    assert_ne!(
        anothers["response"]["delegate_token"],
        json!(token(&fixture.owner)),
        "a new contact there"
    );
    assert_eq!(
        (&anothers["response"]["user"], client.event(&topic, "presence_state").await),
        (&Value::Null, json!({}))
    );
    let get = async |bot: &ChannelSite, token: &str| {
        let answer =
            http().get(format!("{route}/{}/user/{token}", bot.inbox.uuid)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(
        get(&fixture.other_site, &token(&fixture.owner)).await,
        get(&fixture.other_site, &"x".repeat(24)).await
    );
    assert_eq!(get(&fixture.site, &token(&fixture.owner)).await.0, 200);
}

#[tokio::test]
async fn file_of_another_site_is_like_an_unknown_one() {
    let fixture = CustomerFixture::new().await;
    let mut client = page(&fixture.server).await;
    client.join(&fixture.chat("main"), json!({ "delegate_token": token(&fixture.owner) })).await;
    client.events().await;
    let place = client
        .request(&fixture.chat("main"), "get_upload_url", json!({ "type": "text/plain" }))
        .await;
    let (upload, public) =
        (place["upload_url"].as_str().unwrap(), place["public_url"].as_str().unwrap());
    let put = async |url: &str| {
        let answer = http().put(url).body(MARK).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let there = upload
        .replace(&fixture.site.inbox.uuid.to_string(), &fixture.other_site.inbox.uuid.to_string());
    let nobodys = format!("{}/{}", there.rsplit_once('/').unwrap().0, "x".repeat(24));
    assert_eq!(put(&there).await, put(&nobodys).await);
    assert_eq!(put(upload).await.0, 200);
    // It can't be attached elsewhere either.
    let topic = format!("bot:{}~main", fixture.other_site.inbox.uuid);
    client.join(&topic, json!({})).await;
    client.events().await;
    let attach = json!({ "type": "attachment", "payload": { "type": "file", "url": public, "caption": "x" } });
    assert_eq!(client.expect_error(&topic, "user_action", attach).await, "bad_request");
}
