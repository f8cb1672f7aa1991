//! The one seam to the database: what the rules above need kept, as verbs named by intent.
//!
//! A backend is a folder below this module with its own SQL and its own migrations; nothing above can tell which one
//! runs. The behaviour that callers may rely on is the contract suite in [`contract`]: what it does not test is not promised.
//!
//! Promises of every backend:
//! - a verb that changes something is atomic, and durable (against `kill -9` and power loss) before it returns `Ok`;
//! - its [`Change`]s are announced once, after the commit, in the order of the commits, before the verb returns;
//! - every query is bounded by site, and by contact where there is one;
//! - versions and positions of a site only grow.
//!
//! This module must not know of HTTP, HTML, languages of readers, or of secrets in clear.

mod accounts;
mod audit;
mod call;
mod channel;
mod contacts;
#[cfg(test)]
mod contract;
mod device;
mod fan_out;
mod imports;
mod mutes;
mod origin;
mod pictures;
mod reader_list;
mod repeat;
mod rotation;
mod sdk;
mod segment;
mod sent;
mod settings;
mod sightings;
mod sqlite;
mod vault;
mod webhooks;

pub use accounts::{AccountStore, INVITATIONS, MemberChange};
pub use audit::AuditStore;
pub use call::{Act, Call, LeaveOnDrop};
pub use channel::{
    AccountWebhookStore, AgentListStore, AgentStore, AttachmentStore, CannedResponseStore, ChannelContactStore, ChannelResult, ChannelStore,
    ConversationMessageStore, ConversationStore, InboxStore, MAX_ACCOUNT_WEBHOOKS, MAX_AGENTS, MAX_CANNED_BYTES, MAX_CANNED_RESPONSES,
    MAX_CONVERSATIONS_OF_CONTACT, MAX_INBOXES, MAX_READ_AT_ONCE, MAX_SESSIONS_OF_CONTACT, MAX_SHOWN_MESSAGES, MAX_UNREAD_ANSWERS,
    ReaderConversationStore,
};
pub use contacts::{ContactStore, ReplacedContact};
pub use device::DeviceStore;
pub use fan_out::{FanOutStore, MAX_FAN_OUTS, TOO_MANY_FAN_OUTS};
pub use imports::{ImportRows, ImportStore, MAX_PROBLEMS, TOO_MANY_IMPORTS, UNFINISHED};
pub use mutes::MuteStore;
pub use origin::OriginStore;
pub use pictures::PictureStore;
pub use reader_list::{ListEntry, ReaderListStore};
pub use repeat::RepeatStore;
pub use rotation::RotationStore;
pub use sdk::{MAX_SDK_AGENTS, MAX_SDK_KEYS, MAX_SDK_SESSIONS, SdkEntry, SdkStore};
pub use segment::{DeletedSegment, SegmentStore, TOO_MANY_SEGMENTS};
pub use sent::{Cancelled, KEPT, SentStore};
pub use settings::SettingsStore;
pub use sightings::SightingStore;
pub use sqlite::{SqliteOptions, SqliteStore};
pub use webhooks::{Due, ENDPOINTS, Room, STORED_ENDPOINTS, WAITING, WAITING_OF_CONTACT, WebhookStore};

use crate::domain::{
    ApiKey, Contact, ContactDraft, ContactId, ContactLookup, ContactToken, Digest, Family, Idempotency, Invalid, KeyId, Mark, Marked, Message,
    MessageEdit, MessageId, NewSession, NewToken, Page, PageRequest, PreviewLink, Site, SiteId, Tally, Theme, ThemeDraft, ThemeFile, ThemeSources,
    ThemeVersion, Timestamp, WidgetSession,
};
use async_trait::async_trait;

/// Why a verb failed. Details are for the log; nothing of them reaches a client.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be reached or is too busy; trying again later may help.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The disk is full or the file can't be written; reads still work.
    #[error("the database can't be written: {0}")]
    NotWritable(String),
    /// Another object has this name already (an identifier of a contact, say).
    #[error("conflict: {0}")]
    Conflict(String),
    /// One more than a site or a contact may have of something; names the limit.
    #[error("{0}")]
    Limit(Invalid),
    /// It is not as it was shown to whoever changes it any more; nothing was done.
    #[error("it was changed in the meantime")]
    Changed,
    /// It would have taken longer than such a question may take.
    #[error("the query takes too long: {0}")]
    TooLong(&'static str),
    /// The database is of a newer Belfry.
    #[error(
        "the database was made by a newer version of Belfry (its schema is at {found}, this program knows {known}): start that version, or restore a backup"
    )]
    Newer {
        /// Schema version in the file.
        found: i64,
        /// Newest schema version in this program.
        known: i64,
    },
    /// What is sealed in the database can't be used: the key is missing, or is another one.
    #[error("the secret key file {file} can't be used: {reason}")]
    SecretKey {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// Stored data that this program can't read: a defect.
    #[error("the database contains unexpected data: {0}")]
    Inconsistent(String),
}

/// API keys that a site may have at a time.
pub const KEYS: u32 = 500;
/// Versions of its theme that a site may have, the draft among them.
pub const THEME_VERSIONS: u32 = 1_000;
/// Preview links that a site may have at a time.
pub const PREVIEW_LINKS: u32 = 2_000;
/// Bytes of the answers that are kept for a site's idempotency keys.
pub const KEPT_BYTES: u32 = 64 * 1_024 * 1_024;

/// Sessions that one contact may have at a time; with one more, the oldest end.
pub const MAX_SESSIONS: usize = 50;

/// What became of a publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// Stored now.
    New(MessageId),
    /// The same key and fingerprint were stored before, with this message.
    Repeated(MessageId),
    /// The key was used before for something else.
    KeyReused,
}

/// What became of the wish to go back to another look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RolledBack {
    /// In force now; `None` is the standard look.
    Done(Option<Theme>),
    /// It was in force already.
    Unchanged(Option<Theme>),
    /// The site has no such version.
    Unknown,
    /// That version was never in force.
    Draft,
}

/// What became of the wish to delete a version of a theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletedTheme {
    /// It is gone.
    Done,
    /// It is in force, so it stays.
    InForce,
    /// The site has no such version.
    Unknown,
}

/// Most categories that a contact mutes: a site names no more.
pub const MUTES: usize = crate::domain::SiteSettings::CATEGORIES;

/// A change that is made of what is there at its turn. It is a computation of well below a millisecond.
pub type Update<T> = Box<dyn FnOnce(&T) -> std::result::Result<T, Invalid> + Send>;

/// What came of it: what is there now, or what is wrong with what would be. `None` when there is nothing to change.
pub type Updated<T> = Option<std::result::Result<T, Invalid>>;

/// The result of a verb.
pub type Result<T> = std::result::Result<T, StoreError>;

/// The seam. One object serves a whole process; every method may be called from many tasks at once. What belongs to one capability
/// alone is a trait of its own beside this one, with its backend beside the others.
#[async_trait]
pub trait Store:
    AccountStore
    + AuditStore
    + ChannelStore
    + ContactStore
    + DeviceStore
    + FanOutStore
    + ImportStore
    + MuteStore
    + OriginStore
    + PictureStore
    + ReaderListStore
    + RepeatStore
    + RotationStore
    + SdkStore
    + SegmentStore
    + SentStore
    + SettingsStore
    + SightingStore
    + WebhookStore
    + Send
    + Sync
    + 'static
{
    /// Answers when the database can be read, and written as far as can be told without doing so.
    async fn ping(&self) -> Result<()>;

    /// Adds a site with its first key.
    async fn create_site(&self, site: &Site, key: &ApiKey) -> Result<()>;
    /// Changes what an owner may of a site (name, origins, selector, placement, language) by what it is in that moment, so that of two changes
    /// at once neither is lost. What is the same after it is not written.
    async fn update_site(&self, site: SiteId, change: Update<Site>) -> Result<Updated<Site>>;
    /// All sites, by name.
    async fn sites(&self) -> Result<Vec<Site>>;
    /// One site.
    async fn site(&self, site: SiteId) -> Result<Option<Site>>;

    /// Adds a key.
    async fn add_key(&self, key: &ApiKey) -> Result<()>;
    /// The keys of a site, oldest first, revoked ones included.
    async fn keys(&self, site: SiteId) -> Result<Vec<ApiKey>>;
    /// The key with this digest, unless it is revoked.
    async fn key(&self, digest: &Digest) -> Result<Option<ApiKey>>;
    /// Notes that a key was used.
    async fn touch_key(&self, site: SiteId, key: &KeyId, at: Timestamp) -> Result<()>;
    /// Revokes a key and ends every token and session that it vouched for; announces `Ended`. `false` when there is none or it was revoked before.
    async fn revoke_key(&self, site: SiteId, key: &KeyId, at: Timestamp) -> Result<bool>;

    /// Adds or updates a contact and gives its number. The match is by external id, then e-mail, then phone; a match
    /// without external id adopts the incoming one; one with a different external id is another person, so a new contact is made.
    /// An e-mail or phone that belongs to another contact is a `Conflict`. Attributes are merged key by key, `null` removes.
    /// Where only a deleted contact matches, it is brought back.
    async fn upsert_contact(&self, site: SiteId, draft: &ContactDraft, at: Timestamp) -> Result<ContactId>;
    /// The contact that a look-up finds (external id, then e-mail, then phone: the first that is known decides). Deleted ones are not found.
    async fn contact(&self, site: SiteId, lookup: &ContactLookup) -> Result<Option<Contact>>;
    /// The number of each looked-up contact in the order asked, `None` where the site has no such contact.
    async fn contact_ids(&self, site: SiteId, lookups: &[ContactLookup]) -> Result<Vec<Option<ContactId>>>;
    /// Erases a contact, deleted before or not, with its receipts, tokens, sessions and the messages that went to it alone; announces `Ended`.
    /// `false` when there is none.
    async fn delete_contact(&self, site: SiteId, contact: ContactId, at: Timestamp) -> Result<bool>;

    /// Adds a contact token for the contact that a look-up finds, and returns whom it is for. `None` where the site has no such contact; a
    /// `Conflict` where the key was revoked.
    async fn issue_token(&self, lookup: &ContactLookup, token: &NewToken) -> Result<Option<ContactId>>;
    /// The contact token with this digest, when it is of this site and has not expired.
    async fn contact_token(&self, site: SiteId, digest: &Digest, now: Timestamp) -> Result<Option<ContactToken>>;
    /// Exchanges a token for sessions (cookie and bearer), and notes that its contact was seen; of one hour only the first time is written. It
    /// may be exchanged again while it lives. A contact has up to [`MAX_SESSIONS`]; returns those that ended for these, the oldest. `None` when the
    /// token was ended since it was looked up.
    async fn begin_sessions(&self, token: &ContactToken, sessions: [Option<NewSession>; 2], now: Timestamp) -> Result<Option<Vec<Digest>>>;
    /// The session with this digest, when it is of this site and has not expired.
    async fn session(&self, site: SiteId, digest: &Digest, now: Timestamp) -> Result<Option<WidgetSession>>;
    /// Ends a token with all its sessions; announces `Ended`.
    async fn end_family(&self, site: SiteId, family: Family) -> Result<()>;

    /// Stores a message, with its idempotency record in the same transaction. A message whose `publish_at` is not after
    /// `now` is placed at once and announced; the caller's `position` is ignored. Otherwise `advance` does it later. The contacts of one that
    /// names many get it by [`FanOutStore::fan_out`], here and wherever something happens to it.
    async fn publish(&self, message: &Message, idempotency: Option<&Idempotency>, now: Timestamp) -> Result<Published>;
    /// What became of an earlier publish with this key; `None` when there was none.
    async fn earlier_publish(&self, site: SiteId, idempotency: &Idempotency) -> Result<Option<Published>>;
    /// One message of a site, recalled and expired ones included while they are kept.
    async fn message(&self, site: SiteId, message: MessageId) -> Result<Option<Message>>;
    /// Changes a message and announces `Edited` when it is shown. Gives it as it is now; `None` when there is none or it was recalled.
    /// A beginning or an audience (whose contacts are named by number) can be changed until it is shown; after that it is a `Conflict`.
    async fn edit_message(&self, site: SiteId, message: MessageId, edit: &MessageEdit, now: Timestamp) -> Result<Option<Message>>;
    /// The same while the message has this [revision](Message::revision) still; `Changed` when it has another one by now.
    async fn edit_message_over(&self, site: SiteId, message: MessageId, former: &str, edit: &MessageEdit, now: Timestamp) -> Result<Option<Message>>;
    /// Recalls a message for everyone and announces `Removed` when it was shown. `false` when there is none or it was recalled before.
    async fn recall_message(&self, site: SiteId, message: MessageId, now: Timestamp) -> Result<bool>;
    /// Places messages whose time has come and takes away those whose time is over, announcing each, in turns of background work. Gives the next
    /// moment at which there is something to do.
    async fn advance(&self, now: Timestamp) -> Result<Option<Timestamp>>;

    /// A part of a reader's list with the counts, all of one moment.
    async fn page(&self, site: SiteId, contact: ContactId, request: PageRequest, now: Timestamp) -> Result<Page>;
    /// One message as this reader has it; `None` when it is not shown to them or they have deleted it.
    async fn item(&self, site: SiteId, contact: ContactId, message: MessageId, now: Timestamp) -> Result<Option<crate::domain::Item>>;
    /// A reader's counts.
    async fn tally(&self, site: SiteId, contact: ContactId, now: Timestamp) -> Result<Tally>;
    /// Keeps what a reader did, announces `Marked` when it changed something, and gives the counts after it. Messages that the reader can't
    /// see are ignored. `None` for an `UndoAllRead` that is no longer possible: another `AllRead` came after, or it was undone before.
    async fn mark(&self, site: SiteId, contact: ContactId, mark: &Mark, now: Timestamp) -> Result<Option<Marked>>;

    /// Keeps up to where messages were answered to readers (positions of messages that they were given). It is background work: nobody waits
    /// for it, and a reader that is gone is passed over.
    async fn note_delivered(&self, site: SiteId, reached: &[(ContactId, i64)], now: Timestamp) -> Result<()>;

    /// Keeps an upload as the site's draft, under the next number, and takes the draft before it away. When nothing in it is other
    /// than in the present draft, nothing is written and that one is given.
    async fn put_draft(&self, site: SiteId, draft: &ThemeDraft, now: Timestamp) -> Result<Theme>;
    /// The same for a draft that was made of `former`, the draft then, or of none. `None`, and nothing is done, when there is another one by now.
    async fn put_draft_over(&self, site: SiteId, former: Option<ThemeVersion>, draft: &ThemeDraft, now: Timestamp) -> Result<Option<Theme>>;
    /// The versions of a site's theme, newest first.
    async fn themes(&self, site: SiteId) -> Result<Vec<Theme>>;
    /// One version.
    async fn theme(&self, site: SiteId, version: ThemeVersion) -> Result<Option<Theme>>;
    /// What was uploaded for one version.
    async fn theme_sources(&self, site: SiteId, version: ThemeVersion) -> Result<Option<ThemeSources>>;
    /// Brings the draft into force; what was in force before is a former version from then on. Announces `Themed`. `None` when there is no draft.
    async fn publish_theme(&self, site: SiteId, now: Timestamp) -> Result<Option<Theme>>;
    /// Brings a former version into force again, or with `None` the standard look; what was in force before is a former version
    /// from then on. Announces `Themed` when that changed something.
    async fn roll_back_theme(&self, site: SiteId, to: Option<ThemeVersion>, now: Timestamp) -> Result<RolledBack>;
    /// Deletes a draft or a former version with its links, and with those of its files that no other version has.
    async fn delete_theme(&self, site: SiteId, version: ThemeVersion) -> Result<DeletedTheme>;
    /// One file of any version of a site's theme.
    async fn theme_file(&self, site: SiteId, name: &str) -> Result<Option<ThemeFile>>;
    /// Keeps a link to one version, which must be there.
    async fn add_preview_link(&self, link: &PreviewLink) -> Result<()>;
    /// The link with this digest, when it is of this site and has not expired.
    async fn preview_link(&self, site: SiteId, digest: &Digest, now: Timestamp) -> Result<Option<PreviewLink>>;

    /// Removes tokens, sessions and preview links that have expired and idempotency records older than two days, kept answers older than one. Gives how many rows went.
    async fn sweep(&self, now: Timestamp) -> Result<u64>;
    /// Keeps the latest time that this process saw and believed.
    async fn keep_seen_time(&self, seen: Timestamp) -> Result<()>;
    /// The one that was kept last.
    async fn seen_time(&self) -> Result<Option<Timestamp>>;
    /// Finishes what is being written and closes.
    async fn close(&self);
}
