//! Webhook endpoints, and the replay of their deliveries.

use serde::Deserialize;

/// An endpoint to create.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookBody {
    /// `standard` (default) or `message`.
    pub kind: Option<String>,
    /// The URL.
    pub url: Option<String>,
    /// The owner's description.
    pub description: Option<String>,
    /// The event types that it receives.
    pub events: Option<Vec<String>>,
    /// Whether deliveries are sent.
    pub enabled: Option<bool>,
    /// How a message webhook authenticates us.
    pub auth: Option<AuthBody>,
}

/// Changes to an endpoint. Absent members change nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookChangeBody {
    /// The URL.
    pub url: Option<String>,
    /// The owner's description.
    pub description: Option<String>,
    /// The event types that it receives.
    pub events: Option<Vec<String>>,
    /// Whether deliveries are sent.
    pub enabled: Option<bool>,
    /// How a message webhook authenticates us.
    pub auth: Option<AuthBody>,
}

/// How a message webhook authenticates us.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthBody {
    /// `none` or `basic`.
    pub r#type: Option<String>,
    /// User name of the type `basic`.
    pub username: Option<String>,
    /// Password of the type `basic`.
    pub password: Option<String>,
}

impl std::fmt::Debug for AuthBody {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("AuthBody").field("type", &self.r#type).finish_non_exhaustive()
    }
}

/// Which deliveries to send again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayBody {
    /// Those since this time.
    pub since: Option<String>,
}
