//! Account webhooks: where a site hears of some of what happens in all of its inboxes.

use super::{AccountWebhookId, ConversationEventKind};
use crate::domain::{EndpointUrl, Invalid, SigningSecret};

/// What an account webhook hears of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscription(ConversationEventKind);

impl Subscription {
    /// All that can be subscribed to.
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

    /// Reads the names of events; what is unknown is refused. Each once, in the order of the contract.
    pub fn parse(names: &[String]) -> Result<Vec<ConversationEventKind>, Invalid> {
        let known = |name: &String| Self::EACH.into_iter().find(|kind| kind.webhook_name() == name);
        if let Some(odd) = names.iter().find(|name| known(name).is_none()) {
            return Err(Invalid::new("subscriptions", format!("has an unknown event: {}", odd.chars().take(100).collect::<String>())));
        }
        Ok(Self::EACH.into_iter().filter(|kind| names.iter().any(|name| kind.webhook_name() == name)).collect())
    }
}

/// An account webhook on its way into the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountWebhookDraft {
    /// What it is called.
    pub name: Option<String>,
    /// Where it is; unique in the site.
    pub url: EndpointUrl,
    /// What it hears of.
    pub subscriptions: Vec<ConversationEventKind>,
}

/// An account webhook as it is stored, with its secret, which administrators are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountWebhook {
    /// Its number.
    pub id: AccountWebhookId,
    /// What it is called.
    pub name: Option<String>,
    /// Where it is.
    pub url: String,
    /// What it hears of.
    pub subscriptions: Vec<ConversationEventKind>,
    /// The key with which deliveries are signed.
    pub secret: SigningSecret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_events_are_refused_and_doubles_dropped() {
        let read = |names: &[&str]| Subscription::parse(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(read(&["message_created", "message_created"]), Ok(vec![ConversationEventKind::MessageCreated]));
        assert_eq!(read(&[]), Ok(Vec::new()));
        assert_eq!(read(&["message_deleted"]).unwrap_err().field, "subscriptions");
        assert!(Subscription::EACH.iter().all(|kind| read(&[kind.webhook_name()]) == Ok(vec![*kind])));
    }
}
