//! Ids. Each is its own type, so that a contact's number can't be passed for a message's id.

use super::{Clock, Rng, ValidationError};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Defines a UUID id. `$field` is the field name in validation errors.
macro_rules! uuid_name {
    ($(#[doc = $doc:literal])+ $name:ident, $field:literal) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// From the 16 bytes that are stored.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes that are stored.
            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }
        }

        impl FromStr for $name {
            type Err = ValidationError;

            fn from_str(text: &str) -> Result<Self, ValidationError> {
                Uuid::try_parse(text).map(Self).map_err(|_| ValidationError::new($field, belfry_locales::phrases::errors::UUID))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }
    };
}

/// Defines an id that is a version 7 UUID (RFC 9562), which sorts by creation time.
macro_rules! dated_name {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        uuid_name!($(#[doc = $doc])+ $name, "id");

        impl $name {
            /// Generates an id with the current time.
            pub fn generate(clock: &dyn Clock, rng: &dyn Rng) -> Self {
                let mut bytes = [0; 10];
                rng.fill(&mut bytes);
                let millis = u64::try_from(clock.now().millis()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
            }
        }
    };
}

uuid_name!(
    /// A site: the UUID in the URL of its script.
    SiteId, "site"
);

dated_name!(
    /// A message.
    MessageId
);

dated_name!(
    /// A contact import.
    ImportId
);

dated_name!(
    /// A webhook endpoint of a site.
    EndpointId
);

impl SiteId {
    /// Generates a random id.
    pub fn generate(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }
}

/// A contact's number, unique in its site. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContactId(pub i64);

/// A console account's number. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub i64);

/// The public part of an API key. May be shown and logged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub String);

impl fmt::Display for ContactId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
