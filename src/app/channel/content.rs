//! Validation of messages by content type: items of a selection, cards, a form, or articles.

use belfry_domain::{
    ValidationError,
    channel::{ContentType, NewMessage},
};
use belfry_locales::phrases::errors;
use serde_json::{Map, Value};

const FIELD: &str = "content_attributes";

/// Checks the limits of a message, and the items that its content type requires.
pub(super) fn check(message: &NewMessage) -> Result<(), ValidationError> {
    message.check()?;
    let names: &[&str] = match message.content_type {
        ContentType::InputSelect => &["title", "value"],
        ContentType::Cards => &["title", "description", "media_url", "actions"],
        ContentType::Form => &[
            "type",
            "placeholder",
            "label",
            "name",
            "options",
            "default",
            "required",
            "pattern",
            "title",
            "pattern_error",
        ],
        ContentType::Article => &["title", "description", "link"],
        _ => return Ok(()),
    };
    for item in objects(message.content_attributes.get("items"), "items")? {
        deny_unknown(item, names, "items")?;
        if message.content_type == ContentType::Cards {
            for action in objects(item.get("actions"), "actions")? {
                deny_unknown(action, &["text", "type", "payload", "uri"], "actions")?;
            }
        }
    }
    Ok(())
}

/// A non-empty list of objects.
fn objects<'a>(
    value: Option<&'a Value>,
    what: &'static str,
) -> Result<Vec<&'a Map<String, Value>>, ValidationError> {
    let items = value.and_then(Value::as_array).filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| ValidationError::new(FIELD, errors::content_one_of(what)))?;
    let objects: Option<Vec<_>> = items.iter().map(Value::as_object).collect();
    objects.ok_or_else(|| ValidationError::new(FIELD, errors::content_objects(what)))
}

fn deny_unknown(
    item: &Map<String, Value>,
    names: &[&str],
    what: &'static str,
) -> Result<(), ValidationError> {
    if item.is_empty() || item.keys().any(|name| !names.contains(&name.as_str())) {
        return Err(ValidationError::new(FIELD, errors::content_members(what, names.join(", "))));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::channel::MessageKind;
    use serde_json::json;

    fn is_accepted(content_type: ContentType, attributes: &Value) -> bool {
        let content_attributes = attributes.as_object().cloned().unwrap();
        check(&NewMessage {
            content_type,
            content_attributes,
            ..NewMessage::text(MessageKind::Outgoing, "hi")
        })
        .is_ok()
    }

    #[test]
    fn items_are_those_of_the_type() {
        use ContentType::{Article, Cards, Form, InputSelect, Text};
        let action = json!({"type": "link", "text": "Open", "uri": "https://shop.example"});
        for (content_type, item) in [
            (InputSelect, json!({"title": "A", "value": "1"})),
            (
                Cards,
                json!({"title": "A", "description": "b", "media_url": "c", "actions": [action]}),
            ),
            (Form, json!({"type": "text", "name": "a", "label": "A", "required": true})),
            (Article, json!({"title": "A", "description": "b", "link": "c"})),
        ] {
            assert!(is_accepted(content_type, &json!({"items": [item]})), "{content_type:?}");
            for odd in [
                json!({}),
                json!({"items": []}),
                json!({"items": {}}),
                json!({"items": ["x"]}),
                json!({"items": [{}]}),
                json!({"items": [{"other": 1}]}),
            ] {
                assert!(!is_accepted(content_type, &odd), "{content_type:?} {odd}");
            }
            let mut more = item;
            more["other"] = json!(1);
            assert!(!is_accepted(content_type, &json!({"items": [more]})), "{content_type:?}");
        }
        for actions in [json!([]), json!([{}]), json!([{"url": "x"}]), json!("x"), Value::Null] {
            assert!(
                !is_accepted(Cards, &json!({"items": [{"title": "A", "actions": actions}]})),
                "{actions}"
            );
        }
        assert!(is_accepted(Text, &json!({"items": []})));
    }
}
