//! JSON views of messages for both kinds of client. `content` is safe HTML rendered from the
//! sender's Markdown.

use belfry_app::{ListPage, ListedItem};
use belfry_content::template;
use belfry_domain::{Contact, Language, MessageContent, MessageId, Site, Timestamp, negotiate};
use belfry_runtime::{blocking::RENDERING, fair_scheduler};
use serde::Serialize;
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap};
use utoipa::ToSchema;

/// A page of messages.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    /// The messages.
    list: Vec<Message>,
    /// Number of pages.
    total_pages: u32,
}

/// A message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    /// The message's id.
    #[schema(value_type = String)]
    id: MessageId,
    /// When it was published, in milliseconds since 1970.
    created_date: i64,
    /// Plain text.
    title: String,
    /// Safe HTML.
    content: String,
    /// URL of an image.
    image: Option<String>,
    /// Link target.
    link: Option<String>,
    /// Whether it counts as new.
    #[expect(clippy::struct_field_names, reason = "the name on the wire")]
    new_message: bool,
    /// `OPENED` or `UNOPENED`.
    status: &'static str,
    /// The site's category of the message.
    category: Option<String>,
    /// The site's custom data, as JSON text.
    custom_data: Option<String>,
}

/// A page of messages, for apps.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MobileList {
    /// The messages.
    list: Vec<MobileMessage>,
    /// Number of pages.
    total_pages: u32,
}

/// A message, for apps.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MobileMessage {
    /// The message's id.
    #[schema(value_type = String)]
    id: MessageId,
    /// When it was published: RFC 3339 in UTC.
    create_date: String,
    /// Plain text.
    title: String,
    /// Safe HTML.
    content: String,
    /// URL of an image.
    image: Option<String>,
    /// Link target.
    link: Option<String>,
    /// Whether it counts as new.
    new_message: bool,
    /// `OPENED` or `UNOPENED`.
    status: &'static str,
    /// The site's category of the message.
    category: Option<String>,
    /// The site's custom data if it is an object; values that are not strings are serialized as
    /// JSON.
    custom_data: Option<BTreeMap<String, String>>,
    /// When it expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry_date: Option<String>,
}

/// The reader and language that messages are rendered for.
pub(super) struct RenderContext<'a> {
    pub(super) contact: &'a Contact,
    pub(super) language: &'a Language,
    pub(super) site: &'a Site,
}

impl RenderContext<'_> {
    pub(super) async fn list(&self, listing: &ListPage) -> List {
        List {
            list: render_each(listing, |listed| self.message(listed)).await,
            total_pages: listing.pages,
        }
    }

    pub(super) async fn mobile_list(&self, listing: &ListPage) -> MobileList {
        MobileList {
            list: render_each(listing, |listed| self.mobile_message(listed)).await,
            total_pages: listing.pages,
        }
    }

    fn content<'c>(&self, listed: &'c ListedItem) -> Option<Cow<'c, MessageContent>> {
        let (_, content) =
            negotiate(&listed.item.message.content, self.language, &self.site.language)?;
        Some(template::fill(content, Some(self.contact)))
    }

    fn message(&self, listed: &ListedItem) -> Option<Message> {
        let (content, message) = (self.content(listed)?, &listed.item.message);
        Some(Message {
            id: message.id,
            created_date: message.publish_at.millis(),
            title: content.title.clone(),
            content: template::render_body(&content, Some(self.contact), self.site.main_origin()),
            image: content.image.as_ref().map(ToString::to_string),
            link: content
                .link
                .as_ref()
                .map(|link| link.resolve(self.site.main_origin()).into_owned()),
            new_message: listed.is_new,
            status: status_name(listed),
            category: message.category.clone(),
            custom_data: message.data.as_ref().map(Value::to_string),
        })
    }

    fn mobile_message(&self, listed: &ListedItem) -> Option<MobileMessage> {
        let (content, message) = (self.content(listed)?, &listed.item.message);
        Some(MobileMessage {
            id: message.id,
            create_date: message.publish_at.rfc3339().unwrap_or_default(),
            title: content.title.clone(),
            content: template::render_body(&content, Some(self.contact), self.site.main_origin()),
            image: content.image.as_ref().map(ToString::to_string),
            link: content
                .link
                .as_ref()
                .map(|link| link.resolve(self.site.main_origin()).into_owned()),
            new_message: listed.is_new,
            status: status_name(listed),
            category: message.category.clone(),
            custom_data: message.data.as_ref().and_then(string_map),
            expiry_date: message.expires_at.and_then(Timestamp::rfc3339),
        })
    }
}

/// A body up to this size is rendered on the async thread, which takes less than a millisecond.
const MAX_INLINE_BYTES: usize = 2_048;

/// Renders sequentially: a long message takes milliseconds.
async fn render_each<T>(listing: &ListPage, make: impl Fn(&ListedItem) -> Option<T>) -> Vec<T> {
    let mut messages = Vec::with_capacity(listing.items.len());
    for listed in &listing.items {
        let message = &listed.item.message;
        if message.content.values().any(|content| content.body.len() > MAX_INLINE_BYTES) {
            messages.extend(RENDERING.run_inline_for(message.site, || make(listed)).await);
        } else {
            messages.extend(make(listed));
        }
        fair_scheduler::yield_if_long().await;
    }
    messages
}

fn status_name(listed: &ListedItem) -> &'static str {
    if listed.item.is_read { "OPENED" } else { "UNOPENED" }
}

fn string_map(data: &Value) -> Option<BTreeMap<String, String>> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Some(data.as_object()?.iter().map(|(name, value)| (name.clone(), text(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn object_data_becomes_a_string_map() {
        let map = string_map(&json!({"a": "b", "n": 1, "o": {"k": [true]}, "z": null})).unwrap();
        assert_eq!(json!(map), json!({"a": "b", "n": "1", "o": "{\"k\":[true]}", "z": "null"}));
        assert_eq!(string_map(&json!("text")), None);
        assert_eq!(string_map(&json!([1])), None);
    }
}
