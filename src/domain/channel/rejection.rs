//! Errors of operations on conversations. Each API surface turns them into its own responses.

use crate::domain::ValidationError;

/// Why an operation was rejected. `Display` gives the message that clients of the API channel
/// expect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The site has no such object: `inbox`, `contact`, `conversation`, `message`, `agent`,
    /// `session`, `webhook`, `canned response`.
    #[error("Resource could not be found")]
    NotFound(&'static str),
    /// The agent is not a member of the inbox.
    #[error("You are not authorized to do this action")]
    Forbidden,
    /// The value of this attribute must be unique in the site: `email`, `phone_number`,
    /// `identifier`, `url`, `short_code`.
    #[error("{} has already been taken", humanize(.0))]
    Taken(&'static str),
    /// Another contact has a session with this id in the inbox.
    #[error("source_id should be unique")]
    SourceIdTaken,
    /// The conversation's message rate limit is exceeded.
    #[error("Too many messages")]
    TooManyMessages,
    /// The input is invalid.
    #[error("{0}")]
    Invalid(ValidationError),
}

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
