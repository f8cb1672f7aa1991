//! Variables in canned responses: `{{contact.first_name}}`,
//! `{{ contact.first_name | default: "there" }}`. The names are those that clients of the API
//! channel know.
//!
//! They are filled in when an agent inserts the response, so that the agent sees the text before
//! sending it. Unknown variables stay unchanged.

use super::text::clean_line;
use belfry_domain::channel::{Agent, ConversationView, join_name, split_name};
use serde_json::{Map, Value};

/// All variables with a fixed name. `contact.custom_attribute.…` and
/// `conversation.custom_attribute.…` are valid as well.
pub const VARIABLES: [&str; 13] = [
    "contact.name",
    "contact.first_name",
    "contact.last_name",
    "contact.email",
    "contact.phone",
    "contact.id",
    "conversation.id",
    "inbox.name",
    "inbox.id",
    "agent.name",
    "agent.first_name",
    "agent.last_name",
    "agent.email",
];

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// Fills in the variables for this agent and conversation. A variable without a value becomes its
/// default, or an empty text.
pub fn fill(text: &str, view: &ConversationView, agent: &Agent) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let Some((inside, behind)) = after.split_once(CLOSE) else { break };
        // In `{{ {{contact.name}}` and `{{{contact.name}}` the last opening braces belong to the
        // closing ones.
        let until = before.len() + OPEN.len() + inside.len();
        let opened =
            rest.get(..until).and_then(|opened| opened.rfind(OPEN)).filter(|at| *at > before.len());
        if let Some((kept, more)) = opened.and_then(|at| rest.split_at_checked(at)) {
            filled.push_str(kept);
            rest = more;
            continue;
        }
        filled.push_str(before);
        let (name, default) = inside.split_once('|').unwrap_or((inside, ""));
        match value(name.trim(), view, agent).map(|value| clean_line(&value)) {
            None => filled.extend([OPEN, inside, CLOSE]),
            Some(value) if value.is_empty() => filled.push_str(parse_default(default)),
            Some(value) => filled.push_str(&value),
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

/// Parses `default: "there"`, or `there` alone.
fn parse_default(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_prefix("default:").unwrap_or(text).trim();
    let quoted =
        ['"', '\''].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    quoted.unwrap_or(text)
}

/// The value of a variable, possibly empty; `None` if the variable is unknown.
fn value(name: &str, view: &ConversationView, agent: &Agent) -> Option<String> {
    let contact = &view.contact.contact;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (agent_first, agent_last) = split_name(&agent.name);
    Some(match name {
        "contact.name" => join_name(contact.first_name.as_deref(), contact.last_name.as_deref()),
        "contact.first_name" => text(&contact.first_name),
        "contact.last_name" => text(&contact.last_name),
        "contact.email" => text(&contact.email),
        "contact.phone" => text(&contact.phone),
        "contact.id" => contact.id.to_string(),
        "conversation.id" => view.conversation.number.to_string(),
        "inbox.name" => view.inbox_name.clone(),
        "inbox.id" => view.conversation.inbox.to_string(),
        "agent.name" => agent.name.clone(),
        "agent.first_name" => text(&agent_first),
        "agent.last_name" => text(&agent_last),
        "agent.email" => agent.email.clone(),
        _ => {
            let of_contact = name
                .strip_prefix("contact.custom_attribute.")
                .map(|name| attribute(&contact.attributes, name));
            of_contact.or_else(|| {
                Some(attribute(
                    &view.conversation.custom_attributes,
                    name.strip_prefix("conversation.custom_attribute.")?,
                ))
            })?
        }
    })
}

fn attribute(attributes: &Map<String, Value>, name: &str) -> String {
    match attributes.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::channel::fixtures;

    fn filled(text: &str) -> String {
        let mut view = fixtures::view();
        view.contact.contact.first_name = Some("Ann".into());
        view.contact.contact.last_name = Some("Lee\u{202e}\nSmith".into());
        view.contact.contact.email = None;
        view.contact.contact.attributes =
            serde_json::from_str(r#"{"plan": "pro", "orders": 3, "list": []}"#).unwrap();
        view.conversation.custom_attributes = serde_json::from_str(r#"{"order": "1042"}"#).unwrap();
        let mut agent = fixtures::agent();
        agent.name = "Olha Melnyk".into();
        fill(text, &view, &agent)
    }

    #[test]
    fn variables_are_replaced() {
        assert_eq!(
            filled("Hi {{contact.first_name}}, I am {{ agent.first_name }} {{agent.last_name}}."),
            "Hi Ann, I am Olha Melnyk."
        );
        assert_eq!(filled("{{contact.name}}"), "Ann Lee Smith");
        assert_eq!(
            filled("{{contact.custom_attribute.plan}} {{contact.custom_attribute.orders}}"),
            "pro 3"
        );
        assert_eq!(filled("#{{conversation.custom_attribute.order}}"), "#1042");
    }

    #[test]
    fn missing_value_becomes_default_or_empty() {
        assert_eq!(filled("Hi {{contact.email}}!"), "Hi !");
        for default in [
            r#"{{ contact.email | default: "there" }}"#,
            "{{contact.email|there}}",
            "{{contact.email | default: 'there'}}",
        ] {
            assert_eq!(filled(&format!("Hi {default}!")), "Hi there!", "{default}");
        }
        assert_eq!(
            filled("{{contact.custom_attribute.list|none}} {{conversation.custom_attribute.none}}"),
            "none "
        );
        assert_eq!(filled(r#"{{ contact.first_name | default: "there" }}"#), "Ann");
    }

    #[test]
    fn unknown_variables_are_unchanged() {
        for text in [
            "{{ order }}",
            "{{contact}}",
            "{{Contact.Name}}",
            "{{contact.first_name",
            "}}{{",
            "{{}}",
            "{contact.name}",
            "{{ nothing | default: \"x\" }}",
        ] {
            assert_eq!(filled(text), text);
        }
        assert_eq!(filled("{{ {{contact.first_name}} }}"), "{{ Ann }}");
        // Inserted values are not expanded again.
        assert_eq!(filled("{{{contact.first_name}}}"), "{Ann}");
    }

    #[test]
    fn all_listed_variables_are_known() {
        for name in VARIABLES {
            assert_ne!(filled(&format!("{{{{{name}}}}}")), format!("{{{{{name}}}}}"), "{name}");
        }
    }
}
