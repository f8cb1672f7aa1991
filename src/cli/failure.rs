//! The error of a command, and its exit code.

use super::output;
use crate::{demo::DemoError, server::StartError};
use belfry_app::{AppError, channel::ChannelError};
use belfry_domain::{ValidationError, channel::Rejection};
use belfry_store::StoreError;
use std::process::ExitCode;

/// An error message (`None` if already reported) and an exit code.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// Invalid arguments or input: exit code 2.
    pub(super) fn invalid(sentence: impl Into<String>) -> Self {
        Self { message: sentence.into(), code: 2 }
    }

    /// A valid command failed: exit code 1.
    pub(super) fn failed(sentence: impl Into<String>) -> Self {
        Self { message: sentence.into(), code: 1 }
    }

    /// A failure that was already reported: exit code 1.
    pub(super) fn already_reported() -> Self {
        Self { message: String::new(), code: 1 }
    }

    /// An invalid flag.
    pub(super) fn invalid_flag(invalid: ValidationError) -> Self {
        let ValidationError { field, reason } = invalid;
        Self::invalid(if field.is_empty() {
            reason.to_string()
        } else {
            format!("--{field}: {reason}")
        })
    }

    /// An object that does not exist.
    pub(super) fn not_found(what: &str) -> impl FnOnce(AppError) -> Self {
        move |error| match error {
            AppError::NotFound => Self::failed(format!("there is no such {what}")),
            other => other.into(),
        }
    }

    /// Prints the message on standard error and returns the exit code.
    pub(super) fn report(self) -> ExitCode {
        if !self.message.is_empty() {
            output::print_note(&format!("belfry: {}", self.message));
        }
        ExitCode::from(self.code)
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self { message: error.to_string(), code: error.exit_code() }
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        Self { message: error.to_string(), code: error.exit_code() }
    }
}

impl From<ValidationError> for Failure {
    fn from(invalid: ValidationError) -> Self {
        Self::invalid(invalid.to_string())
    }
}

impl From<ChannelError> for Failure {
    fn from(error: ChannelError) -> Self {
        match error {
            ChannelError::Rejected(Rejection::NotFound(what)) => {
                Self::failed(format!("there is no such {what}"))
            }
            // The flag's name, which differs from the API's.
            ChannelError::Rejected(Rejection::Invalid(invalid))
                if invalid.field == "webhook_url" =>
            {
                Self::invalid_flag(ValidationError::new("callback-url", invalid.reason))
            }
            ChannelError::Rejected(Rejection::Invalid(invalid)) => Self::invalid_flag(invalid),
            ChannelError::Store(StoreError::Limit(invalid)) => Self::failed(invalid.to_string()),
            other => Self::failed(other.to_string()),
        }
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::ValidationError(invalid) => invalid.into(),
            AppError::KeyReused => {
                Self::invalid("--idempotency-key: was used before with a different message")
            }
            other => Self::failed(other.to_string()),
        }
    }
}
