//! `OpenAPI` schemas of request bodies that are parsed by hand elsewhere, and of domain types. The
//! types are never constructed. Must not contain logic: the parsers decide, and tests compare the
//! two.

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

/// An error response.
#[derive(ToSchema, Serialize)]
pub(super) struct Error {
    /// The HTTP status, for clients that only see the body.
    #[schema(example = 400)]
    status: u16,
    /// What is wrong and what to do, in one sentence.
    #[schema(example = "content.en.title must have at most 200 characters; this has 201")]
    message: String,
    /// Path of the field, name of the parameter or name of the header. Absent if there is no single
    /// one.
    #[schema(example = "content.en.title")]
    field: Option<String>,
    /// If a response can't be replayed because it contained a secret: the id of the object that was
    /// created.
    id: Option<String>,
    /// For a rejected theme: all errors.
    problems: Option<Vec<ThemeProblem>>,
    /// For a rejected theme: all warnings.
    warnings: Option<Vec<ThemeProblem>>,
}

/// An error or a warning of a theme.
#[derive(ToSchema, Serialize)]
pub(super) struct ThemeProblem {
    /// The file.
    file: ThemeFileName,
    /// The line, counted from 1.
    line: u32,
    /// The column, counted from 1, in characters.
    column: u32,
    /// Stable code for programs. New codes may be added.
    #[schema(example = "script")]
    code: String,
    /// The offending text, truncated if long.
    #[schema(example = "<script>")]
    what: String,
    /// The reason, and what to do instead.
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

/// State of a theme version.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum ThemeState {
    Draft,
    #[serde(rename = "inForce")]
    Published,
    Former,
}

/// The form of a theme upload. All parts are optional.
#[derive(ToSchema)]
pub(super) struct ThemeForm {
    /// The bell, an SVG image of at most 128 kB.
    #[schema(value_type = Option<String>, format = Binary)]
    bell: Option<Vec<u8>>,
    /// The message card, an SVG image.
    #[schema(value_type = Option<String>, format = Binary)]
    card: Option<Vec<u8>>,
    /// The style sheet.
    #[schema(value_type = Option<String>, format = Binary)]
    css: Option<Vec<u8>>,
}

/// The signed-in contact. At least one identifier is required; `externalCustomerId` takes
/// precedence over `email`, and `email` over `phone`. If no contact has the `externalCustomerId`,
/// the others match only a contact without one.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenRequest {
    /// The site's own id of the contact: at most 255 characters, without leading or trailing white
    /// space.
    #[schema(example = "42")]
    external_customer_id: Option<String>,
    /// Alias of `externalCustomerId`.
    extid: Option<String>,
    /// Ignored if malformed and another identifier is usable.
    #[schema(example = "ann@shop.example")]
    email: Option<String>,
    /// In international format; ignored if malformed and another identifier is usable.
    #[schema(example = "+380671234567")]
    phone: Option<String>,
    /// Whether the token contains the number of new messages, so that the bell shows it before the
    /// inbox is loaded.
    #[schema(default = false)]
    count: Option<bool>,
}

/// A string, or an integer that is converted to its digits.
#[derive(ToSchema, Deserialize)]
#[serde(untagged)]
pub(super) enum Name {
    Text(String),
    Number(i64),
}

/// A contact. At least one identifier is required. Unknown members are ignored; `null` and blank
/// values count as absent.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"externalCustomerId": "42", "email": "ann@shop.example", "firstName": "Ann", "language": "en", "attributes": {"plan": "pro"}}))]
pub(super) struct ContactBody {
    /// The site's own id of the contact; at most 255 characters.
    external_customer_id: Option<Name>,
    /// Alias of `externalCustomerId`; give only one of them.
    extid: Option<Name>,
    /// E-mail address.
    email: Option<Name>,
    /// Phone number in international format.
    phone: Option<Name>,
    /// At most 200 characters.
    first_name: Option<String>,
    /// At most 200 characters.
    last_name: Option<String>,
    /// A language tag such as `en` or `pt-BR`.
    language: Option<String>,
    /// Alias of `language`, used by existing clients.
    language_code: Option<String>,
    /// E-mail address and phone number in the format of existing clients; the first of each type is
    /// used.
    channels: Option<Vec<ChannelBody>>,
    /// Merged into the stored attributes; `null` removes one. At most 16 kB as JSON.
    #[schema(value_type = Option<Object>)]
    attributes: Option<Map<String, Value>>,
    /// Attributes in the format of existing clients.
    fields: Option<Vec<FieldBody>>,
    /// Stored as the attribute `address`.
    #[schema(value_type = Option<Object>)]
    address: Option<Map<String, Value>>,
}

/// A channel of a contact. Types other than `email` and `sms` are ignored.
#[derive(ToSchema, Deserialize)]
pub(super) struct ChannelBody {
    /// `email` or `sms`.
    #[schema(example = "email")]
    r#type: Option<String>,
    /// The e-mail address or phone number.
    value: Option<Value>,
}

/// An attribute.
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
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(format))
            .examples(["019b1c05-3c00-7000-8000-5f2a64d1c0de"])
            .build()
            .into()
    }
}

impl ToSchema for Id {}

/// A scope of an API key.
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

/// A key to create.
#[derive(ToSchema, Deserialize)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Storefront", "scopes": ["read", "contacts"]}))]
pub(super) struct KeyBody {
    /// Name of the key, for your own reference; at most 200 characters.
    #[schema(min_length = 1)]
    name: String,
    /// Scopes of the key; by default those of the calling key.
    #[schema(min_items = 1)]
    scopes: Option<Vec<ScopeName>>,
}

/// Settings of a site.
#[derive(ToSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"languages": ["en", "uk"], "retentionDays": 365, "categories": [{"name": "orders", "labels": {"en": "Orders"}, "mutable": false}]}))]
pub(super) struct SiteSettingsBody {
    /// The languages of messages, besides the site's default language.
    #[schema(max_items = 30)]
    languages: Option<Vec<String>>,
    /// Number of days after which messages are deleted; `null` disables deletion by age. In any
    /// case a reader keeps the newest 1,000 messages of each kind: those that name the reader,
    /// those to everyone, and those to each segment; older ones are deleted.
    #[schema(minimum = 1, maximum = 3650)]
    retention_days: Option<u32>,
    /// Categories of messages that readers can see.
    #[schema(max_items = 50)]
    categories: Option<Vec<CategoryBody>>,
    /// How a new contact sees messages to everyone and to segments that are older than the contact:
    /// `read` (default), `unread`, or `hidden`. It applies to contacts created from now on.
    #[schema(pattern = "^(read|unread|hidden)$")]
    history: Option<String>,
    /// URL schemes of the site's apps, such as `myshop`, that are allowed in links. The widget
    /// shows such links as text; the App Inbox API returns them. Schemes that execute or read
    /// something (`javascript`, `data`, `file` …) are not allowed.
    #[schema(max_items = 20)]
    link_schemes: Option<Vec<String>>,
    /// Id of the inbox in which readers write to your agents: the widget then has a "Messages" tab,
    /// and messages may have actions of the type `reply`. Without it the widget has no such tab.
    #[schema(minimum = 1)]
    messages_inbox: Option<i64>,
}

/// A category of messages.
#[derive(ToSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CategoryBody {
    /// The value of a message's `category`; 1 to 50 printable characters.
    #[schema(min_length = 1, max_length = 50)]
    name: String,
    /// Names shown to readers, by language tag.
    labels: Option<BTreeMap<String, String>>,
    /// Whether readers may mute it.
    mutable: Option<bool>,
}
