//! The audience of a message: its forms in JSON, and their schema.

#![expect(unused_qualifications, reason = "the derive of the schema writes them")]

use super::{ConditionBody, EXPECTS_AUDIENCE, EXPECTS_SEGMENT, EXPECTS_STRING};
use belfry_domain::Audience;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{
        Error, IntoDeserializer as _, MapAccess, Unexpected, Visitor,
        value::{MapAccessDeserializer, StringDeserializer},
    },
};
use serde_json::{Number, json};
use std::fmt;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr, Schema,
        schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Type},
    },
};

/// The audience of a message.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AudienceBody {
    /// All current and future contacts.
    Everyone,
    /// One contact.
    Contact(ContactNamed),
    /// Several contacts.
    Contacts(Vec<ContactNamed>),
    /// The contacts that match when they open the inbox.
    Segment(SegmentTargetBody),
}

/// The forms of an audience that are objects.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AudienceForms {
    contact: Option<ContactNamed>,
    contacts: Option<Vec<ContactNamed>>,
    segment: Option<SegmentTargetBody>,
}

struct AudienceVisitor;

impl<'de> Visitor<'de> for AudienceVisitor {
    type Value = AudienceBody;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(EXPECTS_AUDIENCE)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<AudienceBody, E> {
        match word {
            "everyone" => Ok(AudienceBody::Everyone),
            other => Err(E::invalid_value(Unexpected::Str(other), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<AudienceBody, A::Error> {
        let forms = AudienceForms::deserialize(MapAccessDeserializer::new(members))?;
        match (forms.contact, forms.contacts, forms.segment) {
            (Some(contact), None, None) => Ok(AudienceBody::Contact(contact)),
            (None, Some(contacts), None) => Ok(AudienceBody::Contacts(contacts)),
            (None, None, Some(segment)) => Ok(AudienceBody::Segment(segment)),
            _ => Err(A::Error::invalid_value(Unexpected::Map, &self)),
        }
    }
}

impl<'de> Deserialize<'de> for AudienceBody {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(AudienceVisitor)
    }
}

impl PartialSchema for AudienceBody {
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
        schemas.push(("ContactNamed".to_owned(), ContactNamed::schema()));
        ContactNamed::schemas(schemas);
    }
}

/// A string, or an integer that is converted to its digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Name {
    #[expect(missing_docs, reason = "the description of the type says it")]
    Text(String),
    #[expect(missing_docs, reason = "the description of the type says it")]
    Number(i64),
}

impl Name {
    /// The text without white space around it; `None` if it is blank.
    pub(crate) fn into_text(self) -> Option<String> {
        let text = match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Number(number) => number.to_string(),
        };
        Some(text).filter(|text| !text.is_empty())
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(EXPECTS_STRING)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Name, E> {
        Ok(Name::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Name, E> {
        Ok(Name::Text(text))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Name, E> {
        Ok(Name::Number(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Name, E> {
        Ok(i64::try_from(number).map_or_else(|_| Name::Text(number.to_string()), Name::Number))
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(NameVisitor)
    }
}

/// A contact by identifier: `id` alone, or one or more of the others.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContactNamed {
    /// The site's own id of the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "42")]
    pub external_customer_id: Option<Name>,
    /// Alias of `externalCustomerId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extid: Option<Name>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Name>,
    /// Phone number in international format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Name>,
    /// The contact's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 1)]
    pub id: Option<Number>,
}

/// The segment of an audience.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum SegmentTargetBody {
    /// Its id.
    Id(Number),
    /// Its id as the only member of an object.
    Object {
        /// The id.
        id: Number,
    },
    /// Its name.
    Name(String),
    /// A condition of this message only.
    Condition(Box<ConditionBody>),
}

struct SegmentVisitor;

impl<'de> Visitor<'de> for SegmentVisitor {
    type Value = SegmentTargetBody;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(EXPECTS_SEGMENT)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<SegmentTargetBody, E> {
        Ok(SegmentTargetBody::Name(name.to_owned()))
    }

    fn visit_i64<E: Error>(self, id: i64) -> Result<SegmentTargetBody, E> {
        Ok(SegmentTargetBody::Id(id.into()))
    }

    fn visit_u64<E: Error>(self, id: u64) -> Result<SegmentTargetBody, E> {
        Ok(SegmentTargetBody::Id(id.into()))
    }

    fn visit_f64<E: Error>(self, id: f64) -> Result<SegmentTargetBody, E> {
        // Validation rejects 0, like all numbers that are not positive and whole.
        Ok(SegmentTargetBody::Id(Number::from_f64(id).unwrap_or_else(|| 0.into())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<SegmentTargetBody, A::Error> {
        let first: Option<String> = members.next_key()?;
        if first.as_deref() == Some("id") && members.size_hint() == Some(0) {
            return Ok(SegmentTargetBody::Object { id: members.next_value()? });
        }
        let members = MapAccessDeserializer::new(WithFirst { first, rest: members });
        ConditionBody::deserialize(members)
            .map(|condition| SegmentTargetBody::Condition(Box::new(condition)))
    }
}

impl<'de> Deserialize<'de> for SegmentTargetBody {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(SegmentVisitor)
    }
}

/// Members of which the first name was read already.
struct WithFirst<A> {
    first: Option<String>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WithFirst<A> {
    type Error = A::Error;

    fn next_key_seed<K: serde::de::DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(name) => {
                let name: StringDeserializer<A::Error> = name.into_deserializer();
                seed.deserialize(name).map(Some)
            }
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: serde::de::DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}
