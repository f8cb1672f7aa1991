//! The `SQLite` backend of the store: one writer that commits in groups, and a small pool of read
//! connections.
//!
//! All SQL of this backend is below this module. It must not depend on use cases or HTTP surfaces.
//! `main` opens it; everyone else calls it through the traits in `store`.
//!
//! To add a store verb:
//! 1. Declare an `async fn` in the trait of its capability (`src/store.rs` or `src/store/*.rs`).
//! 2. Implement it here, in the module of the same capability. A write is one command:
//!    `self.writer.of(site).run(…)`. A read takes a connection from `self.reader_of(site)`, or from
//!    `self.reports` when it may take long.
//! 3. Test its promise in `src/store/contract/`, and list the test in the macro in
//!    `src/store/contract.rs`.
//! 4. Add a case in `cost_growth/cases/`, which measures its cost. A verb without a case fails a
//!    test by name.
//! 5. List new statements in `query_plans.rs` or below it (conversations: `channel/statements.rs`,
//!    Inbox SDK: `sdk/statements.rs`), where their query plans are checked.
//!
//! To add a migration:
//! 1. Write `migrations/NNNN_name.sql`. A published file never changes: sqlx checks its checksum.
//! 2. List it in `MIGRATION_FILES` in `open.rs`.
//! 3. Insert a row into `sqlite_stat1` for each new index, and run `ANALYZE sqlite_schema`.
//!    `query_plans.rs` fails without it.
//! 4. Fill new tables in `cost_growth/dataset.rs`, so that costs are measured with rows in them.
//! 5. Add a column with an encrypted value to `encryption.rs` or `channel/encrypted_columns.rs`, so
//!    that key rotation covers it.

mod accounts;
mod audit;
mod channel;
mod clock;
mod columns;
mod contact;
mod contact_admin;
mod contact_changes;
mod contact_matching;
#[cfg(test)]
mod cost_growth;
mod credential;
mod delivery;
mod device;
mod due_deliveries;
mod encryption;
mod endpoint;
mod error;
mod external_writes;
mod fan_out;
mod feeds;
mod file_mode;
mod idempotency;
mod imports;
mod inline_segments;
mod install_events;
mod message;
mod message_cache;
mod message_deletion;
mod message_rows;
mod mutes;
mod open;
mod options;
mod origin;
mod outbox;
mod pictures;
#[cfg(test)]
mod query_plans;
mod read_pool;
mod reader;
mod reader_action;
mod reader_list;
mod recipients;
mod report_pool;
mod reports;
mod retention;
mod retention_cap;
mod schedule;
mod sdk;
mod sdk_rows;
mod secret_locations;
mod segment;
mod settings;
mod site;
mod site_permits;
mod stats;
mod theme;
mod token_rotation;
mod watermark;
mod watermark_compaction;
mod webhooks;
mod write_tx;
mod writer;

pub use options::SqliteOptions;

use super::{
    DeleteThemeOutcome, PublishOutcome, Result, RollbackOutcome, Store, StoreError, UpdateFn,
    UpdateResult, vault::Vault,
};
use async_trait::async_trait;
use belfry_domain::{
    ActionOutcome, ApiKey, Audience, Contact, ContactDraft, ContactId, ContactLookup, ContactToken,
    Digest, EventSink, IdempotentRequest, KeyId, Message, MessageAudience, MessageEdit, MessageId,
    NewContactToken, NewWidgetSession, Position, PreviewLink, ReaderAction, ReaderKey,
    ReaderMessage, ReaderPage, ReaderPageRequest, Site, SiteId, Theme, ThemeDraft, ThemeFile,
    ThemeSources, ThemeVersion, Timestamp, TokenFamily, UnreadCounts, WidgetSession,
};
use futures_util::FutureExt as _;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// How often the feeds of a reader action are evaluated before the last result is used even if what
/// it depends on has changed again.
const MAX_ACTION_ATTEMPTS: u32 = 3;

/// The store in one `SQLite` file. Clones share the writer and the read connections.
#[derive(Clone)]
pub struct SqliteStore {
    writer: writer::Writer,
    readers: read_pool::ReadPool,
    report_pool: report_pool::Reports,
    /// One permit per site: a large import of the site is being stored.
    import_permits: site_permits::SitePermits,
    /// One permit per site: member lists of one of the site's segments are being written.
    list_permits: site_permits::SitePermits,
    segment_cache: segment::SegmentCache,
    message_cache: message_cache::MessageCache,
    vault: Vault,
    /// The site that the last fan-out turn worked for. The next turn starts with the site after it.
    fan_out_turn: Arc<Mutex<Option<SiteId>>>,
}

impl SqliteStore {
    /// Opens the database file, creates it if it is missing, and runs pending migrations. Events
    /// are sent to `event_sink` after each commit.
    pub async fn open(options: SqliteOptions, event_sink: Arc<dyn EventSink>) -> Result<Self> {
        let mut connection = open::writer(&options).await?;
        let vault = encryption::load_or_create_vault(&mut connection, &options).await?;
        let readers = read_pool::ReadPool::new(open::readers(&options).await?, &options);
        let report_pool = report_pool::Reports::new(open::reports(&options));
        Ok(Self {
            writer: writer::Writer::start(
                connection,
                options,
                event_sink,
                channel::on_dropped_delivery,
            )
            .await?,
            readers,
            report_pool,
            import_permits: site_permits::SitePermits::new(1),
            list_permits: site_permits::SitePermits::new(1),
            segment_cache: segment::SegmentCache::default(),
            message_cache: message_cache::MessageCache::default(),
            vault,
            fan_out_turn: Arc::default(),
        })
    }

    /// The schema version that every opened database has: the number of the newest migration.
    pub fn schema_version() -> i64 {
        open::schema_version()
    }

    async fn read_connection(&self) -> Result<read_pool::ReadConnection> {
        self.readers.acquire().await
    }

    async fn read_connection_for(&self, site: SiteId) -> Result<read_pool::ReadConnection> {
        self.readers.acquire_for(site).await
    }

    /// The feeds of the segments that a contact is in. Evaluated on a read connection, since rules
    /// may be long.
    async fn feeds_of(
        &self,
        site: SiteId,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<(feeds::Feeds, segment::EvaluationVersion)> {
        segment::feeds_of(
            &mut *self.read_connection_for(site).await?,
            &self.segment_cache,
            ReaderKey { site, contact },
            now,
        )
        .await
    }

    /// A read connection, and the feeds of the segments that a contact is in.
    async fn reader_scope(
        &self,
        site: SiteId,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<(read_pool::ReadConnection, feeds::Feeds)> {
        let mut connection = self.read_connection_for(site).await?;
        let (lanes, _) = segment::feeds_of(
            &mut connection,
            &self.segment_cache,
            ReaderKey { site, contact },
            now,
        )
        .await?;
        Ok((connection, lanes))
    }

    async fn change_message(
        &self,
        (site, message): (SiteId, MessageId),
        expected_revision: Option<String>,
        edit: MessageEdit,
        now: Timestamp,
    ) -> Result<Option<Message>> {
        if let Some(audience @ Audience::Contacts(_)) = &edit.audience {
            let audience = message::stored_audience(audience.clone())?;
            let contacts = audience.contacts().unwrap_or_default();
            if contacts.len() > message_rows::MAX_CONTACTS_PER_CHUNK {
                fan_out::check_contacts_exist(
                    &mut *self.read_connection_for(site).await?,
                    site,
                    contacts,
                )
                .await?;
            }
        }
        let edited = self
            .writer
            .for_site(site)
            .run(move |tx| message::edit(tx, (site, message), expected_revision, edit, now).boxed())
            .await?;
        let Some(message_rows::StoredMessage { mut message, is_many, .. }) = edited else {
            return Ok(None);
        };
        if is_many {
            message.audience =
                fan_out::audience(&mut *self.read_connection_for(site).await?, site, message.id)
                    .await?;
        }
        Ok(Some(message))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1 FROM site LIMIT 1")
            .fetch_optional(&mut *self.read_connection().await?)
            .await?;
        // An empty transaction proves that the writer runs and that no other process blocks writes,
        // without a disk write.
        self.writer.run(|_| async { Ok(()) }.boxed()).await
    }

    async fn create_site(&self, site: &Site, key: &ApiKey) -> Result<()> {
        let (site, key) = (site.clone(), key.clone());
        self.writer.run(move |tx| site::create(tx, site, key).boxed()).await
    }

    async fn update_site(
        &self,
        site: SiteId,
        change: UpdateFn<Site>,
    ) -> Result<UpdateResult<Site>> {
        self.writer.for_site(site).run(move |tx| site::update(tx, site, change).boxed()).await
    }

    async fn sites(&self) -> Result<Vec<Site>> {
        site::all(&mut *self.read_connection().await?).await
    }

    async fn site(&self, site: SiteId) -> Result<Option<Site>> {
        site::one(&mut *self.read_connection_for(site).await?, site).await
    }

    async fn add_key(&self, key: &ApiKey) -> Result<()> {
        let key = key.clone();
        self.writer.for_site(key.site).run(move |tx| site::add_key(tx, key).boxed()).await
    }

    async fn keys(&self, site: SiteId) -> Result<Vec<ApiKey>> {
        site::keys(&mut *self.read_connection_for(site).await?, site).await
    }

    async fn key(&self, digest: &Digest) -> Result<Option<ApiKey>> {
        site::key(&mut *self.read_connection().await?, digest).await
    }

    async fn touch_key(&self, site: SiteId, key: &KeyId, at: Timestamp) -> Result<()> {
        let key = key.clone();
        self.writer.for_site(site).run(move |tx| site::touch_key(tx, site, key, at).boxed()).await
    }

    async fn revoke_key(&self, site: SiteId, key: &KeyId, at: Timestamp) -> Result<bool> {
        let key = key.clone();
        self.writer.for_site(site).run(move |tx| site::revoke_key(tx, site, key, at).boxed()).await
    }

    async fn upsert_contact(
        &self,
        site: SiteId,
        draft: &ContactDraft,
        at: Timestamp,
    ) -> Result<ContactId> {
        let draft = draft.clone();
        self.writer
            .for_site(site)
            .run(move |tx| contact_changes::upsert(tx, site, draft, at).boxed())
            .await
    }

    async fn contact(&self, site: SiteId, lookup: &ContactLookup) -> Result<Option<Contact>> {
        contact::find(&mut *self.read_connection_for(site).await?, site, lookup, false).await
    }

    async fn contact_ids(
        &self,
        site: SiteId,
        lookups: &[ContactLookup],
    ) -> Result<Vec<Option<ContactId>>> {
        contact::ids(&mut *self.read_connection_for(site).await?, site, lookups).await
    }

    async fn delete_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        at: Timestamp,
    ) -> Result<bool> {
        self.writer
            .for_site(site)
            .run(move |tx| channel::delete_contact(tx, site, contact, at).boxed())
            .await
    }

    async fn issue_token(
        &self,
        lookup: &ContactLookup,
        token: &NewContactToken,
    ) -> Result<Option<ContactId>> {
        let (lookup, token) = (lookup.clone(), token.clone());
        self.writer
            .for_site(token.site)
            .run_single(move |tx| credential::issue(tx, lookup, token).boxed())
            .await
    }

    async fn contact_token(
        &self,
        site: SiteId,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<ContactToken>> {
        credential::token(&mut *self.read_connection_for(site).await?, site, digest, now).await
    }

    async fn begin_sessions(
        &self,
        token: &ContactToken,
        sessions: [Option<NewWidgetSession>; 2],
        now: Timestamp,
    ) -> Result<Option<Vec<Digest>>> {
        let token = token.clone();
        self.writer
            .for_site(token.site)
            .run_single(move |tx| credential::exchange(tx, token, sessions, now).boxed())
            .await
    }

    async fn session(
        &self,
        site: SiteId,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<WidgetSession>> {
        credential::session(&mut *self.read_connection_for(site).await?, site, digest, now).await
    }

    async fn revoke_family(&self, site: SiteId, family: TokenFamily) -> Result<()> {
        self.writer
            .for_site(site)
            .run(move |tx| credential::end_family(tx, site, family).boxed())
            .await
    }

    async fn publish(
        &self,
        message: &Message,
        request: Option<&IdempotentRequest>,
        now: Timestamp,
    ) -> Result<PublishOutcome> {
        let (mut message, request) = (message.clone(), request.cloned());
        if let MessageAudience::Contacts(contacts) = &mut message.audience {
            contacts.sort();
            contacts.dedup();
        }
        if let Some(contacts) =
            message.audience.contacts().filter(|_| fan_out::is_needed(&message, 0))
        {
            let mut connection = self.read_connection_for(message.site).await?;
            if let Some(request) = &request
                && let Some(earlier) =
                    idempotency::earlier_publish(&mut connection, message.site, request).await?
            {
                return Ok(earlier);
            }
            // Checked before thousands of contacts are looked up; the command checks again.
            fan_out::check_capacity(&mut connection, message.site).await?;
            fan_out::check_contacts_exist(&mut connection, message.site, contacts).await?;
        }
        self.writer
            .for_site(message.site)
            .run(move |tx| message::publish(tx, message, request, now).boxed())
            .await
    }

    async fn message(&self, site: SiteId, message: MessageId) -> Result<Option<Message>> {
        message::load(&mut *self.read_connection_for(site).await?, site, message).await
    }

    async fn edit_message(
        &self,
        site: SiteId,
        message: MessageId,
        edit: &MessageEdit,
        now: Timestamp,
    ) -> Result<Option<Message>> {
        self.change_message((site, message), None, edit.clone(), now).await
    }

    async fn edit_message_if_unchanged(
        &self,
        site: SiteId,
        message: MessageId,
        former: &str,
        edit: &MessageEdit,
        now: Timestamp,
    ) -> Result<Option<Message>> {
        self.change_message((site, message), Some(former.to_owned()), edit.clone(), now).await
    }

    async fn recall_message(
        &self,
        site: SiteId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<bool> {
        self.writer
            .for_site(site)
            .run(move |tx| message::recall(tx, site, message, now).boxed())
            .await
    }

    async fn advance(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        // Bound first: in the `match` itself, the connection would be held until its end.
        let next = schedule::next(&mut *self.read_connection().await?).await?;
        match next {
            Some(due) if due <= now => {
                self.writer.background_to_end(move |tx| schedule::advance(tx, now).boxed()).await?;
                schedule::next(&mut *self.read_connection().await?).await
            }
            later => Ok(later),
        }
    }

    async fn page(
        &self,
        site: SiteId,
        contact: ContactId,
        request: ReaderPageRequest,
        now: Timestamp,
    ) -> Result<ReaderPage> {
        let mut connection = self.read_connection_for(site).await?;
        if !self.segment_cache.has_segments(site) {
            let (page, segments) = reader::page(
                &mut connection,
                &self.message_cache,
                ReaderKey { site, contact },
                &feeds::Feeds::default(),
                request,
                now,
            )
            .await?;
            if !segments {
                return Ok(page);
            }
        }
        let (lanes, _) = segment::feeds_of(
            &mut connection,
            &self.segment_cache,
            ReaderKey { site, contact },
            now,
        )
        .await?;
        Ok(reader::page(
            &mut connection,
            &self.message_cache,
            ReaderKey { site, contact },
            &lanes,
            request,
            now,
        )
        .await?
        .0)
    }

    async fn item(
        &self,
        site: SiteId,
        contact: ContactId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<Option<ReaderMessage>> {
        let (mut connection, lanes) = self.reader_scope(site, contact, now).await?;
        reader::item(&mut connection, ReaderKey { site, contact }, &lanes, message, now).await
    }

    async fn counts(
        &self,
        site: SiteId,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<UnreadCounts> {
        let mut connection = self.read_connection_for(site).await?;
        if !self.segment_cache.has_segments(site) {
            let (unread_counts, segments) = reader::counts(
                &mut connection,
                ReaderKey { site, contact },
                &feeds::Feeds::default(),
                now,
            )
            .await?;
            if !segments {
                return Ok(unread_counts);
            }
        }
        let (lanes, _) = segment::feeds_of(
            &mut connection,
            &self.segment_cache,
            ReaderKey { site, contact },
            now,
        )
        .await?;
        Ok(reader::counts(&mut connection, ReaderKey { site, contact }, &lanes, now).await?.0)
    }

    async fn apply_reader_action(
        &self,
        site: SiteId,
        contact: ContactId,
        action: &ReaderAction,
        now: Timestamp,
    ) -> Result<Option<ActionOutcome>> {
        for attempt in 0..=MAX_ACTION_ATTEMPTS {
            let found = if attempt > 0 || self.segment_cache.has_segments(site) {
                let (lanes, version) = self.feeds_of(site, contact, now).await?;
                if attempt == MAX_ACTION_ATTEMPTS {
                    reader_action::FeedLookup::Final(lanes)
                } else {
                    reader_action::FeedLookup::Versioned(version, lanes)
                }
            } else {
                reader_action::FeedLookup::None
            };
            let mark = action.clone();
            match self
                .writer
                .for_site(site)
                .run(move |tx| {
                    reader_action::apply(tx, found, ReaderKey { site, contact }, mark, now).boxed()
                })
                .await?
            {
                reader_action::ActionAttempt::Done(marked) => return Ok(marked),
                reader_action::ActionAttempt::Outdated => {}
            }
        }
        Err(StoreError::Unavailable("the reader's segments change too often".to_owned()))
    }

    async fn record_delivered(
        &self,
        site: SiteId,
        reached: &[(ContactId, Position)],
        now: Timestamp,
    ) -> Result<()> {
        let mut feeds = BTreeMap::new();
        // Feeds are needed only where each reader's delivery is an event of its own.
        if self.segment_cache.has_segments(site)
            && outbox::has_delivery_listeners(&mut *self.read_connection_for(site).await?, site)
                .await?
        {
            for (contact, _) in reached {
                feeds.insert(*contact, self.feeds_of(site, *contact, now).await?.0);
            }
        }
        let reached = reached.to_vec();
        let turn = self.writer.background(move |tx| {
            reader_action::record_delivered(tx, site, reached.clone(), feeds.clone(), now).boxed()
        });
        turn.await.map(|_| ())
    }

    async fn store_draft(&self, site: SiteId, draft: &ThemeDraft, now: Timestamp) -> Result<Theme> {
        let draft = draft.clone();
        self.writer
            .for_site(site)
            .run(move |tx| theme::store_draft(tx, site, draft, now).boxed())
            .await
    }

    async fn replace_draft(
        &self,
        site: SiteId,
        former: Option<ThemeVersion>,
        draft: &ThemeDraft,
        now: Timestamp,
    ) -> Result<Option<Theme>> {
        let draft = draft.clone();
        self.writer
            .for_site(site)
            .run(move |tx| theme::store_draft_if(tx, site, former, draft, now).boxed())
            .await
    }

    async fn themes(&self, site: SiteId) -> Result<Vec<Theme>> {
        theme::all(&mut *self.read_connection_for(site).await?, site).await
    }

    async fn theme(&self, site: SiteId, version: ThemeVersion) -> Result<Option<Theme>> {
        theme::one(&mut *self.read_connection_for(site).await?, site, version).await
    }

    async fn theme_sources(
        &self,
        site: SiteId,
        version: ThemeVersion,
    ) -> Result<Option<ThemeSources>> {
        theme::sources(&mut *self.read_connection_for(site).await?, site, version).await
    }

    async fn publish_theme(&self, site: SiteId, now: Timestamp) -> Result<Option<Theme>> {
        self.writer.for_site(site).run(move |tx| theme::publish(tx, site, now).boxed()).await
    }

    async fn roll_back_theme(
        &self,
        site: SiteId,
        to: Option<ThemeVersion>,
        now: Timestamp,
    ) -> Result<RollbackOutcome> {
        self.writer.for_site(site).run(move |tx| theme::roll_back(tx, site, to, now).boxed()).await
    }

    async fn delete_theme(
        &self,
        site: SiteId,
        version: ThemeVersion,
    ) -> Result<DeleteThemeOutcome> {
        self.writer.for_site(site).run(move |tx| theme::delete(tx, site, version).boxed()).await
    }

    async fn theme_file(&self, site: SiteId, name: &str) -> Result<Option<ThemeFile>> {
        theme::file(&mut *self.read_connection_for(site).await?, site, name).await
    }

    async fn add_preview_link(&self, link: &PreviewLink) -> Result<()> {
        let link = link.clone();
        self.writer
            .for_site(link.site)
            .run(move |tx| theme::add_preview_link(tx, link).boxed())
            .await
    }

    async fn preview_link(
        &self,
        site: SiteId,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<PreviewLink>> {
        theme::preview_link(&mut *self.read_connection_for(site).await?, site, digest, now).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64> {
        let expired =
            self.writer.background_to_end(move |tx| credential::sweep(tx, now).boxed()).await?;
        Ok(expired
            + self.writer.background_to_end(move |tx| imports::sweep(tx, now).boxed()).await?)
    }

    async fn store_trusted_time(&self, seen: Timestamp) -> Result<()> {
        self.writer.run(move |tx| clock::store(tx, seen).boxed()).await
    }

    async fn trusted_time(&self) -> Result<Option<Timestamp>> {
        clock::load(&mut *self.read_connection().await?).await
    }

    async fn close(&self) {
        self.readers.close().await;
        self.report_pool.close().await;
        self.writer.stop().await;
    }
}
