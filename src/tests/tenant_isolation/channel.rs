//! The conversations of a site, and what its administrator sees of them.

use crate::support::{TestApp, TestSite};
use belfry_domain::channel::{AgentDraft, AgentRole, InboxSettings};
use serde_json::{Value, json};

/// An inbox with a conversation of a contact.
pub struct Channel {
    pub account: i64,
    pub inbox: i64,
    pub identifier: String,
    pub agent: i64,
    pub token: String,
    pub source_id: String,
    pub conversation: i64,
    pub message: i64,
    pub webhook: i64,
    pub canned: i64,
}

impl Channel {
    /// Creates `others` conversations first: ids are per site, so this one has an id that the other
    /// site doesn't have.
    pub async fn new(
        app: &TestApp,
        site: &TestSite,
        contact: i64,
        word: &str,
        others: usize,
    ) -> Self {
        let settings = InboxSettings { name: word.to_owned(), ..InboxSettings::default() };
        let inbox = app.app.create_inbox(site.site.id, settings).await.unwrap().inbox;
        let draft =
            AgentDraft::new(word, &format!("agent@{word}.example"), AgentRole::Administrator)
                .unwrap();
        let agent = app.app.create_agent(site.site.id, &draft).await.unwrap();
        let identifier = inbox.identifier.as_str().to_owned();
        let (account, inbox, token) =
            (inbox.account.0, inbox.id.0, agent.access_token.reveal().to_owned());
        let post = async |path: String, body: Value| {
            app.post(&format!("/api/v1/accounts/{account}{path}"))
                .header("api_access_token", &token)
                .json(&body)
                .send()
                .await
                .expect(200)
        };
        let session =
            post(format!("/contacts/{contact}/contact_inboxes"), json!({"inbox_id": inbox})).await;
        for _ in 0..others {
            let other = post(
                "/conversations".to_owned(),
                json!({"inbox_id": inbox, "contact_id": contact}),
            )
            .await["id"]
                .clone();
            post(format!("/conversations/{other}/messages"), json!({"content": "other"})).await;
        }
        let conversation =
            post("/conversations".to_owned(), json!({"inbox_id": inbox, "contact_id": contact}))
                .await["id"]
                .as_i64()
                .unwrap();
        let message =
            post(format!("/conversations/{conversation}/messages"), json!({"content": word})).await
                ["id"]
                .as_i64()
                .unwrap();
        let hook = json!({"url": format!("https://93.184.216.34/{word}"), "name": word});
        let webhook =
            post("/webhooks".to_owned(), hook).await["payload"]["webhook"]["id"].as_i64().unwrap();
        let canned =
            post("/canned_responses".to_owned(), json!({"short_code": word, "content": word}))
                .await["id"]
                .as_i64()
                .unwrap();
        let source_id = session["source_id"].as_str().unwrap().to_owned();
        Self {
            account,
            inbox,
            identifier,
            agent: agent.agent.id.0,
            token,
            source_id,
            conversation,
            message,
            webhook,
            canned,
        }
    }

    /// Everything that the administrator sees, to detect a change.
    pub async fn view(&self, app: &TestApp) -> Vec<Value> {
        let conversation = format!("/conversations/{}", self.conversation);
        let (members, messages) =
            (format!("/inbox_members/{}", self.inbox), format!("{conversation}/messages"));
        let mut view = Vec::new();
        for path in [
            "/inboxes",
            &members,
            "/agents",
            "/contacts",
            "/conversations?status=all",
            &conversation,
            &messages,
            "/webhooks",
            "/canned_responses",
        ] {
            let call = app
                .get(&format!("/api/v1/accounts/{}{path}", self.account))
                .header("api_access_token", &self.token);
            view.push(call.send().await.expect(200));
        }
        view
    }
}
