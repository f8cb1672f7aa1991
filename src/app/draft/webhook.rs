//! Webhook endpoints. Must not depend on which addresses may be called.

use super::{
    json,
    object::{Object, as_bool, as_text, as_timestamp, index_path},
};
use crate::WebhookDraft;
use belfry_content::text::clean_line;
use belfry_domain::{
    EndpointAuth, EndpointChange, EndpointKind, EndpointUrl, EventType, Timestamp, ValidationError,
};
use belfry_locales::phrases::errors;

const MAX_DESCRIPTION_CHARS: usize = 200;
const MAX_CREDENTIAL_CHARS: usize = 200;

/// Parses the body of `POST /v1/webhooks`.
pub fn parse_webhook(json: &[u8]) -> Result<WebhookDraft, ValidationError> {
    let mut webhook = Object::from_value(json::read(json)?, "")?;
    webhook.reject_unknown(&["kind", "url", "description", "events", "enabled", "auth"])?;
    let kind = match webhook.text("kind")?.as_deref() {
        None | Some("standard") => EndpointKind::Standard,
        Some("message") => EndpointKind::Message,
        Some(_) => return Err(ValidationError::new("kind", errors::WEBHOOK_KIND)),
    };
    let change = change(webhook)?;
    let Some(url) = change.url else { return Err(ValidationError::new("url", errors::REQUIRED)) };
    check_kind(kind, change.events.as_deref(), change.auth.as_ref())?;
    let events = match kind {
        EndpointKind::Standard => {
            change.events.ok_or_else(|| ValidationError::new("events", errors::EVENTS_REQUIRED))?
        }
        EndpointKind::Message | EndpointKind::Callback | EndpointKind::Account => Vec::new(),
    };
    Ok(WebhookDraft {
        kind,
        url,
        description: change.description.unwrap_or_default(),
        events,
        enabled: change.enabled.unwrap_or(true),
        auth: change.auth,
    })
}

/// Parses the body of `PATCH /v1/webhooks/{id}`. Absent members change nothing.
pub fn parse_webhook_change(json: &[u8]) -> Result<EndpointChange, ValidationError> {
    let webhook = Object::from_value(json::read(json)?, "")?;
    webhook.reject_unknown(&["url", "description", "events", "enabled", "auth"])?;
    if webhook.is_empty() {
        return Err(ValidationError::new(
            "",
            errors::nothing_to_change("url, description, events, enabled and auth"),
        ));
    }
    change(webhook)
}

/// Parses the body of `POST /v1/webhooks/{id}/replay`.
pub fn parse_replay(json: &[u8]) -> Result<Timestamp, ValidationError> {
    let mut replay = Object::from_value(json::read(json)?, "")?;
    replay.reject_unknown(&["since"])?;
    let since = replay
        .take("since")
        .ok_or_else(|| ValidationError::new("since", errors::SINCE_REQUIRED))?;
    as_timestamp(since, "since")
}

/// Rejects settings that do not apply to this kind of endpoint.
pub(crate) fn check_kind(
    kind: EndpointKind,
    events: Option<&[EventType]>,
    auth: Option<&EndpointAuth>,
) -> Result<(), ValidationError> {
    match kind {
        EndpointKind::Standard if auth.is_some() => {
            Err(ValidationError::new("auth", errors::AUTH_OF_STANDARD))
        }
        EndpointKind::Message if events.is_some() => {
            Err(ValidationError::new("events", errors::EVENTS_OF_MESSAGE))
        }
        _ => Ok(()),
    }
}

fn change(mut webhook: Object) -> Result<EndpointChange, ValidationError> {
    let description = webhook.text("description")?.map(|text| clean_line(&text));
    if description.as_ref().is_some_and(|text| text.chars().count() > MAX_DESCRIPTION_CHARS) {
        return Err(ValidationError::new(
            "description",
            errors::at_most_characters(MAX_DESCRIPTION_CHARS),
        ));
    }
    Ok(EndpointChange {
        url: webhook.text("url")?.map(|text| EndpointUrl::parse(&text)).transpose()?,
        description,
        events: events(&mut webhook)?,
        enabled: webhook.take("enabled").map(|value| as_bool(&value, "enabled")).transpose()?,
        auth: webhook.object("auth")?.map(auth).transpose()?,
        expected_revision: None,
    })
}

fn events(webhook: &mut Object) -> Result<Option<Vec<EventType>>, ValidationError> {
    let Some(items) = webhook.list("events")? else { return Ok(None) };
    let mut events = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let at = index_path("events", index);
        let event: EventType = as_text(item, &at)?
            .parse()
            .map_err(|invalid: ValidationError| ValidationError::new(&at, invalid.reason))?;
        if !events.contains(&event) {
            events.push(event);
        }
    }
    if events.is_empty() {
        Err(ValidationError::new("events", errors::NO_EVENT))
    } else {
        Ok(Some(events))
    }
}

fn auth(mut auth: Object) -> Result<EndpointAuth, ValidationError> {
    auth.reject_unknown(&["type", "username", "password"])?;
    match auth.text("type")?.as_deref() {
        Some("none") => Ok(EndpointAuth::None),
        Some("basic") => {
            let username = credential(&mut auth, "username")?;
            if username.contains(':') {
                return Err(ValidationError::new("auth.username", errors::COLON));
            }
            Ok(EndpointAuth::Basic { username, password: credential(&mut auth, "password")? })
        }
        _ => Err(ValidationError::new("auth.type", errors::AUTH_TYPE)),
    }
}

fn credential(auth: &mut Object, name: &str) -> Result<String, ValidationError> {
    let text = auth.text(name)?.unwrap_or_default();
    if text.is_empty()
        || text.chars().count() > MAX_CREDENTIAL_CHARS
        || text.chars().any(char::is_control)
    {
        return Err(ValidationError::new(
            auth.path(name),
            errors::printable_characters(MAX_CREDENTIAL_CHARS),
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn refused(value: Value) -> String {
        parse_webhook(value.to_string().as_bytes()).unwrap_err().field
    }

    #[test]
    fn each_error_names_its_field() {
        let url = "https://a.example";
        assert_eq!(refused(json!({})), "url");
        assert_eq!(refused(json!({"url": "a"})), "url");
        assert_eq!(refused(json!({"url": url})), "events");
        assert_eq!(refused(json!({"url": url, "events": []})), "events");
        assert_eq!(refused(json!({"url": url, "events": ["message.read", "x"]})), "events[1]");
        assert_eq!(
            refused(json!({"url": url, "events": ["message.read"], "auth": {"type": "none"}})),
            "auth"
        );
        assert_eq!(
            refused(json!({"url": url, "events": ["message.read"], "secret": "s"})),
            "secret"
        );
        assert_eq!(refused(json!({"kind": "x"})), "kind");
        assert_eq!(
            refused(json!({"kind": "message", "url": url, "events": ["message.read"]})),
            "events"
        );
        assert_eq!(
            refused(
                json!({"kind": "message", "url": url, "auth": {"type": "basic", "username": "a:b", "password": "c"}})
            ),
            "auth.username"
        );
        assert_eq!(
            refused(
                json!({"kind": "message", "url": url, "auth": {"type": "basic", "username": "a"}})
            ),
            "auth.password"
        );
        let read = parse_webhook(
            json!({"url": url, "events": ["message.read", "message.read"]}).to_string().as_bytes(),
        )
        .unwrap();
        assert_eq!((read.events, read.enabled), (vec![EventType::MessageRead], true));
    }
}
