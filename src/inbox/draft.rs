//! stub: JSON → drafts
use crate::domain::{ContactDraft, Invalid, MessageDraft, MessageEdit};
/// Reads `POST /v1/contact`'s body.
pub fn parse_contact(_json: &[u8]) -> Result<ContactDraft, Invalid> {
    Err(Invalid::new("", "stub"))
}
/// Reads `POST /v1/messages`'s body. `now` decides what is past.
pub fn parse_message(_json: &[u8], _now: crate::domain::Timestamp) -> Result<MessageDraft, Invalid> {
    Err(Invalid::new("", "stub"))
}
/// Reads `PATCH /v1/messages/{id}`'s body.
pub fn parse_edit(_json: &[u8], _now: crate::domain::Timestamp) -> Result<MessageEdit, Invalid> {
    Err(Invalid::new("", "stub"))
}
