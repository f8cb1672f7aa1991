//! Messages of the App Inbox: content by language, audience, schedule, and the drafts and edits
//! that senders make.
//!
//! Content is built by the `content` module, which sanitizes titles and labels.

mod audience;

use super::{
    Language, Link, MessageId, Origin, Position, SiteId, Timestamp, ValidationError,
    link::{MAX_ADDRESS_CHARS, too_long},
    revision,
};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, fmt};

pub use audience::{Audience, MessageAudience};

/// An absolute `http` or `https` URL without credentials, normalized as by the URL standard.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebUrl(String);

impl WebUrl {
    /// Parses and normalizes a URL of at most 8,192 characters.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        if text.chars().any(char::is_control) {
            return Err(ValidationError::new("", errors::CONTROL_CHARACTERS));
        }
        let url = url::Url::parse(text.trim()).map_err(|_| {
            ValidationError::new("", errors::full_address("https://shop.example/orders/7"))
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ValidationError::new("", errors::HTTPS_OR_HTTP));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ValidationError::new("", errors::CREDENTIALS));
        }
        if url.as_str().len() > MAX_ADDRESS_CHARS {
            return Err(too_long());
        }
        Ok(Self(url.into()))
    }

    /// The normalized URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is unencrypted.
    pub fn is_plain_http(&self) -> bool {
        self.0.starts_with("http:")
    }

    /// Its origin; `None` if its host can't be the host of a site.
    pub fn origin(&self) -> Option<Origin> {
        self.0.get(..self.0.len() - self.path().len())?.parse().ok()
    }

    /// Path, query and fragment.
    pub fn path(&self) -> &str {
        let (_, rest) = self.0.split_once("://").unwrap_or_default();
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A button below a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "MessageActionJson", into = "MessageActionJson")]
pub struct MessageAction {
    /// The button's text.
    pub label: String,
    /// What it does.
    pub kind: MessageActionKind,
}

/// What a message's button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageActionKind {
    /// Opens a link.
    Link {
        /// The link.
        link: Link,
        /// Whether the link opens in a new tab.
        new_tab: bool,
    },
    /// Starts a reply to the site's agents about the message. Shown only if the site has the tab
    /// "Messages".
    Reply,
}

impl MessageActionKind {
    /// The type name of [`MessageActionKind::Link`]; the default.
    pub const LINK: &'static str = "link";
    /// The type name of [`MessageActionKind::Reply`].
    pub const REPLY: &'static str = "reply";
}

impl MessageAction {
    /// The link, if it has one.
    pub fn link(&self) -> Option<&Link> {
        match &self.kind {
            MessageActionKind::Link { link, .. } => Some(link),
            MessageActionKind::Reply => None,
        }
    }
}

/// A button as JSON.
#[derive(Clone, Serialize, Deserialize)]
struct MessageActionJson {
    label: String,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<Link>,
    #[serde(default, rename = "newTab", skip_serializing_if = "is_false")]
    new_tab: bool,
}

impl TryFrom<MessageActionJson> for MessageAction {
    type Error = ValidationError;

    fn try_from(written: MessageActionJson) -> Result<Self, ValidationError> {
        let MessageActionJson { label, kind, link, new_tab } = written;
        let kind = match (kind.as_deref(), link) {
            (Some(MessageActionKind::REPLY), None) => MessageActionKind::Reply,
            (None | Some(MessageActionKind::LINK), Some(link)) => {
                MessageActionKind::Link { link, new_tab }
            }
            _ => {
                return Err(ValidationError::new("type", errors::ACTION_LINK));
            }
        };
        Ok(Self { label, kind })
    }
}

impl From<MessageAction> for MessageActionJson {
    fn from(MessageAction { label, kind }: MessageAction) -> Self {
        match kind {
            MessageActionKind::Link { link, new_tab } => {
                Self { label, kind: None, link: Some(link), new_tab }
            }
            MessageActionKind::Reply => Self {
                label,
                kind: Some(MessageActionKind::REPLY.to_owned()),
                link: None,
                new_tab: false,
            },
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A message's content in one language. Built by `content`, which sanitizes titles and labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageContent {
    /// Plain text of 1 to 200 characters.
    pub title: String,
    /// Markdown, at most 10,000 characters; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// Target of a click on the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// Whether the link opens in a new tab.
    #[serde(default, rename = "newTab", skip_serializing_if = "is_false")]
    pub new_tab: bool,
    /// An image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<WebUrl>,
    /// At most three buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<MessageAction>,
    /// Whether `{{` is plain text rather than a variable: set for content that people wrote. The
    /// same in every language of a message.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_literal: bool,
}

/// A validated message that is not stored yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageDraft {
    /// The audience.
    pub audience: Audience,
    /// Content by language; never empty.
    pub content: BTreeMap<Language, MessageContent>,
    /// The site's category name.
    pub category: Option<String>,
    /// The site's own data, returned unchanged.
    pub data: Option<Value>,
    /// Whether it is listed above other messages.
    pub pinned: bool,
    /// Time of publication; immediate if `None` or in the past.
    pub publish_at: Option<Timestamp>,
    /// When it stops being visible.
    pub expires_at: Option<Timestamp>,
    /// The sender's label; readers don't see it.
    pub name: Option<String>,
}

/// Changes to a message. `None` leaves a value unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageEdit {
    /// New content in all languages.
    pub content: Option<BTreeMap<Language, MessageContent>>,
    /// Whether `{{…}}` in the content are variables.
    pub variables: Option<bool>,
    /// New category; `Some(None)` removes it.
    pub category: Option<Option<String>>,
    /// New data; `Some(None)` removes it.
    pub data: Option<Option<Value>>,
    /// Whether it is pinned.
    pub pinned: Option<bool>,
    /// New expiry; `Some(None)` removes it.
    pub expires_at: Option<Option<Timestamp>>,
    /// New label; `Some(None)` removes it.
    pub name: Option<Option<String>>,
    /// New time of publication, while it is still scheduled.
    pub publish_at: Option<Timestamp>,
    /// New audience, while it is still scheduled.
    pub audience: Option<Audience>,
}

/// Changes for sending a message again. `None` leaves a value as in the original.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resend {
    /// New audience.
    pub audience: Option<Audience>,
    /// Time of publication; immediate if `None`.
    pub publish_at: Option<Timestamp>,
    /// New expiry; `None` keeps the original's duration, `Some(None)` is no expiry.
    pub expires_at: Option<Option<Timestamp>>,
}

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The site.
    pub site: SiteId,
    /// The audience. A reader's copy names only that reader, unless the message is to everyone.
    pub audience: MessageAudience,
    /// Content by language; never empty.
    pub content: BTreeMap<Language, MessageContent>,
    /// The site's category name.
    pub category: Option<String>,
    /// The site's own data.
    pub data: Option<Value>,
    /// Whether it is listed above other messages.
    pub pinned: bool,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// Time of publication.
    pub publish_at: Timestamp,
    /// When it stops being visible.
    pub expires_at: Option<Timestamp>,
    /// Time of the last edit.
    pub edited_at: Option<Timestamp>,
    /// Time of the recall; invisible from then on.
    pub recalled_at: Option<Timestamp>,
    /// Position in the site's publication order; 0 until it is published.
    pub position: Position,
    /// The sender's label; readers don't see it.
    pub name: Option<String>,
    /// Whether it is a test message, which is left out of lists and statistics.
    pub is_test: bool,
}

impl Message {
    /// Changes with every edit. The audience isn't part of it, since that can be thousands of
    /// contacts; `edited_at` changes with it instead.
    pub fn revision(&self) -> String {
        let Self {
            edited_at, content, category, data, pinned, publish_at, expires_at, name, ..
        } = self;
        revision(&(edited_at, content, category, data, pinned, publish_at, expires_at, name))
    }

    /// Whether `{{…}}` in its content are variables.
    pub fn has_variables(&self) -> bool {
        !self.content.values().any(|content| content.is_literal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn action_round_trips() {
        let link = r#"{"label":"Track","link":"https://shop.example/7","newTab":true}"#;
        let reply = r#"{"label":"Ask","type":"reply"}"#;
        for written in [link, reply] {
            assert_eq!(
                serde_json::to_string(&serde_json::from_str::<MessageAction>(written).unwrap())
                    .unwrap(),
                written
            );
        }
        for invalid in [
            r#"{"label":"x"}"#,
            r#"{"label":"x","type":"other"}"#,
            r#"{"label":"x","type":"reply","link":"https://a.example"}"#,
        ] {
            assert!(serde_json::from_str::<MessageAction>(invalid).is_err(), "{invalid}");
        }
    }

    #[test]
    fn only_web_urls_without_credentials_are_accepted() {
        assert_eq!(
            WebUrl::parse("HTTPS://Shop.Example/ä").unwrap().as_str(),
            "https://shop.example/%C3%A4"
        );
        for invalid in [
            "javascript:alert(1)",
            "//shop.example",
            "/orders",
            "data:text/html,x",
            "https://a:b@shop.example",
            "https://shop.example/\nx",
            "vbscript:x",
            "mailto:a@b",
        ] {
            assert!(WebUrl::parse(invalid).is_err(), "{invalid}");
        }
    }
}
