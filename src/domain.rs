//! The domain model of Belfry: value types, ids, drafts, events, errors and the traits for what is
//! passed in (time, random numbers, outbound HTTP). Types that have rules can only be built valid,
//! so upper layers don't check them again.
//!
//! Must not depend on the database, HTTP, HTML, the system clock or the system's random numbers;
//! [`Clock`] and [`Entropy`] are passed in. Every other module uses it.
//!
//! To add a value that a client can set:
//! - a type with a checking constructor here that returns [`Invalid`],
//! - its error text in `content::refusals`, if a console form can show it,
//! - an action in [`ACTS`], if the change is to be audited.

mod account;
mod address;
mod audit;
mod change;
pub mod channel;
mod choice;
mod clock_watch;
mod contact;
mod credential;
mod delivery;
mod device;
mod environment;
mod identifier;
mod import;
mod invalid;
mod kinship;
mod language;
mod link;
mod local_time;
mod message;
mod outbound;
mod parcel;
mod picture;
mod reader;
mod repeat;
mod revision;
mod rotation;
mod scope;
pub mod sdk;
mod segment;
mod sent;
mod settings;
mod shares;
mod sighting;
mod site;
mod theme;
mod webhook;

pub use account::{Account, AccountDraft, ConsoleSession, Invitation, Membership, Password, PasswordHash, Role, SecondFactor};
pub use address::is_global;
pub use audit::{ACTS, Actor, AuditEntry, Audited};
pub use change::{Announcer, Change, Reach, Revoked};
pub use choice::choose;
pub use clock_watch::{ClockDoubt, ClockWatch};
pub use contact::{
    Contact, ContactCredential, ContactDraft, ContactFilter, ContactLookup, ContactReceipt, ContactWindow, EmailAddress, ExternalId, Identifiers,
    PhoneNumber,
};
pub use credential::{ApiKey, ContactToken, Digest, Family, NewSession, NewToken, Secret, SecretKind, WidgetSession};
pub use delivery::{Delivery, DeliveryAttempt, DeliveryOutcome, DeliveryState, DueDelivery, Verdict};
pub use device::{Device, DeviceId};
pub use environment::{Clock, Entropy, SystemClock, SystemEntropy, Timestamp};
pub use identifier::{AccountId, ContactId, EndpointId, ImportId, KeyId, MessageId, SiteId};
pub use import::{DedupeOn, Import, ImportOptions, ImportProblem, ImportRow, ImportState, Merged, Outcome};
pub use invalid::Invalid;
pub use kinship::is_same_language;
pub use language::Language;
pub use link::{Link, LinkTarget};
pub use local_time::{LocalTimeError, TimeZone};
pub use message::{Action, ActionKind, Audience, Content, Idempotency, Message, MessageDraft, MessageEdit, Resend, WebUrl};
pub use outbound::{Answered, NoOutbound, Outbound, Outgoing, Unfetched, WebPage};
pub use parcel::{Parcel, Payload};
pub use picture::{Picture, PictureType};
pub use reader::{Filter, Item, Mark, Marked, Page, PageRequest, Tally, Verb};
pub use repeat::{Attempt, Begun, KeptAnswer, KeptBody, answer_subject};
pub use revision::revision;
pub use rotation::{Rotated, Rotation, ShownToken, TokenHolder};
pub use scope::{Scope, Scopes};
pub use segment::{Condition, Rule, RuleDraft, Segment, SegmentDraft, SegmentId, SegmentTarget, Test, When};
pub use sent::{
    Funnel, MessageCursor, MessagePage, MessageQuery, MessageState, MessageStats, MessageSummary, SegmentSteps, SiteDay, SiteStats, StatsStep,
};
pub use settings::{Category, History, SiteSettings};
pub use shares::Shares;
pub use sighting::{Obstacle, Onboarding, Seen, Sighting};
pub use site::{Origin, Placement, Site, SiteDraft};
pub use theme::{PreviewLink, Theme, ThemeDraft, ThemeFile, ThemeFileType, ThemeParts, ThemeSources, ThemeState, ThemeVersion};
pub use webhook::{Endpoint, EndpointAuth, EndpointChange, EndpointKind, EndpointUrl, EventType, SigningSecret};
