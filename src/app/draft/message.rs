//! Messages and their edits. Must not depend on stored messages.

use super::{
    content,
    member::{as_line, as_timestamp},
    reader,
};
use crate::body::{MessageBody, MessageEditBody, ResendBody};
use belfry_domain::{MessageDraft, MessageEdit, Resend, Timestamp, ValidationError};
use belfry_locales::phrases::errors;
use serde_json::Value;
use std::time::Duration;

const MAX_CATEGORY_CHARS: usize = 64;
const MAX_NAME_CHARS: usize = 200;
const MAX_DATA_BYTES: usize = 8 * 1024;
/// The members of an edit.
const EDIT_MEMBERS: &str =
    "content, category, data, pinned, expiresAt, name, publishAt, audience, variables";
const MAX_SCHEDULE_AHEAD: Duration = Duration::from_hours(366 * 24);

/// Parses and validates the body of `POST /v1/messages`.
pub fn parse_message(json: &[u8], now: Timestamp) -> Result<MessageDraft, ValidationError> {
    reader::parse::<MessageBody>(json)?.validate(now)
}

/// Parses and validates the body of `PATCH /v1/messages/{id}`.
pub fn parse_edit(json: &[u8], now: Timestamp) -> Result<MessageEdit, ValidationError> {
    reader::parse::<MessageEditBody>(json)?.validate(now)
}

/// Parses and validates the body of `POST /v1/messages/{id}/resend`; an empty one changes nothing.
pub fn parse_resend(json: &[u8], now: Timestamp) -> Result<Resend, ValidationError> {
    if json.is_empty() {
        return Ok(Resend::default());
    }
    reader::parse::<ResendBody>(json)?.validate(now)
}

impl MessageBody {
    /// Validates a new message. Times are validated against `now`.
    pub fn validate(self, now: Timestamp) -> Result<MessageDraft, ValidationError> {
        let required = |name| ValidationError::new(name, errors::REQUIRED);
        let audience = self.audience.ok_or_else(|| required("audience"))?.validate("audience")?;
        let content = content::validate(
            self.content.ok_or_else(|| required("content"))?,
            "content",
            Some(self.variables.unwrap_or(true)),
        )?;
        let publish_at = self.publish_at.map(|text| publish_at(&text, now)).transpose()?;
        let expires_at = self.expires_at.map(|text| expires_at(&text, now)).transpose()?;
        if let (Some(begin), Some(end)) = (publish_at, expires_at)
            && end <= begin
        {
            return Err(ValidationError::new("expiresAt", errors::BEFORE_PUBLISH_AT));
        }
        Ok(MessageDraft {
            audience,
            content,
            category: self.category.map(|text| category(&text)).transpose()?,
            data: self.data.map(data).transpose()?,
            pinned: self.pinned.unwrap_or_default(),
            publish_at,
            expires_at,
            name: self.name.map(|text| name(&text)).transpose()?,
        })
    }
}

impl MessageEditBody {
    /// Validates an edit: an absent member changes nothing, `null` removes `category`, `data`,
    /// `expiresAt` or `name`. Checks that need the stored message are left to the caller: that new
    /// contents agree with the message's variables, that it expires after its publication, and that
    /// it is not yet shown when its publication time or audience changes. Here `expiresAt` only has
    /// to be in the future.
    pub fn validate(self, now: Timestamp) -> Result<MessageEdit, ValidationError> {
        if self == Self::default() {
            return Err(ValidationError::new("", errors::nothing_to_change(EDIT_MEMBERS)));
        }
        let content = self
            .content
            .map(|content| content::validate(content, "content", self.variables))
            .transpose()?;
        Ok(MessageEdit {
            content,
            variables: self.variables,
            category: unless_null(self.category, |text| category(&text))?,
            data: unless_null(self.data, data)?,
            pinned: self.pinned,
            expires_at: unless_null(self.expires_at, |text| expires_at(&text, now))?,
            name: unless_null(self.name, |text| name(&text))?,
            publish_at: self.publish_at.map(|text| publish_at(&text, now)).transpose()?,
            audience: self.audience.map(|audience| audience.validate("audience")).transpose()?,
        })
    }
}

impl ResendBody {
    /// Validates what differs when a message is sent again.
    pub fn validate(self, now: Timestamp) -> Result<Resend, ValidationError> {
        let resend = Resend {
            audience: self.audience.map(|audience| audience.validate("audience")).transpose()?,
            publish_at: self.publish_at.map(|text| publish_at(&text, now)).transpose()?,
            expires_at: unless_null(self.expires_at, |text| expires_at(&text, now))?,
        };
        if let (Some(begin), Some(Some(end))) = (resend.publish_at, resend.expires_at)
            && end <= begin
        {
            return Err(ValidationError::new("expiresAt", errors::BEFORE_PUBLISH_AT));
        }
        Ok(resend)
    }
}

fn publish_at(text: &str, now: Timestamp) -> Result<Timestamp, ValidationError> {
    let begin = as_timestamp(text, "publishAt")?;
    if begin > now.plus(MAX_SCHEDULE_AHEAD) {
        return Err(ValidationError::new("publishAt", errors::TOO_FAR_AHEAD));
    }
    Ok(begin)
}

fn expires_at(text: &str, now: Timestamp) -> Result<Timestamp, ValidationError> {
    let end = as_timestamp(text, "expiresAt")?;
    if end <= now {
        return Err(ValidationError::new("expiresAt", errors::IN_PAST));
    }
    Ok(end)
}

fn name(text: &str) -> Result<String, ValidationError> {
    as_line(text, "name", MAX_NAME_CHARS)
}

fn category(text: &str) -> Result<String, ValidationError> {
    as_line(text, "category", MAX_CATEGORY_CHARS)
}

fn data(value: Value) -> Result<Value, ValidationError> {
    let length = value.to_string().len();
    if length > MAX_DATA_BYTES {
        return Err(ValidationError::new("data", errors::data_too_large(MAX_DATA_BYTES, length)));
    }
    Ok(value)
}

/// Validates a member unless it is absent or `null`.
#[expect(clippy::option_option, reason = "absent and null are two things in a change")]
fn unless_null<T, U>(
    member: Option<Option<T>>,
    validate: impl FnOnce(T) -> Result<U, ValidationError>,
) -> Result<Option<Option<U>>, ValidationError> {
    member.map(|value| value.map(validate).transpose()).transpose()
}

#[cfg(test)]
mod tests;
