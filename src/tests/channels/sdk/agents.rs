//! Agents who authenticate with a JWT.

use super::client::SdkClient;
use crate::channels::{cable::server::TestServer, site::ChannelSite};
use belfry_app::sdk::{CreatedSdkKey, sign_jwt};
use belfry_domain::{Clock as _, SystemClock, channel::ConversationNumber, sdk::SigningKey};
use serde_json::{Value, json};

pub fn now() -> u64 {
    u64::try_from(SystemClock.now().millis() / 1_000).unwrap()
}

/// A JWT of the agent with this id, for this claim and its UUID.
pub fn jwt(key: &SigningKey, owner: (&str, &str), id: &str) -> String {
    jwt_with(key, owner, id, json!({}))
}

/// The same, with additional claims.
pub fn jwt_with(key: &SigningKey, (member, uuid): (&str, &str), id: &str, claims: Value) -> String {
    let mut all = json!({ "iss": "shop", "iat": now(), "exp": now() + 200, "name": id, "email": "", "id": format!("app/{id}") });
    all[member] = uuid.into();
    for (name, value) in claims.as_object().unwrap() {
        all[name] = value.clone();
    }
    sign_jwt(&all, key).unwrap()
}

/// A site with a signing key for all of it, and one for its inbox.
pub struct SdkFixture {
    pub site: ChannelSite,
    pub site_key: CreatedSdkKey,
    pub inbox_key: CreatedSdkKey,
}

impl SdkFixture {
    pub async fn open(server: &TestServer) -> Self {
        let site = server.site().await;
        let site_key = server.app.create_sdk_key(site.id, None, "site").await.unwrap();
        let inbox_key =
            server.app.create_sdk_key(site.id, Some(site.inbox.id), "inbox").await.unwrap();
        Self { site, site_key, inbox_key }
    }

    /// A JWT for the whole site.
    pub fn jwt(&self, id: &str) -> String {
        jwt(&self.site_key.secret, ("environment_id", &self.site_key.uuid), id)
    }

    /// A JWT for the inbox only.
    pub fn bot_jwt(&self, id: &str) -> String {
        jwt(&self.inbox_key.secret, ("bot_id", &self.inbox_key.uuid), id)
    }

    pub fn topic(&self) -> String {
        format!("inbox:environment:{}", self.site_key.uuid)
    }

    pub fn bot_topic(&self) -> String {
        format!("inbox:bot:{}", self.inbox_key.uuid)
    }

    /// A socket of this agent that has joined the site's topic.
    pub async fn agent(&self, server: &TestServer, id: &str) -> SdkClient {
        let mut client = SdkClient::open(server.address, &self.jwt(id)).await;
        client.join(&self.topic(), json!({})).await;
        client
    }

    /// The same, with subscriptions to these lists.
    pub async fn lists(&self, server: &TestServer, id: &str, lists: &[&str]) -> SdkClient {
        let mut client = self.agent(server, id).await;
        for list in lists {
            client.request(&self.topic(), "subscribe", json!({ "inbox": list })).await;
        }
        client
    }

    /// Creates a conversation of a new contact; returns its number and UUID.
    pub async fn conversation(&self, server: &TestServer) -> (ConversationNumber, String) {
        let session = self.site.session(None, false).await;
        let number = self.site.conversation(&session).await;
        (number, uuid(server, &self.site, number).await)
    }
}

pub async fn uuid(server: &TestServer, site: &ChannelSite, number: ConversationNumber) -> String {
    let view = server
        .store
        .conversation(site.id, belfry_domain::channel::ConversationAccess::Site, number)
        .await
        .unwrap()
        .unwrap();
    view.conversation.uuid.to_string()
}

/// The list, the event and the conversation of each list frame.
pub fn listed(frames: &[Value]) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |frame: &Value| {
        let payload = &frame[4];
        let id = if payload["conversation"].is_object() {
            &payload["conversation"]["id"]
        } else {
            &payload["conversation_id"]
        };
        (text(&frame[3]), text(&payload["inbox"]), text(id))
    };
    frames.iter().map(one).collect()
}
