//! Account webhooks: URLs that receive selected events of all inboxes of a site.

use super::{AccountWebhookId, ConversationEventKind};
use crate::{EndpointUrl, SigningSecret, ValidationError};
use belfry_locales::phrases::errors;

/// Event types that an account webhook can subscribe to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscription(ConversationEventKind);

impl Subscription {
    /// All of them, in the order of the contract.
    pub const EACH: [ConversationEventKind; 12] = [
        ConversationEventKind::ConversationCreated,
        ConversationEventKind::ConversationStatusChanged,
        ConversationEventKind::ConversationUpdated,
        ConversationEventKind::MessageCreated,
        ConversationEventKind::MessageUpdated,
        ConversationEventKind::ContactCreated,
        ConversationEventKind::ContactUpdated,
        ConversationEventKind::WebwidgetTriggered,
        ConversationEventKind::InboxCreated,
        ConversationEventKind::InboxUpdated,
        ConversationEventKind::TypingOn,
        ConversationEventKind::TypingOff,
    ];

    /// Parses event names and removes duplicates; rejects unknown ones. Returned in the order of
    /// the contract.
    pub fn parse(names: &[String]) -> Result<Vec<ConversationEventKind>, ValidationError> {
        let find = |name: &String| Self::EACH.into_iter().find(|kind| kind.webhook_name() == name);
        if let Some(unknown) = names.iter().find(|name| find(name).is_none()) {
            return Err(ValidationError::new(
                "subscriptions",
                errors::unknown_event(unknown.chars().take(100).collect::<String>()),
            ));
        }
        Ok(Self::EACH
            .into_iter()
            .filter(|kind| names.iter().any(|name| kind.webhook_name() == name))
            .collect())
    }
}

/// An account webhook before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountWebhookDraft {
    /// Name.
    pub name: Option<String>,
    /// URL, unique in the site.
    pub url: EndpointUrl,
    /// Subscribed event types.
    pub subscriptions: Vec<ConversationEventKind>,
}

/// An account webhook as stored, with its secret, which administrators can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountWebhook {
    /// Number, unique in the instance.
    pub id: AccountWebhookId,
    /// Name.
    pub name: Option<String>,
    /// URL.
    pub url: String,
    /// Subscribed event types.
    pub subscriptions: Vec<ConversationEventKind>,
    /// Secret that signs deliveries.
    pub secret: SigningSecret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_events_are_rejected_and_duplicates_dropped() {
        let read = |names: &[&str]| {
            Subscription::parse(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(
            read(&["message_created", "message_created"]),
            Ok(vec![ConversationEventKind::MessageCreated])
        );
        assert_eq!(read(&[]), Ok(Vec::new()));
        assert_eq!(read(&["message_deleted"]).unwrap_err().field, "subscriptions");
        assert!(
            Subscription::EACH.iter().all(|kind| read(&[kind.webhook_name()]) == Ok(vec![*kind]))
        );
    }
}
