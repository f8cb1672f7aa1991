//! The application API, as agents and their programs use it: one module per resource, and tests
//! that cover all routes.

mod access;
mod audit;
mod canned_responses;
mod contacts;
mod conversations;
mod description;
mod disconnect;
mod forms;
mod inboxes;
mod limits;
mod messages;
mod route_table;
mod webhooks;
mod working_hours;

use crate::support::{Answer, Call, TestApp, TestSite};
use axum::http::Method;
use belfry_app::channel::{CreatedAgent, CreatedInbox};
use belfry_domain::channel::{AgentDraft, AgentRole, InboxSettings};
use serde_json::{Value, json};

/// A site with an inbox, an administrator, an agent who is a member of the inbox, and one who is a
/// member of none.
pub struct ApplicationFixture<'a> {
    pub app: &'a TestApp,
    pub site: TestSite,
    pub account: i64,
    pub inbox: CreatedInbox,
    pub administrator: CreatedAgent,
    pub member: CreatedAgent,
    pub outsider: CreatedAgent,
}

impl<'a> ApplicationFixture<'a> {
    pub async fn new(app: &'a TestApp) -> Self {
        let site = app.create_site().await;
        let inbox = app
            .app
            .create_inbox(
                site.site.id,
                InboxSettings { name: "Shop API".to_owned(), ..InboxSettings::default() },
            )
            .await
            .unwrap();
        let agent = async |name: &str, role| {
            let draft =
                AgentDraft::new(name, &format!("{}@shop.example", name.to_lowercase()), role)
                    .unwrap();
            app.app.create_agent(site.site.id, &draft).await.unwrap()
        };
        let administrator = agent("Ann", AgentRole::Administrator).await;
        let (member, outsider) =
            (agent("Bob", AgentRole::Agent).await, agent("Olga", AgentRole::Agent).await);
        let fixture = Self {
            app,
            account: inbox.inbox.account.0,
            site,
            inbox,
            administrator,
            member,
            outsider,
        };
        let members =
            json!({"inbox_id": fixture.inbox_id(), "user_ids": [fixture.member.agent.id.0]});
        fixture.call("POST", "/inbox_members").json(&members).send().await.expect(200);
        fixture
    }

    pub fn inbox_id(&self) -> i64 {
        self.inbox.inbox.id.0
    }

    /// A request of the administrator, below the account's path.
    pub fn call(&self, method: &str, path: &str) -> Call {
        self.call_as(&self.administrator, method, path)
    }

    /// A request of this agent, below the account's path.
    pub fn call_as(&self, agent: &CreatedAgent, method: &str, path: &str) -> Call {
        let call = self.app.call(
            Method::from_bytes(method.as_bytes()).unwrap(),
            &format!("/api/v1/accounts/{}{path}", self.account),
        );
        call.header("api_access_token", agent.access_token.reveal())
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call("GET", path).send().await.expect(200)
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.call("POST", path).json(&body).send().await.expect(200)
    }

    pub async fn patch(&self, path: &str, body: Value) -> Value {
        self.call("PATCH", path).json(&body).send().await.expect(200)
    }

    /// Creates a contact with a session in the inbox; returns its id and `source_id`.
    pub async fn contact(&self, name: &str) -> (i64, String) {
        let response =
            self.post("/contacts", json!({"name": name, "inbox_id": self.inbox_id()})).await;
        (
            response["id"].as_i64().unwrap(),
            response["payload"]["contact_inbox"]["source_id"].as_str().unwrap().to_owned(),
        )
    }

    /// Creates a conversation with a new contact.
    pub async fn conversation(&self) -> i64 {
        let (contact, _) = self.contact("Zoe").await;
        let response = self
            .post("/conversations", json!({"inbox_id": self.inbox_id(), "contact_id": contact}))
            .await;
        response["id"].as_i64().unwrap()
    }

    /// Adds a message to a conversation.
    pub async fn message(&self, conversation: i64, body: Value) -> Value {
        self.post(&format!("/conversations/{conversation}/messages"), body).await
    }
}

/// Asserts an error with exactly this body.
#[track_caller]
pub fn assert_error(answer: &Answer, status: u16, body: &Value) {
    assert_eq!((answer.status.as_u16(), answer.json()), (status, body.clone()));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

/// Asserts 404.
#[track_caller]
pub fn assert_not_found(answer: &Answer) {
    assert_error(answer, 404, &json!({"error": "Resource could not be found"}));
}

/// Asserts 401 for an action that the agent may not perform.
#[track_caller]
pub fn assert_forbidden(answer: &Answer) {
    assert_error(answer, 401, &json!({"error": "You are not authorized to do this action"}));
}
