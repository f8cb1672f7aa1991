//! The nouns of an app inbox, as types that can only be built valid.
//!
//! Everything above trusts these constructors and checks nothing twice. This module must not know of databases, HTTP,
//! HTML, the system's clock or its random numbers: time and entropy are handed in through [`Clock`] and [`Entropy`].

mod audit;
mod change;
mod contact;
mod credential;
mod environment;
mod identifier;
mod invalid;
mod language;
mod message;
mod reader;
mod segment;
mod settings;
mod site;
mod theme;

pub use audit::{Actor, AuditEntry, Audited};
pub use change::{Announcer, Change, Reach, Revoked};
pub use contact::{Contact, ContactDraft, ContactLookup, EmailAddress, ExternalId, Identifiers, PhoneNumber};
pub use credential::{ApiKey, ContactToken, Digest, Family, Secret, SecretKind, WidgetSession};
pub use environment::{Clock, Entropy, SystemClock, SystemEntropy, Timestamp};
pub use identifier::{AccountId, ContactId, KeyId, MessageId, SiteId};
pub use invalid::Invalid;
pub use language::Language;
pub use message::{Action, Audience, Content, Idempotency, Message, MessageDraft, MessageEdit, WebUrl};
pub use reader::{Filter, Item, Mark, Marked, Page, PageRequest, Tally, Verb};
pub use segment::{Condition, Rule, RuleDraft, Segment, SegmentDraft, SegmentId, SegmentTarget, Test, When};
pub use settings::{Category, SiteSettings};
pub use site::{Origin, Placement, Site, SiteDraft};
pub use theme::{PreviewLink, Theme, ThemeDraft, ThemeFile, ThemeFileType, ThemeParts, ThemeSources, ThemeState, ThemeVersion};
