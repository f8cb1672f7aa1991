//! Phrases of the conversation pages. Those shared with the Inbox SDK's window are in
//! `web::conversation`.

pub(super) use belfry_locales::phrases::{console_conversations::*, conversation::*};
pub(super) use belfry_web::conversation::phrases::{priority, status};
