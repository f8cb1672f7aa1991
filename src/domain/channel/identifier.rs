//! Ids of conversations' objects. Each is its own type, so that an inbox's number can't be passed
//! for an agent's.

use crate::{Rng, ValidationError};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! number {
    ($($(#[doc = $doc:literal])+ $name:ident),+ $(,)?) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(pub i64);

            impl fmt::Display for $name {
                fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.fmt(out)
                }
            }

            impl FromStr for $name {
                type Err = ValidationError;

                /// A positive number in decimal digits.
                fn from_str(text: &str) -> Result<Self, ValidationError> {
                    let number = text.parse().ok().filter(|number| *number > 0);
                    number.map(Self).ok_or_else(|| ValidationError::new("id", belfry_locales::phrases::errors::POSITIVE_INTEGER))
                }
            }
        )+
    };
}

number!(
    /// A site's number, the `account_id` of the API channel. Never reused.
    SiteNumber,
    /// An inbox. Unique in the instance, never reused.
    InboxId,
    /// An agent. Unique in the instance, never reused.
    AgentId,
    /// A contact's session in an inbox. Unique in the instance, never reused.
    ContactInboxId,
    /// A conversation's number, counted from 1 in each site.
    ConversationNumber,
    /// A message of a conversation, counted from 1 in each site. Newer messages have larger ids.
    ConversationMessageId,
    /// An attachment, counted from 1 in each site.
    AttachmentId,
    /// An account webhook. Unique in the instance, never reused.
    AccountWebhookId,
    /// A canned response. Unique in the instance, never reused.
    CannedResponseId,
);

macro_rules! uuid {
    ($($(#[doc = $doc:literal])+ $name:ident),+ $(,)?) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(Uuid);

            impl $name {
                /// Generates a random id.
                pub fn generate(rng: &dyn Rng) -> Self {
                    let mut bytes = [0; 16];
                    rng.fill(&mut bytes);
                    Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
                }

                /// From the 16 bytes that are stored.
                pub fn from_bytes(bytes: [u8; 16]) -> Self {
                    Self(Uuid::from_bytes(bytes))
                }

                /// The 16 bytes that are stored.
                pub fn as_bytes(&self) -> &[u8] {
                    self.0.as_bytes()
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.fmt(out)
                }
            }

            impl FromStr for $name {
                type Err = ValidationError;

                /// The hyphenated form of 36 characters only.
                fn from_str(text: &str) -> Result<Self, ValidationError> {
                    let uuid = (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten();
                    uuid.map(Self).ok_or_else(|| ValidationError::new("id", belfry_locales::phrases::errors::UUID))
                }
            }
        )+
    };
}

uuid!(
    /// A conversation's UUID.
    ConversationId,
    /// An inbox's UUID: the `bot_id` of the Inbox SDK.
    InboxUuid,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuid_round_trips() {
        let text = "0b8f6a3e-6a51-4c39-9f0e-2a1f57b2c9d4";
        let id: InboxUuid = text.parse().unwrap();
        assert_eq!((id.to_string().as_str(), text.to_uppercase().parse()), (text, Ok(id)));
        for invalid in [
            "",
            "1",
            &text.replace('-', ""),
            &format!("{{{text}}}"),
            &format!("urn:uuid:{text}"),
            &format!("{text}0"),
            &"x".repeat(36),
        ] {
            assert!(invalid.parse::<InboxUuid>().is_err(), "{invalid}");
        }
    }
}
