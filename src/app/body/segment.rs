//! Segments and their conditions.

use super::{ContactNamed, EXPECTS_STRING, not_null};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, SeqAccess, Visitor, value::SeqAccessDeserializer},
};
use serde_json::{Map, Value};
use std::fmt;
use utoipa::ToSchema;

/// A segment to create or to replace.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentRequest {
    /// 1 to 100 characters, unique within the site.
    #[schema(value_type = String)]
    pub name: Option<String>,
    /// For example `{"all":[{"attribute":"plan","equals":"pro"},{"not":{"language":["uk"]}}]}`, or
    /// the short form `{"attributes":{"plan":"pro"}}`.
    #[schema(value_type = Object)]
    pub condition: Option<ConditionBody>,
}

/// A condition to count.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentCountRequest {
    /// The same format as in a segment.
    #[schema(value_type = Object)]
    pub condition: Option<ConditionBody>,
}

/// A condition. Several members are combined with AND.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConditionBody {
    /// All of these match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<Vec<Self>>,
    /// One of these matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub any: Option<Vec<Self>>,
    /// This does not match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<Self>>,
    /// Path of the attribute that the operators compare.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// Each of these attributes equals its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Map<String, Value>>,
    /// The contact's language is one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Languages>,
    /// When the contact was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<TimeBody>,
    /// When the contact was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<TimeBody>,
    /// The contact is one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<ContactNamed>>,
    /// Operator: the attribute has this value.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub equals: Option<Value>,
    /// Operator: the attribute does not have this value.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub not_equals: Option<Value>,
    /// Operator: the attribute is a list with this item.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub contains: Option<Value>,
    /// Operator: whether the attribute exists.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    /// Operator: the attribute is a number above this one.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub greater: Option<Value>,
    /// Operator: the attribute is a number below this one.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub less: Option<Value>,
    /// Operator: the attribute has one of these values.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub r#in: Option<Vec<Value>>,
}

/// Tests of a time, which are combined with AND.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimeBody {
    /// Before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// At or after this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Within this number of days before now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_days: Option<Value>,
}

/// Language tags: a list, or one tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Languages(pub Vec<String>);

struct LanguagesVisitor;

impl<'de> Visitor<'de> for LanguagesVisitor {
    type Value = Languages;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(EXPECTS_STRING)
    }

    fn visit_str<E: Error>(self, tag: &str) -> Result<Languages, E> {
        Ok(Languages(vec![tag.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, tags: A) -> Result<Languages, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(tags)).map(Languages)
    }
}

impl<'de> Deserialize<'de> for Languages {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(LanguagesVisitor)
    }
}
