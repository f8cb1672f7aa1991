//! The domain model of Belfry: value types, ids, drafts, events, errors and the traits for what is
//! passed in (time, random numbers, outbound HTTP). Types that have rules can only be built valid,
//! so upper layers don't check them again.
//!
//! Must not depend on the database, HTTP, HTML, the system clock or the system's random numbers;
//! [`Clock`] and [`Rng`] are passed in. Every other module uses it.
//!
//! To add a value that a client can set:
//! - a type with a checking constructor here that returns [`ValidationError`],
//! - its error in `locales/*/errors.ftl`,
//! - an action in [`AUDIT_ACTIONS`], if the change is to be audited.

mod account;
mod address;
mod audit;
pub mod channel;
mod clock_watch;
mod contact;
mod credential;
mod delivery;
mod device;
mod environment;
mod error_kind;
mod fair_cache;
mod http_client;
mod idempotency;
mod identifier;
mod import;
mod inbox_event;
mod install_event;
mod language;
mod language_matching;
mod language_negotiation;
mod link;
mod local_time;
mod message;
mod page;
mod position;
mod reader;
mod reports;
mod revision;
mod rfc3339;
mod scope;
pub mod sdk;
mod segment;
mod settings;
mod site;
mod stored_image;
mod theme;
mod token_rotation;
mod validation_error;
mod version;
mod webhook;
pub mod webhook_event;
mod webhook_payload;

pub use account::{
    Account, AccountDraft, ConsoleSession, Invitation, Membership, Password, PasswordHash, Role,
    SecondFactor,
};
pub use address::is_global;
pub use audit::{AUDIT_ACTIONS, Actor, AuditEntry, StoredAuditEntry};
pub use clock_watch::{ClockWatch, PausedWork};
pub use contact::{
    Contact, ContactCredential, ContactDraft, ContactFilter, ContactLookup, ContactReceipt,
    ContactWindow, EmailAddress, ExternalId, Identifiers, PhoneNumber,
};
pub use credential::{
    ApiKey, ContactToken, Digest, NewContactToken, NewWidgetSession, Secret, SecretKind,
    TokenFamily, WidgetSession,
};
pub use delivery::{
    Delivery, DeliveryAttempt, DeliveryOutcome, DeliveryState, DueDelivery, RetryDecision,
};
pub use device::{Device, DeviceId};
pub use environment::{Clock, Rng, SystemClock, SystemRng, Timestamp};
pub use error_kind::ErrorKind;
pub use fair_cache::FairCache;
pub use http_client::{
    DisabledHttpClient, FetchError, HttpClient, HttpRequest, HttpResponse, WebPage,
};
pub use idempotency::{
    IdempotencyReservation, IdempotentRequest, ServerRun, StoredBody, StoredResponse,
    response_subject,
};
pub use identifier::{AccountId, ContactId, EndpointId, ImportId, KeyId, MessageId, SiteId};
pub use import::{
    DedupeOn, Import, ImportOptions, ImportOutcome, ImportProblem, ImportRow, ImportState,
    RowResult,
};
pub use inbox_event::{EventSink, InboxEvent, PresentSubscriber, Recipients, RevokedSessions};
pub use install_event::{InstallEvent, InstallIssue, InstallStep, Onboarding};
pub use language::Language;
pub use language_matching::is_same_language;
pub use language_negotiation::negotiate;
pub use link::{Link, LinkTarget};
pub use local_time::{LocalTimeError, TimeZone};
pub use message::{
    Audience, Message, MessageAction, MessageActionKind, MessageAudience, MessageContent,
    MessageDraft, MessageEdit, Resend, WebUrl,
};
pub use page::paginate;
pub use position::{Cursor, Position};
pub use reader::{
    ActionOutcome, ReaderAction, ReaderActionKind, ReaderFilter, ReaderKey, ReaderMessage,
    ReaderPage, ReaderPageRequest, UnreadCounts,
};
pub use reports::{
    DailyStats, Funnel, MessageCursor, MessagePage, MessageQuery, MessageState, MessageStats,
    MessageSummary, SegmentFunnel, SiteStats, StatsBucket,
};
pub use revision::revision;
pub use scope::{Scope, Scopes};
pub use segment::{
    AttributeTest, Condition, Rule, RuleDraft, Segment, SegmentDraft, SegmentId, SegmentTarget,
    TimeTest,
};
pub use settings::{Category, HistoryPolicy, SiteSettings};
pub use site::{InsertPosition, Origin, Site, SiteDraft};
pub use stored_image::{ImageFormat, StoredImage};
pub use theme::{
    PreviewLink, Theme, ThemeDraft, ThemeFile, ThemeFileType, ThemeParts, ThemeSources, ThemeState,
    ThemeVersion,
};
pub use token_rotation::{PresentedToken, RotationOutcome, TokenRotation, TokenSubject};
pub use validation_error::ValidationError;
pub use version::Version;
pub use webhook::{
    Endpoint, EndpointAuth, EndpointChange, EndpointKind, EndpointUrl, EventType, SigningSecret,
};
pub use webhook_payload::{MessageSnapshot, WebhookPayload};
