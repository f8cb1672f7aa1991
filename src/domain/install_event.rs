//! Installation events: which steps of a site's integration worked, and why one failed. The console
//! shows them to owners whose bell doesn't appear.

use super::{Origin, Timestamp};

/// A step of the integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstallStep {
    /// A page loaded the script.
    Script,
    /// The backend requested a contact token.
    Token,
    /// A page showed the widget to a reader.
    Widget,
}

/// Why a step failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstallIssue {
    /// The page's origin is not one of the site's.
    Origin,
    /// The token is expired, invalid, or another site's.
    Token,
    /// The backend requested a token for an unknown contact.
    Contact,
}

/// The last occurrence of a step from one origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallEvent {
    /// The step.
    pub step: InstallStep,
    /// The page's origin, if the browser sent one.
    pub origin: Option<Origin>,
    /// Why it failed; `None` if it worked.
    pub issue: Option<InstallIssue>,
    /// Time of the last occurrence, rounded to the minute.
    pub at: Timestamp,
}

/// Onboarding progress of a site: which steps happened at least once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four independent steps")]
pub struct Onboarding {
    /// A page showed the widget.
    pub widget: bool,
    /// The backend got a contact token.
    pub token: bool,
    /// A message was sent.
    pub message: bool,
    /// A reader read a message.
    pub read: bool,
}

impl InstallStep {
    /// The name in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Token => "token",
            Self::Widget => "widget",
        }
    }

    /// Parses a name.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Script, Self::Token, Self::Widget].into_iter().find(|seen| seen.as_str() == word)
    }
}

impl InstallIssue {
    /// The name in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Token => "token",
            Self::Contact => "contact",
        }
    }

    /// Parses a name.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Origin, Self::Token, Self::Contact].into_iter().find(|issue| issue.as_str() == word)
    }
}
