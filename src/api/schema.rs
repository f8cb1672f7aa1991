//! What bodies look like, for the description alone: the bodies that are read by hand elsewhere, and what the nouns of the domain
//! look like on the wire. Nothing here is ever built. Must not decide anything; the readers do, and the tests compare.

#![expect(dead_code, reason = "these types are never built; the description is derived from them")]
#![expect(unused_qualifications, reason = "the derive writes them")]

mod message;

pub(super) use message::{ContentBody, ContentView, MessageBody, MessageEditBody};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::{
    ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{ObjectBuilder, SchemaFormat, Type},
    },
};

/// The one shape of every refusal.
#[derive(ToSchema, Serialize)]
pub(super) struct Error {
    /// The status again, for clients that only see the body.
    #[schema(example = 400)]
    status: u16,
    /// What is wrong and what to do, in one sentence.
    #[schema(example = "content.en.title must have at most 200 characters; this has 201")]
    message: String,
    /// What it is about: a path into the body, a parameter or a header. Left out where there is no one thing.
    #[schema(example = "content.en.title")]
    field: Option<String>,
    /// Where an answer can't be repeated because a secret was in it: what was made then.
    id: Option<String>,
    /// Where a theme was refused: each thing that must be mended.
    problems: Option<Vec<ThemeProblem>>,
    /// Where a theme was refused: what would have been left out.
    warnings: Option<Vec<ThemeProblem>>,
}

/// One thing in a theme that is wrong, or was left out.
#[derive(ToSchema, Serialize)]
pub(super) struct ThemeProblem {
    /// The file.
    file: ThemeFileName,
    /// The line, from 1.
    line: u32,
    /// The column, from 1, in characters.
    column: u32,
    /// What kind of thing it is: a stable word for programs. There may be new ones.
    #[schema(example = "script")]
    code: String,
    /// The offending thing, cut where it is long.
    #[schema(example = "<script>")]
    what: String,
    /// Why, and what to do instead.
    reason: String,
}

/// A file of a theme.
#[derive(ToSchema, Serialize)]
pub(super) enum ThemeFileName {
    #[serde(rename = "bell.svg")]
    Bell,
    #[serde(rename = "card.svg")]
    Card,
    #[serde(rename = "theme.css")]
    Css,
}

/// Where a version stands.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum ThemeState {
    Draft,
    InForce,
    Former,
}

/// The form with which a theme is uploaded. Each part may be absent.
#[derive(ToSchema)]
pub(super) struct ThemeForm {
    /// The bell, an SVG drawing of at most 128 kB.
    #[schema(value_type = Option<String>, format = Binary)]
    bell: Option<Vec<u8>>,
    /// The card of a message, an SVG drawing.
    #[schema(value_type = Option<String>, format = Binary)]
    card: Option<Vec<u8>>,
    /// The style sheet.
    #[schema(value_type = Option<String>, format = Binary)]
    css: Option<Vec<u8>>,
}

/// Who is signed in at the site. One of the three identifiers is needed; `externalCustomerId` decides before `email`, and that before
/// `phone`. An `externalCustomerId` that nobody has reaches by the other two only a contact who has none.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenRequest {
    /// The site's own id of the contact: at most 255 characters, without white space at its ends.
    #[schema(example = "42")]
    external_customer_id: Option<String>,
    /// Another name of `externalCustomerId`.
    extid: Option<String>,
    /// Set aside when malformed and another identifier is usable.
    #[schema(example = "ann@shop.example")]
    email: Option<String>,
    /// In the international form; set aside when malformed and another identifier is usable.
    #[schema(example = "+380671234567")]
    phone: Option<String>,
    /// Whether the token says how many messages are new to the reader, so that the bell shows the number before the inbox is loaded.
    #[schema(default = false)]
    count: Option<bool>,
}

/// A text, or a whole number that stands for its digits.
#[derive(ToSchema, Deserialize)]
#[serde(untagged)]
pub(super) enum Name {
    Text(String),
    Number(i64),
}

/// A contact. One of the identifiers is needed. Unknown members are ignored, `null` and blank count as absent.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"externalCustomerId": "42", "email": "ann@shop.example", "firstName": "Ann", "language": "en", "attributes": {"plan": "pro"}}))]
pub(super) struct ContactBody {
    /// The site's own id of the contact, of at most 255 characters.
    external_customer_id: Option<Name>,
    /// Another name of `externalCustomerId`; give one or the other.
    extid: Option<Name>,
    /// An e-mail address.
    email: Option<Name>,
    /// A telephone number in the international form.
    phone: Option<Name>,
    /// At most 200 characters.
    first_name: Option<String>,
    /// At most 200 characters.
    last_name: Option<String>,
    /// A language tag such as `en` or `pt-BR`.
    language: Option<String>,
    /// The same, as existing clients name it.
    language_code: Option<String>,
    /// E-mail address and telephone number as existing clients send them; the first of each type counts.
    channels: Option<Vec<ChannelBody>>,
    /// Merged into what is stored; `null` removes one. At most 16 kB as JSON.
    #[schema(value_type = Option<Object>)]
    attributes: Option<Map<String, Value>>,
    /// Attributes as existing clients send them.
    fields: Option<Vec<FieldBody>>,
    /// Kept as the attribute `address`.
    #[schema(value_type = Option<Object>)]
    address: Option<Map<String, Value>>,
}

/// A way to reach a contact. Types other than `email` and `sms` are ignored.
#[derive(ToSchema, Deserialize)]
pub(super) struct ChannelBody {
    /// `email` or `sms`.
    #[schema(example = "email")]
    r#type: Option<String>,
    /// The address or number.
    value: Option<Value>,
}

/// One attribute.
#[derive(ToSchema, Deserialize)]
pub(super) struct FieldBody {
    /// Its name.
    id: Name,
    /// Its value; `null` removes the attribute.
    value: Option<Value>,
}

/// A UUID.
pub(super) enum Id {}

impl utoipa::PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::Custom("uuid".to_owned());
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).examples(["019b1c05-3c00-7000-8000-5f2a64d1c0de"]).build().into()
    }
}

impl ToSchema for Id {}

/// What a key may be used for.
#[derive(ToSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ScopeName {
    Read,
    Send,
    Contacts,
    Themes,
    Webhooks,
    Admin,
}

/// A key to be made.
#[derive(ToSchema, Deserialize)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Storefront", "scopes": ["read", "contacts"]}))]
pub(super) struct KeyBody {
    /// What you call it, to know later where it is used; at most 200 characters.
    #[schema(min_length = 1)]
    name: String,
    /// What it may be used for; where left out, all that the asking key may be used for.
    #[schema(min_items = 1)]
    scopes: Option<Vec<ScopeName>>,
}

/// What an owner sets of a site.
#[derive(ToSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"languages": ["en", "uk"], "retentionDays": 365, "categories": [{"name": "orders", "labels": {"en": "Orders"}, "mutable": false}]}))]
pub(super) struct SiteSettingsBody {
    /// The languages that messages are written in, besides the site's own.
    #[schema(max_items = 30)]
    languages: Option<Vec<String>>,
    /// After how many days a message is forgotten; `null` keeps messages for good. Either way a reader has the newest 1,000 of those
    /// that name them, of those to everyone, and of those to each segment; what is older is forgotten.
    #[schema(minimum = 1, maximum = 3650)]
    retention_days: Option<u32>,
    /// Kinds of message that readers know by name.
    #[schema(max_items = 50)]
    categories: Option<Vec<CategoryBody>>,
    /// How messages to everyone and to segments from before a contact was there look to it: `read` (the usual), `unread`, or `hidden`, where
    /// it never sees them. It counts for contacts who are new from now on.
    #[schema(pattern = "^(read|unread|hidden)$")]
    history: Option<String>,
    /// Schemes that links of messages may have for the site's apps, such as `myshop`. The widget shows them as text; programs that read
    /// for a reader get them. What runs or reads something where it is opened (`javascript`, `data`, `file` …) can't be allowed.
    #[schema(max_items = 20)]
    link_schemes: Option<Vec<String>>,
    /// The number of the inbox in which readers write to your agents: the widget then has a tab "Messages", and messages may have actions of the
    /// type `reply`. `null`, or absent, is a widget without it.
    #[schema(minimum = 1)]
    messages_inbox: Option<i64>,
}

/// A kind of message.
#[derive(ToSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CategoryBody {
    /// The word in a message's `category`; 1 to 50 printable characters.
    #[schema(min_length = 1, max_length = 50)]
    name: String,
    /// What readers see, by language tag.
    labels: Option<BTreeMap<String, String>>,
    /// Whether readers may do without it.
    mutable: Option<bool>,
}
