//! An agent of the model, who applies the events of the socket.

use super::{
    super::client::SdkClient,
    state::{ModelConversation, ModelState},
};
use belfry_app::sdk::{CreatedSdkKey, sign_jwt};
use belfry_domain::channel::AgentId;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub struct ModelAgent {
    pub name: &'static str,
    pub id: AgentId,
    /// The only visible inbox; `None` if both are visible.
    scope: Option<usize>,
    key: CreatedSdkKey,
    client: Option<SdkClient>,
    references: u32,
    /// Each list with the sequence number of its last event.
    received: BTreeMap<String, (u64, BTreeSet<String>)>,
}

impl ModelAgent {
    /// One agent who sees both inboxes, and one for each of them.
    pub async fn three_lists(fixture: &ModelState) -> Vec<Self> {
        let mut seats = Vec::new();
        for (name, scope) in [("ada", None), ("ben", Some(0)), ("cleo", Some(1))] {
            let key = new_key(fixture, scope).await;
            let received = BTreeMap::new();
            let mut seat =
                Self { name, id: AgentId(0), scope, key, client: None, references: 0, received };
            seat.connect(fixture).await;
            seats.push(seat);
        }
        seats
    }

    pub fn is_connected(&self) -> bool {
        self.client.is_some()
    }

    pub fn is_in(&self, inbox: usize) -> bool {
        self.scope.is_none_or(|scope| scope == inbox)
    }

    pub fn sees(&self, talk: &ModelConversation) -> bool {
        self.is_in(talk.inbox)
    }

    /// The agent's lists, by the received events.
    pub fn lists(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.received.iter().map(|(list, (_, told))| (list.clone(), told.clone())).collect()
    }

    fn topic(&self) -> String {
        let kind = if self.scope.is_some() { "bot" } else { "environment" };
        format!("inbox:{kind}:{}", self.key.uuid)
    }

    fn jwt(&self, fixture: &ModelState) -> String {
        let member = if self.scope.is_some() { "bot_id" } else { "environment_id" };
        let (now, id) = (fixture.server.app.now().millis() / 1_000, self.name);
        let claims = json!({ "iss": "shop", "iat": now, "exp": now + 200, "id": id, "name": id, "email": "", member: self.key.uuid });
        sign_jwt(&claims, &self.key.secret).unwrap()
    }

    /// Opens a socket and subscribes to the lists.
    pub async fn connect(&mut self, fixture: &ModelState) {
        let mut client = SdkClient::open(fixture.server.address, &self.jwt(fixture)).await;
        let joined = client.join(&self.topic(), json!({})).await;
        self.id = AgentId(joined["user"]["id"].as_str().unwrap().parse().unwrap());
        (self.client, self.received) = (Some(client), BTreeMap::new());
        for list in ["mine", "new", "watched"] {
            let answer = self.request("subscribe", json!({ "inbox": list })).await;
            assert_eq!(
                (&answer["status"], &answer["response"]["seq"]),
                (&json!("ok"), &json!(1)),
                "{answer}"
            );
            self.received.insert(list.to_owned(), (1, ids(&answer["response"]["conversations"])));
        }
    }

    /// Pushes, applies the events before the reply, and returns the reply.
    pub async fn request(&mut self, event: &str, payload: Value) -> Value {
        self.references += 1;
        let (topic, reference) = (self.topic(), json!(format!("a{}", self.references)));
        let client = self.client.as_mut().expect("the agent is not connected");
        client.send(&json!(["1", reference, topic, event, payload])).await;
        loop {
            let frame = self.client.as_mut().expect("the socket has ended").next().await;
            if frame[1] == reference {
                return frame[4].clone();
            }
            self.receive(&frame);
        }
    }

    /// Applies everything sent so far.
    pub async fn receive_all(&mut self) {
        let Some(client) = &mut self.client else { return };
        for frame in client.events().await {
            self.receive(&frame);
        }
    }

    fn receive(&mut self, frame: &Value) {
        let payload = &frame[4];
        let event = frame[3].as_str().unwrap();
        assert!(
            matches!(event, "inbox_sync" | "inbox_new" | "inbox_update" | "inbox_remove"),
            "{}: {frame}",
            self.name
        );
        let list = payload["inbox"].as_str().unwrap();
        let (seq, told) =
            self.received.get_mut(list).unwrap_or_else(|| panic!("nobody asked for it: {frame}"));
        *seq += 1;
        assert_eq!(payload["seq"], *seq, "{}: {frame}", self.name);
        let id = |value: &Value| value.as_str().unwrap().to_owned();
        let fits = match event {
            "inbox_sync" => {
                *told = ids(&payload["conversations"]);
                true
            }
            "inbox_new" => told.insert(id(&payload["conversation"]["id"])),
            "inbox_update" => told.contains(&id(&payload["conversation"]["id"])),
            _ => told.remove(&id(&payload["conversation_id"])),
        };
        assert!(fits, "{} knew otherwise: {frame}", self.name);
    }

    /// Drops the connection at any point.
    pub fn drop_socket(&mut self) {
        self.client = None;
    }

    /// The server has closed the socket.
    pub async fn lose_socket(&mut self) {
        if let Some(client) = self.client.take() {
            client.remaining().await;
        }
    }

    /// An administrator revokes the agent's key: the topic ends, the key opens no other, and the
    /// agent gets a new one.
    pub async fn revoke(&mut self, fixture: &ModelState) {
        assert!(fixture.server.app.revoke_sdk_key(fixture.site, self.key.key.id).await.unwrap());
        let topic = self.topic();
        if let Some(mut client) = self.client.take() {
            let ends = |frame: &Value| {
                frame[2] == topic.as_str() && (frame[3] == "phx_error" || frame[3] == "phx_close")
            };
            while !ends(&client.next().await) {}
        }
        let mut refused = SdkClient::open(fixture.server.address, &self.jwt(fixture)).await;
        assert_eq!(refused.expect_error(&topic, "phx_join", json!({})).await, "invalid_token");
        self.key = new_key(fixture, self.scope).await;
    }
}

async fn new_key(fixture: &ModelState, scope: Option<usize>) -> CreatedSdkKey {
    let inbox = scope.map(|inbox| fixture.inbox(inbox).id);
    fixture.server.app.create_sdk_key(fixture.site, inbox, "key").await.unwrap()
}

fn ids(conversations: &Value) -> BTreeSet<String> {
    conversations
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}
