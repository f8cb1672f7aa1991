//! API keys, settings, domains and muted categories.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A scope of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the name of a scope says it")]
pub enum ScopeName {
    Read,
    Send,
    Contacts,
    Themes,
    Webhooks,
    Admin,
}

/// A key to create.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Storefront", "scopes": ["read", "contacts"]}))]
pub struct KeyBody {
    /// Name of the key, for your own reference; at most 200 characters.
    #[schema(value_type = String, min_length = 1)]
    pub name: Option<String>,
    /// Scopes of the key; by default those of the calling key.
    #[schema(value_type = Option<Vec<ScopeName>>, min_items = 1)]
    pub scopes: Option<Vec<String>>,
}

/// Settings of a site.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"languages": ["en", "uk"], "retentionDays": 365, "categories": [{"name": "orders", "labels": {"en": "Orders"}, "mutable": false}]}))]
pub struct SiteSettingsBody {
    /// The languages of messages, besides the site's default language.
    #[schema(max_items = 30)]
    pub languages: Option<Vec<String>>,
    /// Number of days after which messages are deleted; `null` disables deletion by age. In any
    /// case a reader keeps the newest 1,000 messages of each kind: those that name the reader,
    /// those to everyone, and those to each segment; older ones are deleted.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 3650)]
    pub retention_days: Option<Value>,
    /// Categories of messages that readers can see.
    #[schema(max_items = 50)]
    pub categories: Option<Vec<CategoryBody>>,
    /// How a new contact sees messages to everyone and to segments that are older than the contact:
    /// `read` (default), `unread`, or `hidden`. It applies to contacts created from now on.
    #[schema(pattern = "^(read|unread|hidden)$")]
    pub history: Option<String>,
    /// URL schemes of the site's apps, such as `myshop`, that are allowed in links. The widget
    /// shows such links as text; the App Inbox API returns them. Schemes that execute or read
    /// something (`javascript`, `data`, `file` …) are not allowed.
    #[schema(max_items = 20)]
    pub link_schemes: Option<Vec<String>>,
    /// Id of the inbox in which readers write to your agents: the widget then has a "Messages" tab,
    /// and messages may have actions of the type `reply`. Without it the widget has no such tab.
    #[schema(value_type = Option<i64>, minimum = 1)]
    pub messages_inbox: Option<Value>,
}

/// A category of messages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryBody {
    /// The value of a message's `category`; 1 to 50 printable characters.
    #[schema(value_type = String, min_length = 1, max_length = 50)]
    pub name: Option<String>,
    /// Names shown to readers, by language tag.
    pub labels: Option<BTreeMap<String, String>>,
    /// Whether readers may mute it.
    pub mutable: Option<bool>,
}

/// A domain that may embed the widget. Unknown members are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct DomainBody {
    /// A host with or without a scheme, which defaults to `https://`.
    pub domain: Option<String>,
}

/// Categories that a contact mutes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MutesBody {
    /// Their names.
    pub muted: Option<Vec<String>>,
}
