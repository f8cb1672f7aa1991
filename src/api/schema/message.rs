//! Messages: what senders write, and what is stored.

use super::Name;
use crate::domain::Audience;
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

/// Who a message goes to.
pub(in crate::api) enum AudienceBody {}

impl utoipa::PartialSchema for AudienceBody {
    fn schema() -> RefOr<Schema> {
        let contact = || RefOr::<Schema>::Ref(Ref::from_schema_name("ContactNamed"));
        let form = |name: &str, value: RefOr<Schema>| {
            ObjectBuilder::new().property(name, value).required(name).additional_properties(Some(AdditionalProperties::FreeForm(false))).build()
        };
        let segment = OneOfBuilder::new()
            .item(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).description(Some("The id of a segment.")))
            .item(ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).description(Some("The name of a segment.")))
            .item(ObjectBuilder::new().description(Some("A condition, as in a segment.")).examples([json!({"attributes": {"plan": "pro"}})]))
            .description(Some("Whoever matches at the moment in which they look."))
            .build();
        let several = ArrayBuilder::new()
            .items(contact())
            .min_items(Some(1))
            .max_items(Some(Audience::MAX_NAMED_CONTACTS))
            .description(Some("Many of them are reached in parts, right after the answer."))
            .build();
        let forms = OneOfBuilder::new()
            .item(
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .enum_values(Some(["everyone"]))
                    .description(Some("Whoever reads the site, now and later.")),
            )
            .item(form("contact", contact()))
            .item(form("contacts", Schema::Array(several).into()))
            .item(form("segment", Schema::OneOf(segment).into()))
            .description(Some("Who a message goes to: one contact, several, a segment, or everyone."))
            .build();
        Schema::OneOf(forms).into()
    }
}

impl ToSchema for AudienceBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("ContactNamed".to_owned(), <ContactNamed as utoipa::PartialSchema>::schema()));
        ContactNamed::schemas(schemas);
    }
}

/// What a message says, by language tag.
fn content() -> Schema {
    ObjectBuilder::new()
        .additional_properties(Some(Ref::from_schema_name("ContentBody")))
        .min_properties(Some(1))
        .max_properties(Some(20))
        .description(Some("What it says, by language tag: 1 to 20 languages."))
        .build()
        .into()
}

/// A contact by one of its names: `id` alone, or one or more of the others.
#[derive(ToSchema, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct ContactNamed {
    /// Belfry's number of the contact.
    #[schema(minimum = 1)]
    id: Option<i64>,
    /// The site's own id.
    #[schema(value_type = Option<Name>, example = "42")]
    external_customer_id: Option<String>,
    /// Another name of `externalCustomerId`.
    #[schema(value_type = Option<Name>)]
    extid: Option<String>,
    /// An e-mail address.
    #[schema(value_type = Option<Name>)]
    email: Option<String>,
    /// A telephone number in the international form.
    #[schema(value_type = Option<Name>)]
    phone: Option<String>,
}

/// A message to be published.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"audience": {"contact": {"externalCustomerId": "42"}}, "content": {"en": {"title": "Order shipped", "body": "It is *on its way*.", "link": "https://shop.example/orders/7"}}}))]
pub(in crate::api) struct MessageBody {
    /// Who it goes to.
    #[schema(value_type = AudienceBody)]
    audience: Value,
    #[schema(schema_with = content)]
    content: BTreeMap<String, ContentBody>,
    /// A word of the site's own, of at most 64 characters.
    category: Option<String>,
    /// Anything, of at most 8 kB as JSON; handed to the page when the reader opens the message.
    data: Option<Value>,
    /// Whether it stays above the others.
    pinned: Option<bool>,
    /// When it is shown first, at most a year ahead; the past means at once.
    #[schema(value_type = Option<String>, format = DateTime)]
    publish_at: Option<String>,
    /// When it vanishes; in the future, and after `publishAt`.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<String>,
    /// What you call it among yourselves; readers never see it.
    name: Option<String>,
    /// `false` where its texts come from people: `{{` is text then and no variable. Otherwise `\\{{` is a `{{` that is no variable.
    #[schema(default = true)]
    variables: Option<bool>,
}

/// What to change of a message; at least one member. What is absent stays.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"pinned": false, "expiresAt": null}))]
pub(in crate::api) struct MessageEditBody {
    #[schema(schema_with = content, required = false)]
    content: Option<BTreeMap<String, ContentBody>>,
    /// `null` takes it away.
    category: Option<String>,
    /// `null` takes it away.
    data: Option<Value>,
    /// Whether it stays above the others.
    #[schema(nullable = false)]
    pinned: Option<bool>,
    /// `null` takes it away.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<String>,
    /// What you call it among yourselves; `null` takes it away.
    name: Option<String>,
    /// Whether its texts have variables.
    #[schema(nullable = false)]
    variables: Option<bool>,
}

/// A message in one language.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct ContentBody {
    /// Plain text, of which at most 200 characters remain when white space is tidied; something in it can be seen.
    #[schema(min_length = 1)]
    title: String,
    /// Markdown, at most 10,000 characters. A line break is a line break; web and e-mail addresses become links.
    body: Option<String>,
    /// Where a click on the message leads, at most 8,192 characters: a full `http` or `https` address; a page of the site, such as
    /// `/orders/7`, on the origin of the page that shows the message, else on the site's first over https; `mailto:` or `tel:`; or a scheme of an app
    /// that the site's `linkSchemes` allow, which is text on the web and handed on to apps.
    link: Option<String>,
    /// Whether the link opens a tab of its own.
    new_tab: Option<bool>,
    /// The full address of a picture: `https`, or `http` on one of the site's own origins.
    image: Option<String>,
    /// At most three buttons.
    #[schema(max_items = 3)]
    actions: Option<Vec<ActionBody>>,
}

/// A button under a message.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct ActionBody {
    /// What it says, at most 40 characters.
    #[schema(min_length = 1)]
    label: String,
    /// `link`, which is meant where nothing is said, leads to `link`. `reply` lets the reader write to your agents about the message, in the tab
    /// "Messages" of the widget; it has no `link`, and is not shown where the site's setting `messagesInbox` names no inbox.
    #[serde(rename = "type")]
    #[schema(pattern = "^(link|reply)$")]
    kind: Option<String>,
    /// Where it leads, as `link` of the message. Needed but for `reply`.
    #[schema(example = "https://shop.example/orders/7")]
    link: Option<String>,
    /// Whether it opens a tab of its own.
    new_tab: Option<bool>,
}

/// A message in one language, as it is stored.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ContentView {
    title: String,
    body: Option<String>,
    link: Option<String>,
    new_tab: Option<bool>,
    image: Option<String>,
    actions: Option<Vec<ActionView>>,
}

/// A button, as it is stored.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ActionView {
    label: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    link: Option<String>,
    new_tab: Option<bool>,
}
