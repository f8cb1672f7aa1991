//! Channels on which an agent can begin a conversation: what an inbox says of them, and what clients see.

use crate::domain::channel::{InboxUuid, words::words};
use serde::{Deserialize, Serialize};

words!(
    /// What a channel reaches people by.
    AddressKind, "address" {
        /// A phone number.
        Phone = "phone",
        /// An e-mail address.
        Email = "email",
    }
);

/// How conversations begin on an inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitiateSettings {
    /// What clients know the channel as: `whatsapp`, `email`, `sms`, …
    pub kind: String,
    /// What it reaches people by.
    pub address: AddressKind,
    /// Country whose phone numbers need no country code, as two capital letters.
    #[serde(default)]
    pub region: Option<String>,
}

/// A channel on which an agent can begin a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitiateableChannel {
    /// Its inbox.
    pub id: InboxUuid,
    /// `whatsapp`, `email`, `sms`, …
    pub kind: String,
    /// What it is called.
    pub name: String,
}
