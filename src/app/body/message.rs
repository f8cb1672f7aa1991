//! Messages, their edits, and their content.

use super::{AudienceBody, not_null};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::{
    ToSchema,
    openapi::{Ref, Schema, schema::ObjectBuilder},
};

/// Content by language tag.
fn content() -> Schema {
    ObjectBuilder::new()
        .additional_properties(Some(Ref::from_schema_name("ContentBody")))
        .min_properties(Some(1))
        .max_properties(Some(20))
        .description(Some("Content by language tag: 1 to 20 languages."))
        .build()
        .into()
}

/// A message to publish.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"audience": {"contact": {"externalCustomerId": "42"}}, "content": {"en": {"title": "Order shipped", "body": "It is *on its way*.", "link": "https://shop.example/orders/7"}}}))]
pub struct MessageBody {
    /// The audience.
    #[schema(value_type = AudienceBody)]
    pub audience: Option<AudienceBody>,
    #[expect(missing_docs, reason = "its schema has the description")]
    #[schema(schema_with = content, required = true)]
    pub content: Option<BTreeMap<String, ContentBody>>,
    /// A category of the site's own; at most 64 characters.
    pub category: Option<String>,
    /// Custom data, at most 8 kB as JSON. The page receives it when the reader opens the message.
    pub data: Option<Value>,
    /// Whether the message is shown above the others.
    pub pinned: Option<bool>,
    /// When the message is first shown: at most one year ahead. A time in the past means
    /// immediately.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub publish_at: Option<String>,
    /// When the message expires: in the future, and after `publishAt`.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<String>,
    /// Internal name; not shown to readers.
    pub name: Option<String>,
    /// `false` disables variables, so that `{{` is plain text; use it for text written by users.
    /// With variables, `\\{{` is a literal `{{`.
    #[schema(default = true)]
    pub variables: Option<bool>,
}

/// Changes to a message; at least one member. Absent members stay unchanged.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"pinned": false, "expiresAt": null}))]
pub struct MessageEditBody {
    #[expect(missing_docs, reason = "its schema has the description")]
    #[serde(default, deserialize_with = "not_null")]
    #[schema(schema_with = content, required = false)]
    pub content: Option<BTreeMap<String, ContentBody>>,
    /// `null` removes it.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Option<String>)]
    pub category: Option<Option<String>>,
    /// `null` removes it.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Option<Value>)]
    pub data: Option<Option<Value>>,
    /// Whether the message is shown above the others.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    pub pinned: Option<bool>,
    /// `null` removes it.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Option<String>>,
    /// Internal name; `null` removes it.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Option<String>)]
    pub name: Option<Option<String>>,
    /// New time of publication, while the message is scheduled.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(ignore)]
    pub publish_at: Option<String>,
    /// New audience, while the message is scheduled.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(ignore)]
    pub audience: Option<AudienceBody>,
    /// Whether the texts contain variables.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    pub variables: Option<bool>,
}

/// What differs when a message is sent again.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResendBody {
    /// The audience; by default that of the original.
    pub audience: Option<AudienceBody>,
    /// When the new message is first shown.
    pub publish_at: Option<String>,
    /// When the new message expires; `null`: never.
    #[serde(default, deserialize_with = "not_null")]
    pub expires_at: Option<Option<String>>,
}

/// The content of a message in one language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContentBody {
    /// Plain text with at least one visible character; at most 200 characters after white space is
    /// normalized.
    #[schema(value_type = String, min_length = 1)]
    pub title: Option<String>,
    /// Markdown, at most 10,000 characters. Line breaks are kept; URLs and e-mail addresses become
    /// links.
    pub body: Option<String>,
    /// Link target, at most 8,192 characters: an absolute `http` or `https` URL; a path of the site
    /// such as `/orders/7`, resolved against the page that shows the message, otherwise against the
    /// site's first https origin; `mailto:` or `tel:`; or an app scheme listed in the site's
    /// `linkSchemes`, which the widget shows as text and the App Inbox API returns to apps.
    pub link: Option<String>,
    /// Whether the link opens in a new tab.
    pub new_tab: Option<bool>,
    /// Absolute URL of an image: `https`, or `http` on one of the site's own origins.
    pub image: Option<String>,
    /// At most three buttons.
    #[schema(max_items = 3)]
    pub actions: Option<Vec<ActionBody>>,
}

/// A button below a message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ActionBody {
    /// `link` (default) opens `link`. `reply` lets the reader write to your agents about the
    /// message in the widget's "Messages" tab; it has no `link`, and is not shown if the site
    /// setting `messagesInbox` is not set.
    #[serde(rename = "type")]
    #[schema(pattern = "^(link|reply)$")]
    pub kind: Option<String>,
    /// Label, at most 40 characters.
    #[schema(value_type = String, min_length = 1)]
    pub label: Option<String>,
    /// Link target, like the `link` of the message. Required unless the type is `reply`.
    #[schema(example = "https://shop.example/orders/7")]
    pub link: Option<String>,
    /// Whether the link opens in a new tab.
    pub new_tab: Option<bool>,
}
