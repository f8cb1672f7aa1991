//! Phrases of a thread: senders, statuses, activity and agent actions.

pub use belfry_locales::phrases::conversation::*;

use belfry_domain::channel::{ConversationStatus, Priority};
use belfry_locales::Phrase;

/// The label of a conversation status.
pub fn status(status: ConversationStatus) -> Phrase {
    match status {
        ConversationStatus::Open => IS_OPEN,
        ConversationStatus::Pending => IS_PENDING,
        ConversationStatus::Snoozed => IS_SNOOZED,
        ConversationStatus::Resolved => IS_RESOLVED,
    }
}

/// The label of a priority.
pub fn priority(priority: Priority) -> Phrase {
    match priority {
        Priority::Urgent => URGENT,
        Priority::High => HIGH,
        Priority::Medium => MEDIUM,
        Priority::Low => LOW,
    }
}
