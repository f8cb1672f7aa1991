//! The trait of the whole database: the verbs of sites, keys, contacts, tokens, messages, readers
//! and themes, with the traits of the other capabilities as its supertraits.
//!
//! What every verb guarantees is described at the crate. Must not depend on a backend. Implemented
//! in `sql`, called through the crate's root.

use super::{
    AccountStore, AuditStore, ChannelStore, ContactStore, DeviceStore, FanOutStore,
    IdempotencyStore, ImportStore, InstallEventStore, MuteStore, OriginStore, PictureStore,
    ReaderListStore, ReportStore, Result, SdkStore, SegmentStore, SettingsStore, SharedStateStore,
    TokenRotationStore, UpdateFn, UpdateResult, WebhookStore,
};
use async_trait::async_trait;
use belfry_domain::{
    ActionOutcome, ApiKey, Contact, ContactDraft, ContactId, ContactLookup, ContactToken, Digest,
    IdempotentRequest, InboxEvent, KeyId, Message, MessageEdit, MessageId, NewContactToken,
    NewWidgetSession, Position, PreviewLink, ReaderAction, ReaderPage, ReaderPageRequest, Site,
    SiteId, Theme, ThemeDraft, ThemeFile, ThemeSources, ThemeVersion, Timestamp, TokenFamily,
    UnreadCounts, WidgetSession,
};

/// API keys of a site.
pub const MAX_KEYS: u32 = 500;
/// Theme versions of a site, the draft included.
pub const MAX_THEME_VERSIONS: u32 = 1_000;
/// Unexpired preview links of a site.
pub const MAX_PREVIEW_LINKS: u32 = 2_000;
/// Sessions of one contact; a new one beyond it ends the oldest.
pub const MAX_SESSIONS: usize = 50;

/// Outcome of a publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishOutcome {
    /// Stored now.
    New(MessageId),
    /// A request with the same key and fingerprint was stored before; this is its message.
    Duplicate(MessageId),
    /// The key was used before for a different request.
    KeyReused,
}

/// Outcome of a theme rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RollbackOutcome {
    /// Published now; `None` is the built-in theme.
    Done(Option<Theme>),
    /// It was published already.
    Unchanged(Option<Theme>),
    /// The site has no such version.
    Unknown,
    /// The version is a draft and was never published.
    Draft,
}

/// Outcome of deleting a theme version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteThemeOutcome {
    /// Deleted.
    Done,
    /// The version is published, so it is kept.
    Published,
    /// The site has no such version.
    Unknown,
}

/// The database interface. One object serves the whole process; methods may be called concurrently.
/// Each capability has a trait of its own.
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
    + IdempotencyStore
    + TokenRotationStore
    + SdkStore
    + SegmentStore
    + ReportStore
    + SettingsStore
    + SharedStateStore
    + InstallEventStore
    + WebhookStore
    + Send
    + Sync
    + 'static
{
    /// Succeeds when the database is readable and, as far as can be checked without a write,
    /// writable.
    async fn ping(&self) -> Result<()>;

    /// Adds a site with its first key.
    async fn create_site(&self, site: &Site, key: &ApiKey) -> Result<()>;
    /// Changes what an owner may change of a site (name, origins, selector, placement, language).
    /// The change is computed from the stored value, so concurrent changes are not lost. An
    /// unchanged value is not written.
    async fn update_site(&self, site: SiteId, change: UpdateFn<Site>)
    -> Result<UpdateResult<Site>>;
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
    /// Records the last use of a key.
    async fn touch_key(&self, site: SiteId, key: &KeyId, at: Timestamp) -> Result<()>;
    /// Revokes a key and its tokens and sessions; publishes `SessionsRevoked`. `false` when it does
    /// not exist or was revoked before.
    async fn revoke_key(&self, site: SiteId, key: &KeyId, at: Timestamp) -> Result<bool>;

    /// Adds or updates a contact and returns its id. Matches by external id, then e-mail, then
    /// phone. A match without external id adopts the given one; a match with a different external
    /// id is another person, so a new contact is created. An e-mail or phone of another contact is
    /// a `Conflict`. Attributes are merged by key; `null` removes one. If only a deleted contact
    /// matches, it is restored.
    async fn upsert_contact(
        &self,
        site: SiteId,
        draft: &ContactDraft,
        at: Timestamp,
    ) -> Result<ContactId>;
    /// The contact of a lookup (external id, then e-mail, then phone: the first that exists
    /// decides). Deleted contacts are not returned.
    async fn contact(&self, site: SiteId, lookup: &ContactLookup) -> Result<Option<Contact>>;
    /// The id for each lookup, in order; `None` where the site has no such contact.
    async fn contact_ids(
        &self,
        site: SiteId,
        lookups: &[ContactLookup],
    ) -> Result<Vec<Option<ContactId>>>;
    /// Erases a contact, also a deleted one, with its receipts, tokens, sessions and the messages
    /// to it alone; publishes `SessionsRevoked`. `false` when it does not exist.
    async fn delete_contact(&self, site: SiteId, contact: ContactId, at: Timestamp)
    -> Result<bool>;

    /// Adds a contact token for the contact of a lookup and returns the contact. `None` when the
    /// site has no such contact; a `Conflict` when the key is revoked.
    async fn issue_token(
        &self,
        lookup: &ContactLookup,
        token: &NewContactToken,
    ) -> Result<Option<ContactId>>;
    /// The contact token with this digest, if it belongs to this site and has not expired.
    async fn contact_token(
        &self,
        site: SiteId,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<ContactToken>>;
    /// Exchanges a token for sessions (cookie and bearer) and records the contact's last activity,
    /// at most once an hour. The token can be exchanged again until it expires. A contact has up to
    /// [`MAX_SESSIONS`]; returns the oldest ones, which were ended. `None` when the token was
    /// revoked since its lookup.
    async fn begin_sessions(
        &self,
        token: &ContactToken,
        sessions: [Option<NewWidgetSession>; 2],
        now: Timestamp,
    ) -> Result<Option<Vec<Digest>>>;
    /// The session with this digest, if it belongs to this site and has not expired.
    async fn session(
        &self,
        site: SiteId,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<WidgetSession>>;
    /// Ends a token family with its sessions; publishes `SessionsRevoked`.
    async fn revoke_family(&self, site: SiteId, family: TokenFamily) -> Result<()>;

    /// Stores a message and its idempotency record in one transaction. If `publish_at` is not after
    /// `now`, the message is published at once and `position` is assigned here; otherwise `advance`
    /// publishes it later. A message with many contacts is delivered by [`FanOutStore::fan_out`],
    /// here and at each later change.
    async fn publish(
        &self,
        message: &Message,
        request: Option<&IdempotentRequest>,
        now: Timestamp,
    ) -> Result<PublishOutcome>;
    /// One message of a site, including recalled and expired ones that are still stored.
    async fn message(&self, site: SiteId, message: MessageId) -> Result<Option<Message>>;
    /// Changes a message, publishes `MessageEdited` if it is shown, and returns it. `None` when it
    /// does not exist or was recalled. `publish_at` and the audience can be changed only until it
    /// is shown; afterwards that is a `Conflict`.
    async fn edit_message(
        &self,
        site: SiteId,
        message: MessageId,
        edit: &MessageEdit,
        now: Timestamp,
    ) -> Result<Option<Message>>;
    /// Like [`Self::edit_message`], if the message still has this [revision](Message::revision);
    /// otherwise `Changed`.
    async fn edit_message_if_unchanged(
        &self,
        site: SiteId,
        message: MessageId,
        former: &str,
        edit: &MessageEdit,
        now: Timestamp,
    ) -> Result<Option<Message>>;
    /// Recalls a message for everyone; publishes `MessageRemoved` if it was shown. `false` when it
    /// does not exist or was recalled before.
    async fn recall_message(
        &self,
        site: SiteId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<bool>;
    /// Publishes due messages and removes expired ones, with an event for each, in slices of
    /// background work. Returns when the next one is due.
    async fn advance(&self, now: Timestamp) -> Result<Option<Timestamp>>;

    /// A page of a reader's list with the counts, from one snapshot.
    async fn page(
        &self,
        site: SiteId,
        contact: ContactId,
        request: ReaderPageRequest,
        now: Timestamp,
    ) -> Result<ReaderPage>;
    /// One message as this reader has it; `None` when it is not shown to them or they deleted it.
    async fn item(
        &self,
        site: SiteId,
        contact: ContactId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<Option<belfry_domain::ReaderMessage>>;
    /// A reader's unread counts.
    async fn counts(
        &self,
        site: SiteId,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<UnreadCounts>;
    /// Stores a reader's action, publishes `ReaderActed` if something changed, and returns the
    /// counts afterwards. Messages that the reader cannot see are ignored. `None` for an
    /// `UndoAllRead` that is no longer possible: it was undone before, or another `AllRead`
    /// followed.
    async fn apply_reader_action(
        &self,
        site: SiteId,
        contact: ContactId,
        mark: &ReaderAction,
        now: Timestamp,
    ) -> Result<Option<ActionOutcome>>;

    /// Stores up to which position messages were delivered to each reader. Background work that
    /// nobody waits for; an erased reader is skipped.
    async fn record_delivered(
        &self,
        site: SiteId,
        reached: &[(ContactId, Position)],
        now: Timestamp,
    ) -> Result<()>;

    /// Stores an upload as the site's draft under the next version number and deletes the former
    /// draft. If it equals the current draft, nothing is written and that one is returned.
    async fn store_draft(&self, site: SiteId, draft: &ThemeDraft, now: Timestamp) -> Result<Theme>;
    /// Like [`Self::store_draft`], if the current draft is still `former` (`None`: no draft).
    /// Otherwise returns `None` and writes nothing.
    async fn replace_draft(
        &self,
        site: SiteId,
        former: Option<ThemeVersion>,
        draft: &ThemeDraft,
        now: Timestamp,
    ) -> Result<Option<Theme>>;
    /// The theme versions of a site, newest first.
    async fn themes(&self, site: SiteId) -> Result<Vec<Theme>>;
    /// One theme version.
    async fn theme(&self, site: SiteId, version: ThemeVersion) -> Result<Option<Theme>>;
    /// The uploaded files of one version.
    async fn theme_sources(
        &self,
        site: SiteId,
        version: ThemeVersion,
    ) -> Result<Option<ThemeSources>>;
    /// Publishes the draft; the version published before becomes superseded. Publishes
    /// `ThemeChanged`. `None` when there is no draft.
    async fn publish_theme(&self, site: SiteId, now: Timestamp) -> Result<Option<Theme>>;
    /// Publishes a superseded version again, or with `None` the built-in theme; the version
    /// published before becomes superseded. Publishes `ThemeChanged` if something changed.
    async fn roll_back_theme(
        &self,
        site: SiteId,
        to: Option<ThemeVersion>,
        now: Timestamp,
    ) -> Result<RollbackOutcome>;
    /// Deletes a draft or a superseded version with its preview links and the files that no other
    /// version uses.
    async fn delete_theme(&self, site: SiteId, version: ThemeVersion)
    -> Result<DeleteThemeOutcome>;
    /// One file of any version of a site's theme.
    async fn theme_file(&self, site: SiteId, name: &str) -> Result<Option<ThemeFile>>;
    /// Adds a preview link to an existing version.
    async fn add_preview_link(&self, link: &PreviewLink) -> Result<()>;
    /// The preview link with this digest, if it belongs to this site and has not expired.
    async fn preview_link(
        &self,
        site: SiteId,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<PreviewLink>>;

    /// Deletes expired tokens, sessions and preview links, and idempotency records older than two
    /// days. Returns the number of deleted rows.
    async fn sweep(&self, now: Timestamp) -> Result<u64>;
    /// Whether this process does the background work of the database. Of several processes on the
    /// same server, one does; when it stops, another takes over within a few seconds.
    async fn leads(&self) -> Result<bool>;
    /// Publishes an event on the other processes on the same server, if there are any: one that
    /// nothing was stored for. Must not block.
    fn relay(&self, event: InboxEvent);
    /// Stores the latest plausible time that this process observed.
    async fn store_trusted_time(&self, seen: Timestamp) -> Result<()>;
    /// The time stored last by [`Self::store_trusted_time`].
    async fn trusted_time(&self) -> Result<Option<Timestamp>>;
    /// The time of the database's server, the same for all processes on it. `None` where the database
    /// is a file.
    async fn server_time(&self) -> Result<Option<Timestamp>>;
    /// Completes pending writes and closes the database.
    async fn close(&self);
}
