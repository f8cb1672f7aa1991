//! Phrases of the message pages.

pub(super) use belfry_locales::phrases::console_messages::*;

use crate::{phrases::Phrase, view::Tone};
use belfry_domain::MessageState;

/// The state of one message, and its tone.
pub(super) fn state(state: MessageState) -> (Phrase, Tone) {
    match state {
        MessageState::Scheduled => (IS_SCHEDULED, Tone::Accent),
        MessageState::Live => (IS_LIVE, Tone::Good),
        MessageState::Expired => (IS_EXPIRED, Tone::Plain),
        MessageState::Recalled => (IS_RECALLED, Tone::Warning),
    }
}

/// All messages of a state.
pub(super) fn states(state: MessageState) -> Phrase {
    match state {
        MessageState::Scheduled => SCHEDULED,
        MessageState::Live => LIVE,
        MessageState::Expired => EXPIRED,
        MessageState::Recalled => RECALLED,
    }
}
