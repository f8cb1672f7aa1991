//! Parsing and writing of segment conditions. Must not depend on stored contacts or segments.

use super::{
    audience::{lookups, positive},
    json,
    member::{as_line, as_timestamp, index_path, member_path, reject_nul, type_error},
    reader,
};
use crate::body::{
    ConditionBody, Languages, SegmentCountRequest, SegmentRequest, SegmentTargetBody, TimeBody,
};
use belfry_domain::{
    AttributeTest, Condition, ContactLookup, Language, Rule, RuleDraft, SegmentId, SegmentTarget,
    TimeTest, ValidationError,
};
use belfry_locales::phrases::errors;
use serde_json::{Map, Number, Value, json};

const MAX_NAME_CHARS: usize = 100;
const MAX_PATH_CHARS: usize = 200;
const MAX_TEXT_CHARS: usize = 1_000;
const MAX_VALUES: usize = 100;
const MAX_DAYS: u64 = 3_650;
const MEMBERS: &str =
    "all, any, not, attribute, attributes, language, createdAt, lastSeenAt, contacts";

/// Parses and validates the body of `POST /v1/segments` and `PUT /v1/segments/{id}`.
pub fn parse_segment(json: &[u8]) -> Result<(String, RuleDraft), ValidationError> {
    reader::parse::<SegmentRequest>(json)?.validate()
}

/// Parses and validates the body of `POST /v1/segments/count`.
pub fn parse_condition(json: &[u8]) -> Result<RuleDraft, ValidationError> {
    reader::parse::<SegmentCountRequest>(json)?.validate()
}

impl SegmentRequest {
    /// Validates a segment: its name and its rule.
    pub fn validate(self) -> Result<(String, RuleDraft), ValidationError> {
        let name = self.name.ok_or_else(|| ValidationError::new("name", errors::REQUIRED))?;
        Ok((as_line(&name, "name", MAX_NAME_CHARS)?, required_rule(self.condition)?))
    }
}

impl SegmentCountRequest {
    /// Validates the rule.
    pub fn validate(self) -> Result<RuleDraft, ValidationError> {
        required_rule(self.condition)
    }
}

fn required_rule(condition: Option<ConditionBody>) -> Result<RuleDraft, ValidationError> {
    condition
        .ok_or_else(|| ValidationError::new("condition", errors::REQUIRED))?
        .validate("condition")
}

impl SegmentTargetBody {
    /// Validates the segment of an audience.
    pub(super) fn validate(self, at: &str) -> Result<SegmentTarget, ValidationError> {
        Ok(match self {
            Self::Id(id) => SegmentTarget::Number(SegmentId(positive(&id, at)?)),
            Self::Object { id } => {
                SegmentTarget::Number(SegmentId(positive(&id, &format!("{at}.id"))?))
            }
            Self::Name(name) => SegmentTarget::Named(as_line(&name, at, MAX_NAME_CHARS)?),
            Self::Condition(condition) => SegmentTarget::Rule(condition.validate(at)?),
        })
    }
}

type Lists = Vec<Vec<ContactLookup>>;

impl ConditionBody {
    /// The operators of an attribute.
    pub const OPERATORS: &str = "equals, notEquals, contains, exists, greater, less, in";

    /// Reads a condition from JSON that was parsed by other rules; `at` is its path.
    pub fn from_value(value: Value, at: &str) -> Result<Self, ValidationError> {
        reader::from_value(json::check(value, at)?, at)
    }

    /// Validates a condition; `at` is its path.
    pub fn validate(self, at: &str) -> Result<RuleDraft, ValidationError> {
        let mut lists = Vec::new();
        let condition = self.parts(at, &mut lists)?;
        condition
            .check()
            .and_then(|()| condition.check_cost())
            .map_err(|invalid| invalid.with_parent(at))?;
        let named: usize = lists.iter().map(Vec::len).sum();
        if named > Rule::CONTACTS {
            return Err(ValidationError::new(at, errors::named_contact_count(named)));
        }
        Ok(RuleDraft { condition, lists })
    }

    /// Several members of one object are combined with AND.
    fn parts(mut self, at: &str, lists: &mut Lists) -> Result<Condition, ValidationError> {
        let mut parts = Vec::new();
        if let Some(items) = self.all.take() {
            parts.push(Condition::All(each(items, &format!("{at}.all"), lists)?));
        }
        if let Some(items) = self.any.take() {
            parts.push(Condition::Any(each(items, &format!("{at}.any"), lists)?));
        }
        if let Some(inner) = self.not.take() {
            parts.push(Condition::Not(Box::new(inner.parts(&format!("{at}.not"), lists)?)));
        }
        self.attribute(at, &mut parts)?;
        if let Some(wanted) = self.attributes.take() {
            attributes(wanted, &format!("{at}.attributes"), &mut parts)?;
        }
        if let Some(Languages(tags)) = self.language.take() {
            parts.push(Condition::Language(languages(&tags, &format!("{at}.language"))?));
        }
        if let Some(time) = self.created_at.take() {
            time.parts(&format!("{at}.createdAt"), Condition::CreatedAt, &mut parts)?;
        }
        if let Some(time) = self.last_seen_at.take() {
            time.parts(&format!("{at}.lastSeenAt"), Condition::LastSeenAt, &mut parts)?;
        }
        if let Some(contacts) = self.contacts.take() {
            let at = format!("{at}.contacts");
            if contacts.is_empty() {
                return Err(ValidationError::new(at, errors::NO_NAMED_CONTACT));
            }
            lists.push(lookups(contacts, &at)?);
            parts.push(Condition::Contacts(lists.len() - 1));
        }
        let none = || ValidationError::new(at, errors::must_have_one_of(MEMBERS));
        match parts.len() {
            0 => Err(none()),
            1 => parts.pop().ok_or_else(none),
            _ => Ok(Condition::All(parts)),
        }
    }

    /// The attribute with its operators.
    fn attribute(&mut self, at: &str, parts: &mut Vec<Condition>) -> Result<(), ValidationError> {
        let path = self
            .attribute
            .take()
            .map(|path| as_line(&path, &format!("{at}.attribute"), MAX_PATH_CHARS))
            .transpose()?;
        let mut has_operator = false;
        let mut add =
            |operator: &str, test: &dyn Fn(&str) -> Result<AttributeTest, ValidationError>| {
                let at = format!("{at}.{operator}");
                let Some(path) = &path else {
                    return Err(ValidationError::new(at, errors::NO_ATTRIBUTE));
                };
                has_operator = true;
                parts.push(Condition::Attribute { path: path.clone(), test: test(&at)? });
                Ok(())
            };
        if let Some(value) = self.equals.take() {
            add("equals", &|at| scalar(&value, at).map(AttributeTest::Equals))?;
        }
        if let Some(value) = self.not_equals.take() {
            add("notEquals", &|at| scalar(&value, at).map(AttributeTest::NotEquals))?;
        }
        if let Some(value) = self.contains.take() {
            add("contains", &|at| scalar(&value, at).map(AttributeTest::Contains))?;
        }
        if let Some(wanted) = self.exists.take() {
            add("exists", &|_| Ok(AttributeTest::Exists(wanted)))?;
        }
        if let Some(value) = self.greater.take() {
            add("greater", &|at| number(&value, at).map(AttributeTest::Greater))?;
        }
        if let Some(value) = self.less.take() {
            add("less", &|at| number(&value, at).map(AttributeTest::Less))?;
        }
        if let Some(values) = self.r#in.take() {
            add("in", &|at| one_of(&values, at))?;
        }
        if path.is_some() && !has_operator {
            return Err(ValidationError::new(
                format!("{at}.attribute"),
                errors::no_operator(Self::OPERATORS),
            ));
        }
        Ok(())
    }
}

fn each(
    items: Vec<ConditionBody>,
    at: &str,
    lists: &mut Lists,
) -> Result<Vec<Condition>, ValidationError> {
    if items.is_empty() {
        return Err(ValidationError::new(at, errors::NO_CONDITION));
    }
    let items = items.into_iter().enumerate();
    items.map(|(index, item)| item.parts(&index_path(at, index), lists)).collect()
}

/// The short form: each of these attributes equals its value.
fn attributes(
    wanted: Map<String, Value>,
    at: &str,
    parts: &mut Vec<Condition>,
) -> Result<(), ValidationError> {
    if wanted.is_empty() {
        return Err(ValidationError::new(at, errors::NO_NAMED_ATTRIBUTE));
    }
    for (path, value) in wanted {
        let at = member_path(at, &path);
        if path.is_empty() || path.chars().count() > MAX_PATH_CHARS {
            return Err(ValidationError::new(at, errors::attribute_path(MAX_PATH_CHARS)));
        }
        let test = AttributeTest::Equals(scalar(&value, &at)?);
        parts.push(Condition::Attribute { path, test });
    }
    Ok(())
}

fn one_of(values: &[Value], at: &str) -> Result<AttributeTest, ValidationError> {
    if values.is_empty() || values.len() > MAX_VALUES {
        return Err(ValidationError::new(at, errors::value_count(MAX_VALUES, values.len())));
    }
    let values = values.iter().enumerate();
    let values = values.map(|(index, value)| scalar(value, &index_path(at, index)));
    Ok(AttributeTest::In(values.collect::<Result<_, _>>()?))
}

fn scalar(value: &Value, at: &str) -> Result<Value, ValidationError> {
    reject_nul(value, at)?;
    match value {
        Value::Bool(_) | Value::Number(_) => Ok(value.clone()),
        Value::String(text) if text.chars().count() <= MAX_TEXT_CHARS => Ok(value.clone()),
        Value::String(_) => Err(ValidationError::new(at, errors::at_most_characters("1,000"))),
        other => Err(type_error(at, errors::KIND_SCALAR, other)),
    }
}

fn number(value: &Value, at: &str) -> Result<Number, ValidationError> {
    match value {
        Value::Number(number) => Ok(number.clone()),
        other => Err(type_error(at, errors::KIND_NUMBER, other)),
    }
}

fn languages(tags: &[String], at: &str) -> Result<Vec<Language>, ValidationError> {
    if tags.is_empty() || tags.len() > MAX_VALUES {
        return Err(ValidationError::new(at, errors::named_language_count(MAX_VALUES, tags.len())));
    }
    let language = |(index, tag): (usize, &String)| {
        tag.parse().map_err(|invalid: ValidationError| {
            ValidationError::new(index_path(at, index), invalid.reason)
        })
    };
    tags.iter().enumerate().map(language).collect()
}

impl TimeBody {
    fn parts(
        self,
        at: &str,
        make: fn(TimeTest) -> Condition,
        parts: &mut Vec<Condition>,
    ) -> Result<(), ValidationError> {
        if self == Self::default() {
            return Err(ValidationError::new(at, errors::TIME_OPERATORS));
        }
        if let Some(text) = self.before {
            parts.push(make(TimeTest::Before(as_timestamp(&text, &format!("{at}.before"))?)));
        }
        if let Some(text) = self.after {
            parts.push(make(TimeTest::After(as_timestamp(&text, &format!("{at}.after"))?)));
        }
        if let Some(days) = self.within_days {
            let days = days
                .as_u64()
                .filter(|days| (1..=MAX_DAYS).contains(days))
                .and_then(|days| u32::try_from(days).ok());
            parts.push(make(TimeTest::WithinDays(days.ok_or_else(|| {
                ValidationError::new(format!("{at}.withinDays"), errors::WITHIN_DAYS)
            })?)));
        }
        Ok(())
    }
}

/// A rule in the format that senders use.
pub fn write_rule(rule: &Rule) -> Value {
    write(rule.condition(), rule)
}

fn write(condition: &Condition, rule: &Rule) -> Value {
    let all = |parts: &[Condition]| parts.iter().map(|part| write(part, rule)).collect::<Vec<_>>();
    match condition {
        Condition::All(parts) => json!({"all": all(parts)}),
        Condition::Any(parts) => json!({"any": all(parts)}),
        Condition::Not(part) => json!({"not": write(part, rule)}),
        Condition::Attribute { path, test } => {
            let (name, value) = match test {
                AttributeTest::Equals(value) => ("equals", value.clone()),
                AttributeTest::NotEquals(value) => ("notEquals", value.clone()),
                AttributeTest::Contains(value) => ("contains", value.clone()),
                AttributeTest::Exists(wanted) => ("exists", Value::Bool(*wanted)),
                AttributeTest::Greater(bound) => ("greater", Value::Number(bound.clone())),
                AttributeTest::Less(bound) => ("less", Value::Number(bound.clone())),
                AttributeTest::In(values) => ("in", Value::Array(values.clone())),
            };
            Value::Object(Map::from_iter([
                ("attribute".to_owned(), Value::from(path.as_str())),
                (name.to_owned(), value),
            ]))
        }
        Condition::Language(languages) => json!({"language": languages}),
        Condition::CreatedAt(when) => json!({"createdAt": write_when(when)}),
        Condition::LastSeenAt(when) => json!({"lastSeenAt": write_when(when)}),
        Condition::Contacts(list) => {
            let named: Vec<_> = rule
                .lists()
                .get(*list)
                .into_iter()
                .flatten()
                .map(|contact| json!({"id": contact}))
                .collect();
            json!({"contacts": named})
        }
    }
}

fn write_when(when: &TimeTest) -> Value {
    match when {
        TimeTest::Before(moment) => json!({"before": moment.rfc3339()}),
        TimeTest::After(moment) => json!({"after": moment.rfc3339()}),
        TimeTest::WithinDays(days) => json!({"withinDays": days}),
    }
}

#[cfg(test)]
mod tests;
