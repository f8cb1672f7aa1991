//! Where a site's snippet was seen at work, and what kept it from working: what an owner asks first when no bell shows.

use super::{Origin, Timestamp};

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seen {
    /// A page loaded the script.
    Script,
    /// The site's backend asked for a contact token.
    Token,
    /// A page showed the widget to a reader.
    Widget,
}

/// Why it came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Obstacle {
    /// The page is of an origin that is not the site's.
    Origin,
    /// The token had expired, was made up, or belongs to another site.
    Token,
    /// The backend asked for a contact that the site has not told of.
    Contact,
}

/// What was seen from one origin, with the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// What.
    pub seen: Seen,
    /// The page's origin, where a browser named one.
    pub origin: Option<Origin>,
    /// What kept it from working; `None` when it worked.
    pub obstacle: Option<Obstacle>,
    /// When it was seen last, to the minute.
    pub at: Timestamp,
}

/// How far a new site has come; each is the first time, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four steps that are taken in any order")]
pub struct Onboarding {
    /// A page showed the widget.
    pub widget: bool,
    /// The backend got a token for a contact.
    pub token: bool,
    /// A message was sent.
    pub message: bool,
    /// A reader read one.
    pub read: bool,
}

impl Seen {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Token => "token",
            Self::Widget => "widget",
        }
    }

    /// What the word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Script, Self::Token, Self::Widget].into_iter().find(|seen| seen.as_str() == word)
    }
}

impl Obstacle {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Token => "token",
            Self::Contact => "contact",
        }
    }

    /// What the word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Origin, Self::Token, Self::Contact].into_iter().find(|obstacle| obstacle.as_str() == word)
    }
}
