//! Why a command did not do what it was asked, and the exit code that says so.

use super::output;
use crate::{
    demo::DemoError,
    domain::{Invalid, channel::Rejection},
    inbox::{InboxError, channel::ChannelError},
    server::StartError,
    store::StoreError,
};
use std::process::ExitCode;

/// One sentence, or none where all was said, and an exit code.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    sentence: String,
    code: u8,
}

impl Failure {
    /// What was written can't be meant: exit code 2.
    pub(super) fn invalid(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), code: 2 }
    }

    /// It was meant well and did not work: exit code 1.
    pub(super) fn failed(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), code: 1 }
    }

    /// It did not work, and why was said already: exit code 1.
    pub(super) fn said() -> Self {
        Self { sentence: String::new(), code: 1 }
    }

    /// Something that a flag says.
    pub(super) fn flag(invalid: Invalid) -> Self {
        let Invalid { field, reason } = invalid;
        Self::invalid(if field.is_empty() { reason } else { format!("--{field}: {reason}") })
    }

    /// Something that is not there.
    pub(super) fn absent(what: &str) -> impl FnOnce(InboxError) -> Self {
        move |error| match error {
            InboxError::NotFound => Self::failed(format!("there is no such {what}")),
            other => other.into(),
        }
    }

    /// Says it on standard error and gives the exit code.
    pub(super) fn report(self) -> ExitCode {
        if !self.sentence.is_empty() {
            output::remark(&format!("belfry: {}", self.sentence));
        }
        ExitCode::from(self.code)
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self { sentence: error.to_string(), code: error.exit_code() }
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        Self { sentence: error.to_string(), code: error.exit_code() }
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::invalid(invalid.to_string())
    }
}

impl From<ChannelError> for Failure {
    fn from(error: ChannelError) -> Self {
        match error {
            ChannelError::Rejected(Rejection::NotFound(what)) => Self::failed(format!("there is no such {what}")),
            // The name of the flag, where the API calls it otherwise.
            ChannelError::Rejected(Rejection::Invalid(invalid)) if invalid.field == "webhook_url" => {
                Self::flag(Invalid::new("callback-url", invalid.reason))
            }
            ChannelError::Rejected(Rejection::Invalid(invalid)) => Self::flag(invalid),
            ChannelError::Store(StoreError::Limit(invalid)) => Self::failed(invalid.to_string()),
            other => Self::failed(other.to_string()),
        }
    }
}

impl From<InboxError> for Failure {
    fn from(error: InboxError) -> Self {
        match error {
            InboxError::Invalid(invalid) => invalid.into(),
            InboxError::KeyReused => Self::invalid("--idempotency-key: was used before with a different message"),
            other => Self::failed(other.to_string()),
        }
    }
}
