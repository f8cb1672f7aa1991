//! Webhook endpoints. Must not depend on which addresses may be called.

use super::{
    json,
    member::{as_timestamp, index_path},
    reader,
};
use crate::{
    WebhookDraft,
    body::{AuthBody, ReplayBody, WebhookBody, WebhookChangeBody},
};
use belfry_content::text::clean_line;
use belfry_domain::{
    EndpointAuth, EndpointChange, EndpointKind, EndpointUrl, EventType, Timestamp, ValidationError,
};
use belfry_locales::phrases::errors;
use serde_json::Map;

const MAX_DESCRIPTION_CHARS: usize = 200;
const MAX_CREDENTIAL_CHARS: usize = 200;

/// Parses and validates the body of `POST /v1/webhooks`.
pub fn parse_webhook(json: &[u8]) -> Result<WebhookDraft, ValidationError> {
    reader::parse::<WebhookBody>(json)?.validate()
}

/// Parses and validates the body of `PATCH /v1/webhooks/{id}`.
pub fn parse_webhook_change(json: &[u8]) -> Result<EndpointChange, ValidationError> {
    let value = json::read(json)?;
    if value.as_object().is_some_and(Map::is_empty) {
        return Err(ValidationError::new(
            "",
            errors::nothing_to_change("url, description, events, enabled and auth"),
        ));
    }
    reader::from_value::<WebhookChangeBody>(value, "")?.validate()
}

/// Parses and validates the body of `POST /v1/webhooks/{id}/replay`.
pub fn parse_replay(json: &[u8]) -> Result<Timestamp, ValidationError> {
    let since = reader::parse::<ReplayBody>(json)?
        .since
        .ok_or_else(|| ValidationError::new("since", errors::SINCE_REQUIRED))?;
    as_timestamp(&since, "since")
}

impl WebhookBody {
    /// Validates a new endpoint.
    pub fn validate(self) -> Result<WebhookDraft, ValidationError> {
        let kind = match self.kind.as_deref() {
            None | Some("standard") => EndpointKind::Standard,
            Some("message") => EndpointKind::Message,
            Some(_) => return Err(ValidationError::new("kind", errors::WEBHOOK_KIND)),
        };
        let Self { kind: _, url, description, events, enabled, auth } = self;
        let change = WebhookChangeBody { url, description, events, enabled, auth }.validate()?;
        let Some(url) = change.url else {
            return Err(ValidationError::new("url", errors::REQUIRED));
        };
        check_kind(kind, change.events.as_deref(), change.auth.as_ref())?;
        let events = match kind {
            EndpointKind::Standard => change
                .events
                .ok_or_else(|| ValidationError::new("events", errors::EVENTS_REQUIRED))?,
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

impl WebhookChangeBody {
    /// Validates changes. Absent members change nothing.
    pub fn validate(self) -> Result<EndpointChange, ValidationError> {
        let description = self.description.map(|text| clean_line(&text));
        if description.as_ref().is_some_and(|text| text.chars().count() > MAX_DESCRIPTION_CHARS) {
            return Err(ValidationError::new(
                "description",
                errors::at_most_characters(MAX_DESCRIPTION_CHARS),
            ));
        }
        Ok(EndpointChange {
            url: self.url.map(|text| EndpointUrl::parse(&text)).transpose()?,
            description,
            events: self.events.map(|names| events(&names)).transpose()?,
            enabled: self.enabled,
            auth: self.auth.map(AuthBody::validate).transpose()?,
            expected_revision: None,
        })
    }
}

fn events(names: &[String]) -> Result<Vec<EventType>, ValidationError> {
    let mut events = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let event: EventType = name.parse().map_err(|invalid: ValidationError| {
            ValidationError::new(index_path("events", index), invalid.reason)
        })?;
        if !events.contains(&event) {
            events.push(event);
        }
    }
    if events.is_empty() {
        Err(ValidationError::new("events", errors::NO_EVENT))
    } else {
        Ok(events)
    }
}

impl AuthBody {
    fn validate(self) -> Result<EndpointAuth, ValidationError> {
        match self.r#type.as_deref() {
            Some("none") => Ok(EndpointAuth::None),
            Some("basic") => {
                let username = credential(self.username, "auth.username")?;
                if username.contains(':') {
                    return Err(ValidationError::new("auth.username", errors::COLON));
                }
                let password = credential(self.password, "auth.password")?;
                Ok(EndpointAuth::Basic { username, password })
            }
            _ => Err(ValidationError::new("auth.type", errors::AUTH_TYPE)),
        }
    }
}

fn credential(text: Option<String>, at: &str) -> Result<String, ValidationError> {
    let text = text.unwrap_or_default();
    if text.is_empty()
        || text.chars().count() > MAX_CREDENTIAL_CHARS
        || text.chars().any(char::is_control)
    {
        return Err(ValidationError::new(at, errors::printable_characters(MAX_CREDENTIAL_CHARS)));
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
