//! Positions of messages in the order of a site's publications, and the cursors of readers' lists.
//!
//! Must not depend on messages or readers. Used by both, and by the store.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The position of a message in the order in which its site published. Strictly increasing,
/// independent of the clock. In an action, it stands for all messages up to and including it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub i64);

impl Position {
    /// The position of a message that is not published yet, below all others.
    pub const UNPUBLISHED: Self = Self(0);
    /// Above all messages.
    pub const MAX: Self = Self(i64::MAX);
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Where a page of a reader's list ends: the position of its last message, negative within the
/// pinned ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub i64);

impl Cursor {
    /// Whether it is within the pinned messages.
    pub const fn is_pinned(self) -> bool {
        self.0 < 0
    }

    /// The position of the message.
    pub const fn position(self) -> Position {
        Position(self.0.saturating_abs())
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
