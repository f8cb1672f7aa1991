//! Deserializes request bodies, with errors that name the member and say in a phrase what is wrong.
//! Must not depend on the members of any body.
//!
//! `serde` describes errors in English text only. Here the types are checked before `serde` sees a
//! value, and what a hand-written visitor expects is looked up among the phrases.

use super::{
    json,
    member::{Path, member_path, type_error},
};
use crate::body::{EXPECTS_AUDIENCE, EXPECTS_SEGMENT, EXPECTS_STRING};
use belfry_domain::ValidationError;
use belfry_locales::{LocalizedText, phrases::errors};
use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, Error, Expected, IntoDeserializer as _, MapAccess,
        SeqAccess, Unexpected, Visitor, value::StrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Value, map};
use std::{fmt, vec};

/// Parses a request body.
pub(super) fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, ValidationError> {
    from_value(json::read(json)?, "")
}

/// Parses a value that was read strictly; `at` is its path.
pub(super) fn from_value<T: DeserializeOwned>(
    value: Value,
    at: &str,
) -> Result<T, ValidationError> {
    let at = Path::Start(at);
    T::deserialize(Reader { value, at }).map_err(|error| error.within(at).error)
}

/// A value and its path.
struct Reader<'at> {
    value: Value,
    at: Path<'at>,
}

impl Reader<'_> {
    /// Reads a value of one type.
    fn typed<'de, V: Visitor<'de>>(
        self,
        is: fn(&Value) -> bool,
        expected: LocalizedText,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if is(&self.value) {
            self.deserialize_any(visitor)
        } else {
            Err(ReadError {
                error: type_error(&self.at.text(), expected, &self.value),
                is_placed: true,
            })
        }
    }

    fn object<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.at.is_request() && !self.value.is_object() {
            let error = ValidationError::new(
                "",
                errors::request_no_object(super::member::kind(&self.value)),
            );
            return Err(ReadError { error, is_placed: true });
        }
        self.typed(Value::is_object, errors::KIND_OBJECT, visitor)
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let Self { value, at } = self;
        let read = match value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (None, Some(number)) => visitor.visit_i64(number),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => {
                visitor.visit_seq(Items { values: items.into_iter(), index: 0, at })
            }
            Value::Object(members) => {
                visitor.visit_map(Members { pairs: members.into_iter(), pair: None, at })
            }
        };
        read.map_err(|error| error.within(at))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.typed(Value::is_boolean, errors::KIND_BOOLEAN, visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.typed(Value::is_string, errors::KIND_STRING, visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.typed(Value::is_array, errors::KIND_ARRAY, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.object(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.object(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple
        tuple_struct enum identifier ignored_any
    }
}

/// The members of an object.
struct Members<'at> {
    pairs: map::IntoIter,
    /// The member whose name was read last.
    pair: Option<(String, Value)>,
    at: Path<'at>,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ReadError> {
        let Some((name, value)) = self.pairs.next() else { return Ok(None) };
        let key: StrDeserializer<'_, ReadError> = name.as_str().into_deserializer();
        let read = seed.deserialize(key)?;
        self.pair = Some((name, value));
        Ok(Some(read))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let Some((name, value)) = self.pair.take() else {
            return Err(ReadError::custom("a value was read before its name"));
        };
        read_at(Reader { value, at: Path::Member(&self.at, &name) }, seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.pairs.len())
    }
}

/// The items of a list.
struct Items<'at> {
    values: vec::IntoIter<Value>,
    index: usize,
    at: Path<'at>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ReadError> {
        let Some(value) = self.values.next() else { return Ok(None) };
        let reader = Reader { value, at: Path::Item(&self.at, self.index) };
        self.index += 1;
        read_at(reader, seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.values.len())
    }
}

/// Reads a value. An error that a visitor returned gets the value's path.
fn read_at<'de, S: DeserializeSeed<'de>>(
    reader: Reader<'_>,
    seed: S,
) -> Result<S::Value, ReadError> {
    let at = reader.at;
    seed.deserialize(reader).map_err(|error| error.within(at))
}

/// An error with its path, or with a path within the value that is being read.
#[derive(Debug)]
struct ReadError {
    error: ValidationError,
    is_placed: bool,
}

impl ReadError {
    fn new(member: &str, reason: LocalizedText) -> Self {
        Self { error: ValidationError::new(member, reason), is_placed: false }
    }

    fn within(self, at: Path<'_>) -> Self {
        if self.is_placed {
            return self;
        }
        let ValidationError { field, reason } = self.error;
        let field = if field.is_empty() { at.text() } else { member_path(&at.text(), &field) };
        Self { error: ValidationError::new(field, reason), is_placed: true }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(out)
    }
}

impl std::error::Error for ReadError {}

impl Error for ReadError {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::new("", errors::verbatim(text.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Bool(_) => errors::KIND_BOOLEAN,
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => {
                errors::KIND_NUMBER
            }
            Unexpected::Char(_) | Unexpected::Str(_) => errors::KIND_STRING,
            Unexpected::Seq => errors::KIND_ARRAY,
            Unexpected::Map => errors::KIND_OBJECT,
            _ => errors::KIND_NULL,
        };
        let reason = match expected.to_string().as_str() {
            EXPECTS_AUDIENCE => errors::AUDIENCE_FORMS,
            EXPECTS_SEGMENT => errors::wrong_type(errors::KIND_CONDITION, found),
            EXPECTS_STRING => errors::wrong_type(errors::KIND_STRING, found),
            "a JSON number" => errors::wrong_type(errors::KIND_NUMBER, found),
            other => errors::verbatim(format!("must be {other}")),
        };
        Self::new("", reason)
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::new(name, errors::unknown_field(known.join(", ")))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(name, errors::REQUIRED)
    }
}
