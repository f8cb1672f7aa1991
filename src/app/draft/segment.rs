//! Parsing and writing of segment conditions. Must not depend on stored contacts or segments.

use super::{
    audience, json,
    object::{Object, as_bool, as_line, as_text, as_timestamp, index_path, type_error},
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
const TESTS: [&str; 7] = ["equals", "notEquals", "contains", "exists", "greater", "less", "in"];
const KNOWN: [&str; 9] = [
    "all",
    "any",
    "not",
    "attribute",
    "attributes",
    "language",
    "createdAt",
    "lastSeenAt",
    "contacts",
];

/// Parses the body of `POST /v1/segments` and `PUT /v1/segments/{id}`.
pub fn parse_segment(json: &[u8]) -> Result<(String, RuleDraft), ValidationError> {
    let mut segment = Object::from_value(json::read(json)?, "")?;
    segment.reject_unknown(&["name", "condition"])?;
    let name =
        segment.take("name").ok_or_else(|| ValidationError::new("name", errors::REQUIRED))?;
    let name = as_line(name, "name", MAX_NAME_CHARS)?;
    Ok((name, required_rule(&mut segment)?))
}

/// Parses the body of `POST /v1/segments/count`.
pub fn parse_condition(json: &[u8]) -> Result<RuleDraft, ValidationError> {
    let mut body = Object::from_value(json::read(json)?, "")?;
    body.reject_unknown(&["condition"])?;
    required_rule(&mut body)
}

fn required_rule(object: &mut Object) -> Result<RuleDraft, ValidationError> {
    rule(
        object
            .take("condition")
            .ok_or_else(|| ValidationError::new("condition", errors::REQUIRED))?,
        "condition",
    )
}

/// Parses the value of `segment` in an audience: a name, an id, or a condition.
pub(super) fn target(value: Value, at: &str) -> Result<SegmentTarget, ValidationError> {
    match value {
        Value::Number(number) => {
            let number = number.as_i64().filter(|number| *number > 0);
            number
                .map(|number| SegmentTarget::Number(SegmentId(number)))
                .ok_or_else(|| ValidationError::new(at, errors::POSITIVE_WHOLE_NUMBER))
        }
        Value::String(_) => Ok(SegmentTarget::Named(as_line(value, at, MAX_NAME_CHARS)?)),
        Value::Object(mut members) if members.len() == 1 && members.contains_key("id") => target(
            members.remove("id").filter(Value::is_number).unwrap_or_default(),
            &format!("{at}.id"),
        ),
        Value::Object(_) => Ok(SegmentTarget::Rule(rule(value, at)?)),
        other => Err(type_error(at, errors::KIND_CONDITION, &other)),
    }
}

/// Parses a condition.
pub(super) fn rule(value: Value, at: &str) -> Result<RuleDraft, ValidationError> {
    let mut lists = Vec::new();
    let condition = condition(value, at, &mut lists)?;
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

type Lists = Vec<Vec<ContactLookup>>;

/// Several members of one object are combined with AND.
fn condition(value: Value, at: &str, lists: &mut Lists) -> Result<Condition, ValidationError> {
    let mut object = Object::from_value(value, at)?;
    object.reject_unknown(&[KNOWN.as_slice(), TESTS.as_slice()].concat())?;
    let mut parts = Vec::new();
    for (name, make) in
        [("all", Condition::All as fn(Vec<Condition>) -> Condition), ("any", Condition::Any)]
    {
        if let Some(items) = object.list(name)? {
            let at = object.path(name);
            if items.is_empty() {
                return Err(ValidationError::new(at, errors::NO_CONDITION));
            }
            let items = items
                .into_iter()
                .enumerate()
                .map(|(index, item)| condition(item, &index_path(&at, index), lists));
            parts.push(make(items.collect::<Result<_, _>>()?));
        }
    }
    if let Some(inner) = object.take("not") {
        parts.push(Condition::Not(Box::new(condition(inner, &object.path("not"), lists)?)));
    }
    attribute(&mut object, &mut parts)?;
    attributes(&mut object, &mut parts)?;
    if let Some(value) = object.take("language") {
        parts.push(Condition::Language(languages(value, &object.path("language"))?));
    }
    for (name, make) in [
        ("createdAt", Condition::CreatedAt as fn(TimeTest) -> Condition),
        ("lastSeenAt", Condition::LastSeenAt),
    ] {
        if let Some(moment) = object.object(name)? {
            time_conditions(moment, make, &mut parts)?;
        }
    }
    if let Some(named) = object.list("contacts")? {
        let at = object.path("contacts");
        if named.is_empty() {
            return Err(ValidationError::new(at, errors::NO_NAMED_CONTACT));
        }
        let named = named.into_iter().enumerate().map(|(index, contact)| {
            audience::lookup(Object::from_value(contact, &index_path(&at, index))?)
        });
        lists.push(named.collect::<Result<_, _>>()?);
        parts.push(Condition::Contacts(lists.len() - 1));
    }
    let none = || ValidationError::new(at, errors::must_have_one_of(KNOWN.join(", ")));
    match parts.len() {
        0 => Err(none()),
        1 => parts.pop().ok_or_else(none),
        _ => Ok(Condition::All(parts)),
    }
}

fn attribute(object: &mut Object, parts: &mut Vec<Condition>) -> Result<(), ValidationError> {
    let path = object
        .take("attribute")
        .map(|value| as_line(value, &object.path("attribute"), MAX_PATH_CHARS))
        .transpose()?;
    let before = parts.len();
    for name in TESTS {
        let Some(value) = object.take_raw(name) else { continue };
        let at = object.path(name);
        let Some(path) = &path else {
            return Err(ValidationError::new(at, errors::NO_ATTRIBUTE));
        };
        parts.push(Condition::Attribute { path: path.clone(), test: test(name, value, &at)? });
    }
    if path.is_some() && parts.len() == before {
        return Err(ValidationError::new(
            object.path("attribute"),
            errors::no_operator(TESTS.join(", ")),
        ));
    }
    Ok(())
}

/// The short form: each of these attributes equals its value.
fn attributes(object: &mut Object, parts: &mut Vec<Condition>) -> Result<(), ValidationError> {
    let Some(wanted) = object.object("attributes")? else { return Ok(()) };
    if wanted.is_empty() {
        return Err(ValidationError::new(object.path("attributes"), errors::NO_NAMED_ATTRIBUTE));
    }
    let at = object.path("attributes");
    for (name, value) in wanted.into_rest() {
        let at = super::object::member_path(&at, &name);
        if name.is_empty() || name.chars().count() > MAX_PATH_CHARS {
            return Err(ValidationError::new(at, errors::attribute_path(MAX_PATH_CHARS)));
        }
        let value = scalar(value, &at)?;
        parts.push(Condition::Attribute { path: name, test: AttributeTest::Equals(value) });
    }
    Ok(())
}

fn test(name: &str, value: Value, at: &str) -> Result<AttributeTest, ValidationError> {
    Ok(match name {
        "equals" => AttributeTest::Equals(scalar(value, at)?),
        "notEquals" => AttributeTest::NotEquals(scalar(value, at)?),
        "contains" => AttributeTest::Contains(scalar(value, at)?),
        "exists" => AttributeTest::Exists(as_bool(&value, at)?),
        "greater" => AttributeTest::Greater(number(value, at)?),
        "less" => AttributeTest::Less(number(value, at)?),
        _ => {
            let Value::Array(values) = value else {
                return Err(type_error(at, errors::KIND_ARRAY, &value));
            };
            if values.is_empty() || values.len() > MAX_VALUES {
                return Err(ValidationError::new(
                    at,
                    errors::value_count(MAX_VALUES, values.len()),
                ));
            }
            AttributeTest::In(
                values
                    .into_iter()
                    .enumerate()
                    .map(|(index, value)| scalar(value, &index_path(at, index)))
                    .collect::<Result<_, _>>()?,
            )
        }
    })
}

fn scalar(value: Value, at: &str) -> Result<Value, ValidationError> {
    match &value {
        Value::Bool(_) | Value::Number(_) => Ok(value),
        Value::String(text) if text.chars().count() <= MAX_TEXT_CHARS => Ok(value),
        Value::String(_) => Err(ValidationError::new(at, errors::at_most_characters("1,000"))),
        other => Err(type_error(at, errors::KIND_SCALAR, other)),
    }
}

fn number(value: Value, at: &str) -> Result<Number, ValidationError> {
    match value {
        Value::Number(number) => Ok(number),
        other => Err(type_error(at, errors::KIND_NUMBER, &other)),
    }
}

fn languages(value: Value, at: &str) -> Result<Vec<Language>, ValidationError> {
    let items = match value {
        Value::Array(items) => items,
        one => vec![one],
    };
    if items.is_empty() || items.len() > MAX_VALUES {
        return Err(ValidationError::new(
            at,
            errors::named_language_count(MAX_VALUES, items.len()),
        ));
    }
    let language = |(index, value)| {
        let at = index_path(at, index);
        as_text(value, &at)?
            .parse()
            .map_err(|invalid: ValidationError| ValidationError::new(&at, invalid.reason))
    };
    items.into_iter().enumerate().map(language).collect()
}

fn time_conditions(
    mut object: Object,
    make: fn(TimeTest) -> Condition,
    parts: &mut Vec<Condition>,
) -> Result<(), ValidationError> {
    object.reject_unknown(&["before", "after", "withinDays"])?;
    let at = object.prefix().to_owned();
    let before = parts.len();
    if let Some(value) = object.take("before") {
        parts.push(make(TimeTest::Before(as_timestamp(value, &object.path("before"))?)));
    }
    if let Some(value) = object.take("after") {
        parts.push(make(TimeTest::After(as_timestamp(value, &object.path("after"))?)));
    }
    if let Some(value) = object.take("withinDays") {
        let days = value
            .as_u64()
            .filter(|days| (1..=MAX_DAYS).contains(days))
            .and_then(|days| u32::try_from(days).ok());
        parts.push(make(TimeTest::WithinDays(days.ok_or_else(|| {
            ValidationError::new(object.path("withinDays"), errors::WITHIN_DAYS)
        })?)));
    }
    if parts.len() == before {
        Err(ValidationError::new(at, errors::TIME_OPERATORS))
    } else {
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
mod tests {
    use super::*;

    fn read(value: Value) -> Result<RuleDraft, ValidationError> {
        rule(value, "condition")
    }

    #[test]
    fn condition_round_trips() {
        for value in [
            json!({"attribute": "plan", "equals": "pro"}),
            json!({"all": [{"attribute": "plan", "equals": "pro"}, {"not": {"language": ["uk"]}}]}),
            json!({"any": [{"attribute": "a.b", "in": [1, "x", true]}, {"attribute": "a", "exists": false}, {"attribute": "n", "greater": 1.5}]}),
            json!({"createdAt": {"withinDays": 30}}),
            json!({"lastSeenAt": {"before": "2026-12-01T08:00:00Z"}}),
        ] {
            let draft = read(value.clone()).unwrap();
            assert_eq!(write_rule(&Rule::new(draft.condition, Vec::new()).unwrap()), value);
        }
        let listed = read(json!({"contacts": [{"id": 7}, {"extid": "42"}]})).unwrap();
        assert_eq!((listed.condition, listed.lists[0].len()), (Condition::Contacts(0), 2));
    }

    #[test]
    fn several_members_are_combined_with_and() {
        let short =
            read(json!({"attributes": {"plan": "pro", "seats": 5}, "language": "uk"})).unwrap();
        let Condition::All(parts) = short.condition else { panic!("all") };
        assert_eq!(parts.len(), 3);
        let range = read(json!({"attribute": "seats", "greater": 1, "less": 9})).unwrap();
        assert!(matches!(range.condition, Condition::All(parts) if parts.len() == 2));
    }

    #[test]
    fn invalid_condition_is_rejected_with_its_path() {
        for (value, field) in [
            (json!({}), "condition"),
            (json!([]), "condition"),
            (json!({"all": []}), "condition.all"),
            (json!({"plan": "pro"}), "condition.plan"),
            (json!({"any": [{"not": {"attribute": "plan"}}]}), "condition.any[0].not.attribute"),
            (json!({"equals": 1}), "condition.equals"),
            (json!({"attribute": "plan", "equals": {}}), "condition.equals"),
            (json!({"attribute": "plan", "in": []}), "condition.in"),
            (json!({"attribute": "plan", "greater": "5"}), "condition.greater"),
            (json!({"attributes": {}}), "condition.attributes"),
            (json!({"attributes": {"a": [1]}}), "condition.attributes.a"),
            (json!({"language": ["english"]}), "condition.language[0]"),
            (json!({"createdAt": {}}), "condition.createdAt"),
            (json!({"createdAt": {"withinDays": 0}}), "condition.createdAt.withinDays"),
            (json!({"contacts": []}), "condition.contacts"),
            (json!({"contacts": [{}]}), "condition.contacts[0]"),
        ] {
            assert_eq!(read(value.clone()).unwrap_err().field, field, "{value}");
        }
        let deep = (0..8).fold(json!({"language": "uk"}), |inner, _| json!({"not": inner}));
        assert!(read(deep).unwrap_err().reason.to_string().contains("8 levels"));
        let wide = json!({"any": vec![json!({"language": "uk"}); 100]});
        assert!(read(wide).unwrap_err().reason.to_string().contains("at most 100"));
    }
}
