//! Errors of operations on conversations. Each API surface turns them into its own responses.

use crate::{ErrorKind, ValidationError};
use belfry_locales::{LocalizedText, phrases::errors};
use std::fmt;

/// Why an operation was rejected. `Display` gives the message that clients of the API channel
/// expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The site has no such object: `inbox`, `contact`, `conversation`, `message`, `agent`,
    /// `session`, `webhook`, `canned response`.
    NotFound(&'static str),
    /// The agent is not a member of the inbox.
    Forbidden,
    /// The value of this attribute must be unique in the site: `email`, `phone_number`,
    /// `identifier`, `url`, `short_code`.
    Taken(&'static str),
    /// Another contact has a session with this id in the inbox.
    SourceIdTaken,
    /// The conversation's message rate limit is exceeded.
    TooManyMessages,
    /// The input is invalid.
    Invalid(ValidationError),
}

/// Seconds until the conversation accepts another message.
const MESSAGE_RETRY_SECONDS: u64 = 60;

impl Rejection {
    /// The class, which decides the HTTP status.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Forbidden => ErrorKind::Forbidden,
            Self::Taken(_) | Self::SourceIdTaken => ErrorKind::Conflict,
            Self::TooManyMessages => ErrorKind::TooMany { retry_after: MESSAGE_RETRY_SECONDS },
            Self::Invalid(_) => ErrorKind::Invalid,
        }
    }

    /// The reason.
    pub fn text(&self) -> LocalizedText {
        match self {
            Self::NotFound(_) => errors::RESOURCE_NOT_FOUND,
            Self::Forbidden => errors::NOT_AUTHORIZED,
            Self::Taken(attribute) => errors::attribute_taken(humanize(attribute)),
            Self::SourceIdTaken => errors::SOURCE_ID_TAKEN,
            Self::TooManyMessages => errors::TOO_MANY_MESSAGES,
            Self::Invalid(invalid) => invalid.text(),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.text(), out)
    }
}

impl std::error::Error for Rejection {}

impl From<ValidationError> for Rejection {
    fn from(invalid: ValidationError) -> Self {
        Self::Invalid(invalid)
    }
}

/// `phone_number` becomes `Phone number`.
fn humanize(attribute: &str) -> String {
    let words = attribute.replace('_', " ");
    let mut characters = words.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_match_the_contract() {
        assert_eq!(
            Rejection::Taken("phone_number").to_string(),
            "Phone number has already been taken"
        );
        assert_eq!(Rejection::Taken("email").to_string(), "Email has already been taken");
        assert_eq!(Rejection::NotFound("inbox").to_string(), "Resource could not be found");
    }
}
