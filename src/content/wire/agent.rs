//! JSON of agents.

use super::{Renderer, iso};
use belfry_domain::channel::{Agent, AgentRole, SignedInAgent, SiteNumber};
use serde::Serialize;
use serde_json::{Map, Value};

/// An agent in a response of the application API.
#[derive(Debug, Clone, Serialize)]
pub struct AgentJson<'a> {
    pub id: i64,
    pub account_id: i64,
    pub availability_status: &'static str,
    pub auto_offline: bool,
    pub confirmed: bool,
    pub email: &'a str,
    pub provider: &'static str,
    pub available_name: &'a str,
    pub custom_attributes: Map<String, Value>,
    pub name: &'a str,
    pub role: &'static str,
    pub thumbnail: &'static str,
}

/// An agent in a real-time update, and as the sender of a message.
#[derive(Debug, Clone, Serialize)]
pub struct UserPush<'a> {
    pub id: i64,
    pub name: &'a str,
    pub available_name: &'a str,
    pub avatar_url: &'static str,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub availability_status: &'static str,
    pub thumbnail: &'static str,
}

/// An agent in a webhook.
#[derive(Debug, Clone, Serialize)]
pub struct UserWebhook<'a> {
    pub id: i64,
    pub name: &'a str,
    pub email: &'a str,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// The authenticated agent's profile.
#[derive(Debug, Clone, Serialize)]
pub struct UserJson<'a> {
    pub access_token: &'a str,
    pub account_id: i64,
    pub available_name: &'a str,
    pub avatar_url: &'static str,
    pub confirmed: bool,
    pub display_name: Option<&'a str>,
    pub message_signature: Option<&'a str>,
    pub email: &'a str,
    pub id: i64,
    pub inviter_id: Option<i64>,
    pub name: &'a str,
    pub provider: &'static str,
    pub pubsub_token: &'a str,
    pub role: &'static str,
    pub ui_settings: Map<String, Value>,
    pub uid: &'a str,
    #[serde(rename = "type")]
    pub kind: Option<&'static str>,
    pub accounts: Vec<AccountJson<'a>>,
}

/// A site, as an account of the agent.
#[derive(Debug, Clone, Serialize)]
pub struct AccountJson<'a> {
    pub id: i64,
    pub name: &'a str,
    pub status: &'static str,
    pub active_at: String,
    pub role: &'static str,
    pub permissions: [&'static str; 1],
    pub availability: &'static str,
    pub availability_status: &'static str,
    pub auto_offline: bool,
}

impl Renderer<'_> {
    /// An agent for the application API.
    pub fn agent<'b>(&self, agent: &'b Agent, account: SiteNumber) -> AgentJson<'b> {
        AgentJson {
            id: agent.id.0,
            account_id: account.0,
            availability_status: self.presence.agent(self.site, agent.id).as_str(),
            auto_offline: true,
            confirmed: true,
            email: &agent.email,
            provider: "email",
            available_name: &agent.name,
            custom_attributes: Map::new(),
            name: &agent.name,
            role: agent.role.as_str(),
            thumbnail: "",
        }
    }

    /// An agent for real-time updates.
    pub fn user_push<'b>(&self, agent: &'b Agent) -> UserPush<'b> {
        UserPush {
            id: agent.id.0,
            name: &agent.name,
            available_name: &agent.name,
            avatar_url: "",
            kind: "user",
            availability_status: self.presence.agent(self.site, agent.id).as_str(),
            thumbnail: "",
        }
    }

    /// An agent for webhooks.
    pub fn user_webhook<'b>(&self, agent: &'b Agent) -> UserWebhook<'b> {
        UserWebhook { id: agent.id.0, name: &agent.name, email: &agent.email, kind: "user" }
    }

    /// The profile of the agent with this `api_access_token`.
    pub fn user<'b>(&self, signed_in: &'b SignedInAgent, access_token: &'b str) -> UserJson<'b> {
        let SignedInAgent { account, site_name, agent, pubsub_token, .. } = signed_in;
        let role = agent.role.as_str();
        UserJson {
            access_token,
            account_id: account.0,
            available_name: &agent.name,
            avatar_url: "",
            confirmed: true,
            display_name: None,
            message_signature: None,
            email: &agent.email,
            id: agent.id.0,
            inviter_id: None,
            name: &agent.name,
            provider: "email",
            pubsub_token: pubsub_token.reveal(),
            role,
            ui_settings: Map::new(),
            uid: &agent.email,
            kind: None,
            accounts: vec![AccountJson {
                id: account.0,
                name: site_name,
                status: "active",
                active_at: iso(self.now),
                role,
                permissions: [if agent.role == AgentRole::Administrator {
                    "administrator"
                } else {
                    "agent"
                }],
                availability: agent.availability.as_str(),
                availability_status: self.presence.agent(self.site, agent.id).as_str(),
                auto_offline: true,
            }],
        }
    }
}
