//! `OpenAPI` schemas of messages: request bodies and stored content.

use super::Name;
use belfry_domain::Audience;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::{
    ToSchema,
    openapi::{
        Ref, RefOr, Schema,
        schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Type},
    },
};

/// The audience of a message.
pub(crate) enum AudienceBody {}

impl utoipa::PartialSchema for AudienceBody {
    fn schema() -> RefOr<Schema> {
        let contact = || RefOr::<Schema>::Ref(Ref::from_schema_name("ContactNamed"));
        let form = |name: &str, value: RefOr<Schema>| {
            ObjectBuilder::new()
                .property(name, value)
                .required(name)
                .additional_properties(Some(AdditionalProperties::FreeForm(false)))
                .build()
        };
        let segment = OneOfBuilder::new()
            .item(
                ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .minimum(Some(1))
                    .description(Some("The id of a segment.")),
            )
            .item(
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .min_length(Some(1))
                    .description(Some("The name of a segment.")),
            )
            .item(
                ObjectBuilder::new()
                    .description(Some("A condition, as in a segment."))
                    .examples([json!({"attributes": {"plan": "pro"}})]),
            )
            .description(Some("The contacts that match when they open the inbox."))
            .build();
        let several = ArrayBuilder::new()
            .items(contact())
            .min_items(Some(1))
            .max_items(Some(Audience::MAX_NAMED_CONTACTS))
            .description(Some("A large audience is processed in parts, right after the response."))
            .build();
        let forms = OneOfBuilder::new()
            .item(
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .enum_values(Some(["everyone"]))
                    .description(Some("All current and future contacts.")),
            )
            .item(form("contact", contact()))
            .item(form("contacts", Schema::Array(several).into()))
            .item(form("segment", Schema::OneOf(segment).into()))
            .description(Some(
                "The audience of a message: one contact, several, a segment, or everyone.",
            ))
            .build();
        Schema::OneOf(forms).into()
    }
}

impl ToSchema for AudienceBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas
            .push(("ContactNamed".to_owned(), <ContactNamed as utoipa::PartialSchema>::schema()));
        ContactNamed::schemas(schemas);
    }
}

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

/// A contact by identifier: `id` alone, or one or more of the others.
#[derive(ToSchema, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ContactNamed {
    /// The contact's id.
    #[schema(minimum = 1)]
    id: Option<i64>,
    /// The site's own id of the contact.
    #[schema(value_type = Option<Name>, example = "42")]
    external_customer_id: Option<String>,
    /// Alias of `externalCustomerId`.
    #[schema(value_type = Option<Name>)]
    extid: Option<String>,
    /// E-mail address.
    #[schema(value_type = Option<Name>)]
    email: Option<String>,
    /// Phone number in international format.
    #[schema(value_type = Option<Name>)]
    phone: Option<String>,
}

/// A message to publish.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"audience": {"contact": {"externalCustomerId": "42"}}, "content": {"en": {"title": "Order shipped", "body": "It is *on its way*.", "link": "https://shop.example/orders/7"}}}))]
pub(crate) struct MessageBody {
    /// The audience.
    #[schema(value_type = AudienceBody)]
    audience: Value,
    #[schema(schema_with = content)]
    content: BTreeMap<String, ContentBody>,
    /// A category of the site's own; at most 64 characters.
    category: Option<String>,
    /// Custom data, at most 8 kB as JSON. The page receives it when the reader opens the message.
    data: Option<Value>,
    /// Whether the message is shown above the others.
    pinned: Option<bool>,
    /// When the message is first shown: at most one year ahead. A time in the past means
    /// immediately.
    #[schema(value_type = Option<String>, format = DateTime)]
    publish_at: Option<String>,
    /// When the message expires: in the future, and after `publishAt`.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<String>,
    /// Internal name; not shown to readers.
    name: Option<String>,
    /// `false` disables variables, so that `{{` is plain text; use it for text written by users.
    /// With variables, `\\{{` is a literal `{{`.
    #[schema(default = true)]
    variables: Option<bool>,
}

/// Changes to a message; at least one member. Absent members stay unchanged.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"pinned": false, "expiresAt": null}))]
pub(crate) struct MessageEditBody {
    #[schema(schema_with = content, required = false)]
    content: Option<BTreeMap<String, ContentBody>>,
    /// `null` removes it.
    category: Option<String>,
    /// `null` removes it.
    data: Option<Value>,
    /// Whether the message is shown above the others.
    #[schema(nullable = false)]
    pinned: Option<bool>,
    /// `null` removes it.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<String>,
    /// Internal name; `null` removes it.
    name: Option<String>,
    /// Whether the texts contain variables.
    #[schema(nullable = false)]
    variables: Option<bool>,
}

/// The content of a message in one language.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ContentBody {
    /// Plain text with at least one visible character; at most 200 characters after white space is
    /// normalized.
    #[schema(min_length = 1)]
    title: String,
    /// Markdown, at most 10,000 characters. Line breaks are kept; URLs and e-mail addresses become
    /// links.
    body: Option<String>,
    /// Link target, at most 8,192 characters: an absolute `http` or `https` URL; a path of the site
    /// such as `/orders/7`, resolved against the page that shows the message, otherwise against the
    /// site's first https origin; `mailto:` or `tel:`; or an app scheme listed in the site's
    /// `linkSchemes`, which the widget shows as text and the App Inbox API returns to apps.
    link: Option<String>,
    /// Whether the link opens in a new tab.
    new_tab: Option<bool>,
    /// Absolute URL of an image: `https`, or `http` on one of the site's own origins.
    image: Option<String>,
    /// At most three buttons.
    #[schema(max_items = 3)]
    actions: Option<Vec<ActionBody>>,
}

/// A button below a message.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ActionBody {
    /// Label, at most 40 characters.
    #[schema(min_length = 1)]
    label: String,
    /// `link` (default) opens `link`. `reply` lets the reader write to your agents about the
    /// message in the widget's "Messages" tab; it has no `link`, and is not shown if the site
    /// setting `messagesInbox` is not set.
    #[serde(rename = "type")]
    #[schema(pattern = "^(link|reply)$")]
    kind: Option<String>,
    /// Link target, like the `link` of the message. Required unless the type is `reply`.
    #[schema(example = "https://shop.example/orders/7")]
    link: Option<String>,
    /// Whether the link opens in a new tab.
    new_tab: Option<bool>,
}

/// The stored content of a message in one language.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContentView {
    title: String,
    body: Option<String>,
    link: Option<String>,
    new_tab: Option<bool>,
    image: Option<String>,
    actions: Option<Vec<ActionView>>,
}

/// A stored button.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActionView {
    label: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    link: Option<String>,
    new_tab: Option<bool>,
}
