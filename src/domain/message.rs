//! Messages: what a site says, to whom, in which languages, from when until when.

use super::{
    ContactId, ContactLookup, Digest, Invalid, Language, Link, MessageId, Origin, SegmentId, SegmentTarget, SiteId, Timestamp,
    link::{MAX_ADDRESS_CHARS, too_long},
    revision,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, fmt};

/// An absolute `http` or `https` address without user name and password, as the URL standard prints it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebUrl(String);

impl WebUrl {
    /// Reads and normalises an address of at most 8,192 characters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.chars().any(char::is_control) {
            return Err(Invalid::new("", "must not contain control characters"));
        }
        let url = url::Url::parse(text.trim()).map_err(|_| Invalid::new("", "must be a full address such as https://shop.example/orders/7"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Invalid::new("", "must begin with https:// or http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Invalid::new("", "must not contain a user name or password"));
        }
        if url.as_str().len() > MAX_ADDRESS_CHARS {
            return Err(too_long());
        }
        Ok(Self(url.into()))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it goes over the net unencrypted.
    pub fn is_plain_http(&self) -> bool {
        self.0.starts_with("http:")
    }

    /// Whose address it is; none where the name of the host can't be that of a site.
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

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenAction", into = "WrittenAction")]
pub struct Action {
    /// What it says.
    pub label: String,
    /// What it does.
    pub kind: ActionKind,
}

/// What a button under a message does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionKind {
    /// It leads somewhere.
    Link {
        /// Where.
        link: Link,
        /// Whether that opens a tab of its own rather than in the page's place.
        new_tab: bool,
    },
    /// It lets the reader write to the site's agents about the message. Shown only where the site has the tab "Messages".
    Reply,
}

impl ActionKind {
    /// The word for [`ActionKind::Link`], which is meant where none is said.
    pub const LINK: &'static str = "link";
    /// The word for [`ActionKind::Reply`].
    pub const REPLY: &'static str = "reply";
}

impl Action {
    /// Where it leads, if anywhere.
    pub fn link(&self) -> Option<&Link> {
        match &self.kind {
            ActionKind::Link { link, .. } => Some(link),
            ActionKind::Reply => None,
        }
    }
}

/// A button as it is written down.
#[derive(Clone, Serialize, Deserialize)]
struct WrittenAction {
    label: String,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<Link>,
    #[serde(default, rename = "newTab", skip_serializing_if = "is_false")]
    new_tab: bool,
}

impl TryFrom<WrittenAction> for Action {
    type Error = Invalid;

    fn try_from(written: WrittenAction) -> Result<Self, Invalid> {
        let WrittenAction { label, kind, link, new_tab } = written;
        let kind = match (kind.as_deref(), link) {
            (Some(ActionKind::REPLY), None) => ActionKind::Reply,
            (None | Some(ActionKind::LINK), Some(link)) => ActionKind::Link { link, new_tab },
            _ => return Err(Invalid::new("type", "must be link, with a link, or reply, without one")),
        };
        Ok(Self { label, kind })
    }
}

impl From<Action> for WrittenAction {
    fn from(Action { label, kind }: Action) -> Self {
        match kind {
            ActionKind::Link { link, new_tab } => Self { label, kind: None, link: Some(link), new_tab },
            ActionKind::Reply => Self { label, kind: Some(ActionKind::REPLY.to_owned()), link: None, new_tab: false },
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A message in one language. Built by `content`, which neutralises titles and labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Plain text of 1 to 200 characters.
    pub title: String,
    /// Markdown, at most 10,000 characters; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// Where a click on the message leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// Whether the link opens a tab of its own rather than in the page's place.
    #[serde(default, rename = "newTab", skip_serializing_if = "is_false")]
    pub new_tab: bool,
    /// A picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<WebUrl>,
    /// At most three buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// Whether it was written by people, so that `{{` in it is text and no variable. The same in every language of a message.
    #[serde(default, skip_serializing_if = "is_false")]
    pub literal: bool,
}

/// To whom a message goes, as the sender said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// One contact by name. One that the site does not know is refused, so that a typing error is seen.
    Contact(ContactLookup),
    /// One to [`Audience::MAX_NAMED_CONTACTS`] contacts by name; one that is not known refuses them all.
    Contacts(Vec<ContactLookup>),
    /// Every contact of the site, present and future.
    Everyone,
    /// Whoever is in a segment when they look.
    Segment(SegmentTarget),
}

impl Audience {
    /// Contacts that a message may name.
    pub const MAX_NAMED_CONTACTS: usize = 5_000;
}

/// A message that is checked and not yet stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageDraft {
    /// To whom.
    pub audience: Audience,
    /// What, by language; never empty.
    pub content: BTreeMap<Language, Content>,
    /// The site's own word for the kind of message.
    pub category: Option<String>,
    /// The site's own data, handed back as it came.
    pub data: Option<Value>,
    /// Stays above the others.
    pub pinned: bool,
    /// From when it is shown; at once when `None` or past.
    pub publish_at: Option<Timestamp>,
    /// Until when it is shown.
    pub expires_at: Option<Timestamp>,
    /// What senders call it; no reader sees that.
    pub name: Option<String>,
}

/// What a sender changes of a message; values that are `None` stay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageEdit {
    /// The new texts, all languages together.
    pub content: Option<BTreeMap<Language, Content>>,
    /// Whether its texts have variables.
    pub variables: Option<bool>,
    /// The new category; `Some(None)` takes it away.
    pub category: Option<Option<String>>,
    /// The new data; `Some(None)` takes it away.
    pub data: Option<Option<Value>>,
    /// Pinned or not.
    pub pinned: Option<bool>,
    /// The new end; `Some(None)` takes it away.
    pub expires_at: Option<Option<Timestamp>>,
    /// The new name; `Some(None)` takes it away.
    pub name: Option<Option<String>>,
    /// The new beginning, while it is still to come.
    pub publish_at: Option<Timestamp>,
    /// To whom it goes instead, while it is not shown yet.
    pub audience: Option<Audience>,
}

/// What is other when a message is sent once more; values that are `None` are as they were.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resend {
    /// To whom instead.
    pub audience: Option<Audience>,
    /// From when it is shown; at once when `None`.
    pub publish_at: Option<Timestamp>,
    /// Until when; for as long as the first one when `None`.
    pub expires_at: Option<Option<Timestamp>>,
}

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its site.
    pub site: SiteId,
    /// The named contacts, or `None` for everyone. A message to a segment has the segment's lane here and nothing else.
    pub contacts: Option<Vec<ContactId>>,
    /// What it says, by language; never empty.
    pub content: BTreeMap<Language, Content>,
    /// The site's own word for the kind of message.
    pub category: Option<String>,
    /// The site's own data.
    pub data: Option<Value>,
    /// Stays above the others.
    pub pinned: bool,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// From when it is shown.
    pub publish_at: Timestamp,
    /// Until when it is shown.
    pub expires_at: Option<Timestamp>,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// When it was recalled; from then on nobody sees it.
    pub recalled_at: Option<Timestamp>,
    /// Its place in the order of the site's shown messages; 0 until it is shown. Strictly growing, whatever the clock does.
    pub position: i64,
    /// What senders call it; no reader sees that.
    pub name: Option<String>,
    /// It was sent to try it: senders find it in no list and no count.
    pub test: bool,
}

impl Message {
    /// Changes with each edit. Each has a time of its own, which stands for the audience here: that may be thousands of contacts.
    pub fn revision(&self) -> String {
        let Self { edited_at, content, category, data, pinned, publish_at, expires_at, name, .. } = self;
        revision(&(edited_at, content, category, data, pinned, publish_at, expires_at, name))
    }

    /// Whether `{{…}}` in its texts are variables.
    pub fn has_variables_on(&self) -> bool {
        !self.content.values().any(|content| content.literal)
    }

    /// The segment that it goes to.
    pub fn segment(&self) -> Option<SegmentId> {
        self.contacts.as_deref().and_then(<[ContactId]>::first).copied().and_then(SegmentId::of_lane)
    }

    /// Whether whom it concerns is known only when a reader looks.
    pub fn is_open(&self) -> bool {
        self.contacts.is_none() || self.segment().is_some()
    }
}

/// What makes a repeated publish recognisable: the sender's key and a digest of what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The `Idempotency-Key` header, 1 to 255 visible ASCII characters.
    pub key: String,
    /// Digest of the request's meaning.
    pub fingerprint: Digest,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn action_is_kept_as_it_was_written() {
        let link = r#"{"label":"Track","link":"https://shop.example/7","newTab":true}"#;
        let reply = r#"{"label":"Ask","type":"reply"}"#;
        for written in [link, reply] {
            assert_eq!(serde_json::to_string(&serde_json::from_str::<Action>(written).unwrap()).unwrap(), written);
        }
        for odd in [r#"{"label":"x"}"#, r#"{"label":"x","type":"other"}"#, r#"{"label":"x","type":"reply","link":"https://a.example"}"#] {
            assert!(serde_json::from_str::<Action>(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn only_web_addresses_without_credentials_pass() {
        assert_eq!(WebUrl::parse("HTTPS://Shop.Example/ä").unwrap().as_str(), "https://shop.example/%C3%A4");
        for odd in [
            "javascript:alert(1)",
            "//shop.example",
            "/orders",
            "data:text/html,x",
            "https://a:b@shop.example",
            "https://shop.example/\nx",
            "vbscript:x",
            "mailto:a@b",
        ] {
            assert!(WebUrl::parse(odd).is_err(), "{odd}");
        }
    }
}
