//! Test store: an empty database, a fixed time, generated contacts and messages, and a recording
//! event sink.

use crate::{Conflict, ImportRows, PublishOutcome, Result, Store, StoreError};
use async_trait::async_trait;
use belfry_domain::{
    AccountId, ActionOutcome, ApiKey, Clock, Contact, ContactDraft, ContactId, ContactLookup,
    ContactToken, Cursor, Digest, EventSink, Identifiers, ImportRow, InboxEvent, InsertPosition,
    KeyId, Language, Message, MessageAudience, MessageContent, MessageId, NewContactToken,
    NewWidgetSession, Origin, Position, ReaderAction, ReaderFilter, ReaderMessage, ReaderPage,
    ReaderPageRequest, Rng, SegmentId, Site, SiteDraft, SiteId, ThemeDraft, ThemeFile,
    ThemeFileType, ThemeSources, Timestamp, TokenFamily, UnreadCounts, Version, WidgetSession,
};
use serde_json::Map;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A backend under test: one empty database that can be opened several times.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Opens the database as another process would.
    async fn open(&self, event_sink: Arc<dyn EventSink>) -> Result<Arc<dyn Store>>;
    /// Number of rows in all tables that refer to this contact.
    async fn find_traces(&self, site: SiteId, contact: ContactId) -> u64;
    /// Leaves a shown message as after a crash in the middle of its deletion.
    async fn close(&self, site: SiteId, message: MessageId);
    /// Queues copies of a waiting delivery at its endpoint, numbered from `first` to `last`. If it is of
    /// a contact, each copy is of another one, which does not exist. In one transaction.
    async fn copy_delivery(&self, number: i64, first: u32, last: u32);
}

/// Copies ?2 to ?3 of the delivery ?1.
pub(super) const COPY_DELIVERIES: &str = "WITH RECURSIVE n (i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
    INSERT INTO webhook_delivery (site_id, endpoint, event, type, contact_id, body, subject, state, next_at, created_at, queued_at)
    SELECT site_id, endpoint, event || '-' || n.i, type, contact_id + 1000000 + n.i, body, subject, state, next_at, created_at, queued_at
    FROM n CROSS JOIN webhook_delivery WHERE number = ?1";

/// Records published events.
#[derive(Default)]
pub struct RecordingSink(Mutex<Vec<InboxEvent>>);

impl EventSink for RecordingSink {
    fn publish(&self, change: InboxEvent) {
        self.0.lock().unwrap().push(change);
    }
}

impl RecordingSink {
    /// The events since the last call.
    pub fn take(&self) -> Vec<InboxEvent> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Different bytes at each call, the same in each run.
#[derive(Default)]
pub struct SequenceRng(AtomicU64);

impl Rng for SequenceRng {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let drawn =
                (self.0.fetch_add(1, Ordering::Relaxed) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&drawn.swap_bytes().to_ne_bytes()[..chunk.len()]);
        }
    }
}

struct FixedClock(Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The time at which tests start.
pub const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// `seconds` after [`NOW`].
pub fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

/// An empty store with its backend, recorded events and random numbers.
pub struct TestStore {
    pub backend: Box<dyn Backend>,
    pub store: Arc<dyn Store>,
    pub events: Arc<RecordingSink>,
    pub rng: SequenceRng,
}

impl TestStore {
    pub async fn new(backend: impl Backend + 'static) -> Self {
        let events = Arc::new(RecordingSink::default());
        let store = backend.open(events.clone()).await.unwrap();
        Self { backend: Box::new(backend), store, events, rng: SequenceRng::default() }
    }

    /// A new site with a key.
    pub async fn site(&self, name: &str) -> (SiteId, ApiKey) {
        let origin: Origin = "https://shop.example".parse().unwrap();
        let draft = SiteDraft::new(
            name,
            vec![origin],
            "#bell",
            InsertPosition::BeforeEnd,
            Language::english(),
        )
        .unwrap();
        let site: Site = draft.into_site(&self.rng, NOW);
        let key = self.key(site.id);
        self.store.create_site(&site, &key).await.unwrap();
        (site.id, key)
    }

    /// A new site owned by this account.
    pub async fn owned_site(&self, owner: AccountId) -> SiteId {
        let origin: Origin = "https://shop.example".parse().unwrap();
        let draft = SiteDraft::new(
            "Own",
            vec![origin],
            "#bell",
            InsertPosition::BeforeEnd,
            Language::english(),
        )
        .unwrap();
        let site = draft.into_site(&self.rng, NOW);
        self.store.create_owned_site(&site, &self.key(site.id), owner).await.unwrap();
        site.id
    }

    /// A key that is not stored yet.
    pub fn key(&self, site: SiteId) -> ApiKey {
        let number = self.rng.0.fetch_add(1, Ordering::Relaxed);
        let id = KeyId(format!("key{number}"));
        ApiKey {
            site,
            digest: Digest::of(&id.0),
            id,
            name: "test".to_owned(),
            scopes: belfry_domain::Scopes::all(),
            created_at: NOW,
            last_used_at: None,
            revoked_at: None,
        }
    }

    /// A contact with this external id.
    pub async fn contact(&self, site: SiteId, external_id: &str) -> ContactId {
        self.store
            .upsert_contact(site, &contact_draft(Some(external_id), None, None), NOW)
            .await
            .unwrap()
    }

    /// A message that is not stored yet.
    pub fn message(&self, site: SiteId, contacts: Option<&[ContactId]>) -> Message {
        let named = |contacts: &[ContactId]| MessageAudience::Contacts(contacts.to_vec());
        self.message_to(site, contacts.map_or(MessageAudience::Everyone, named))
    }

    /// A message to this audience that is not stored yet.
    pub fn message_to(&self, site: SiteId, audience: MessageAudience) -> Message {
        let id = MessageId::generate(&FixedClock(NOW), &self.rng);
        let content = MessageContent {
            title: format!("Message {id}"),
            body: String::new(),
            link: None,
            new_tab: false,
            image: None,
            actions: Vec::new(),
            is_literal: false,
        };
        Message {
            id,
            site,
            audience,
            content: BTreeMap::from([(Language::english(), content)]),
            category: None,
            data: None,
            pinned: false,
            created_at: NOW,
            publish_at: NOW,
            expires_at: None,
            edited_at: None,
            recalled_at: None,
            position: Position::UNPUBLISHED,
            name: None,
            is_test: false,
        }
    }

    /// Stores a message at `now`.
    pub async fn publish_at(&self, message: &Message, now: Timestamp) -> MessageId {
        match self.store.publish(message, None, now).await.unwrap() {
            PublishOutcome::New(id) => id,
            other => panic!("{other:?}"),
        }
    }

    /// Publishes a minimal message.
    pub async fn publish(&self, site: SiteId, contacts: Option<&[ContactId]>) -> MessageId {
        self.publish_at(&self.message(site, contacts), NOW).await
    }

    /// Publishes a minimal message to a segment.
    pub async fn publish_to_segment(&self, site: SiteId, segment: SegmentId) -> MessageId {
        self.publish_at(&self.message_to(site, MessageAudience::Segment(segment)), NOW).await
    }

    /// The outcome of an action.
    pub async fn try_act(
        &self,
        site: SiteId,
        contact: ContactId,
        action: ReaderAction,
    ) -> Option<ActionOutcome> {
        self.store.apply_reader_action(site, contact, &action, NOW).await.unwrap()
    }

    /// The counts after an action that must still be possible.
    pub async fn act(
        &self,
        site: SiteId,
        contact: ContactId,
        action: ReaderAction,
    ) -> UnreadCounts {
        self.try_act(site, contact, action).await.expect("the action is no longer possible").counts
    }

    pub async fn counts(&self, site: SiteId, contact: ContactId) -> UnreadCounts {
        self.store.counts(site, contact, NOW).await.unwrap()
    }

    /// Unread and unseen.
    pub async fn unread_and_unseen(&self, site: SiteId, contact: ContactId) -> (u32, u32) {
        let counts = self.counts(site, contact).await;
        (counts.unread, counts.unseen)
    }

    pub async fn page(
        &self,
        site: SiteId,
        contact: ContactId,
        before: Option<Cursor>,
        limit: u32,
    ) -> ReaderPage {
        self.store
            .page(
                site,
                contact,
                ReaderPageRequest { filter: ReaderFilter::All, before, limit },
                NOW,
            )
            .await
            .unwrap()
    }

    /// The ids of a reader's whole list, read in pages of `limit`, at this time.
    pub async fn list_ids(
        &self,
        site: SiteId,
        contact: ContactId,
        limit: u32,
        now: Timestamp,
    ) -> Vec<MessageId> {
        self.all_items(site, contact, ReaderFilter::All, limit, now)
            .await
            .into_iter()
            .map(|item| item.message.id)
            .collect()
    }

    /// The ids of a filtered list, at this time.
    pub async fn filtered_ids(
        &self,
        site: SiteId,
        contact: ContactId,
        filter: ReaderFilter,
    ) -> Vec<MessageId> {
        self.all_items(site, contact, filter, 3, NOW)
            .await
            .into_iter()
            .map(|item| item.message.id)
            .collect()
    }

    /// A whole filtered list, read in pages of `limit`, at this time.
    pub async fn all_items(
        &self,
        site: SiteId,
        contact: ContactId,
        filter: ReaderFilter,
        limit: u32,
        now: Timestamp,
    ) -> Vec<ReaderMessage> {
        let (mut items, mut before) = (Vec::new(), None);
        loop {
            let page = self
                .store
                .page(site, contact, ReaderPageRequest { filter, before, limit }, now)
                .await
                .unwrap();
            items.extend(page.items);
            before = page.next;
            if before.is_none() {
                return items;
            }
        }
    }

    pub async fn find(&self, site: SiteId, contact: ContactId) -> Option<Contact> {
        self.store.contact(site, &ContactLookup::Id(contact)).await.unwrap()
    }

    /// Stores a token. A missing contact is a conflict.
    pub async fn add_token(&self, token: &ContactToken) -> Result<()> {
        let ContactToken { site, contact, digest, family, key, expires_at } = token.clone();
        let issued = self
            .store
            .issue_token(
                &ContactLookup::Id(contact),
                &NewContactToken { site, digest, family, key, expires_at },
            )
            .await?;
        issued
            .map(|issued| assert_eq!(issued, contact))
            .ok_or_else(|| Conflict::UnknownContact.into())
    }

    /// Exchanges the token of each session for it. A revoked token is a conflict.
    pub async fn add_sessions(&self, sessions: &[WidgetSession]) -> Result<()> {
        for WidgetSession { site, digest, family, expires_at, .. } in sessions.iter().cloned() {
            let ended = || StoreError::from(Conflict::KeyRevoked);
            let token = self
                .store
                .contact_token(site, &token_digest(family), NOW)
                .await?
                .ok_or_else(ended)?;
            self.store
                .begin_sessions(&token, [Some(NewWidgetSession { digest, expires_at }), None], NOW)
                .await?
                .ok_or_else(ended)?;
        }
        Ok(())
    }

    /// The token with this digest, if it is of this site and valid.
    pub async fn live_token(
        &self,
        site: SiteId,
        digest: &Digest,
        now: Timestamp,
    ) -> Option<ContactToken> {
        self.store.contact_token(site, digest, now).await.unwrap()
    }

    /// A token that is not stored yet.
    pub fn token(&self, key: &ApiKey, contact: ContactId) -> ContactToken {
        let family = TokenFamily::generate(&self.rng);
        ContactToken {
            site: key.site,
            contact,
            digest: token_digest(family),
            family,
            key: key.id.clone(),
            expires_at: after(900),
        }
    }
}

fn token_digest(family: TokenFamily) -> Digest {
    Digest::of(&format!("token {family:?}"))
}

/// A session of a token's family.
pub fn session(token: &ContactToken, name: &str, expires_at: Timestamp) -> WidgetSession {
    let digest = Digest::of(&format!("{name} {:?}", token.family));
    WidgetSession {
        site: token.site,
        contact: token.contact,
        digest,
        family: token.family,
        key: token.key.clone(),
        expires_at,
    }
}

/// The rows of an import, encoded.
pub fn encoded_rows(rows: impl IntoIterator<Item = ImportRow>) -> ImportRows {
    let mut stored = ImportRows::default();
    rows.into_iter().for_each(|row| stored.push(row).unwrap());
    stored
}

pub fn contact_draft(
    external_id: Option<&str>,
    email: Option<&str>,
    phone: Option<&str>,
) -> ContactDraft {
    let identifiers = Identifiers::parse(external_id, email, phone).unwrap();
    ContactDraft {
        identifiers,
        first_name: None,
        last_name: None,
        language: None,
        attributes: Map::new(),
    }
}

/// An upload with its compiled form: a style sheet of its own, and one picture for even numbers and
/// another for odd ones.
pub fn theme(number: u64) -> ThemeDraft {
    let picture = number % 2;
    let sheet = format!("{number:016x}.css");
    ThemeDraft {
        sources: ThemeSources {
            bell: Some(format!("<svg id=\"{picture}\"/>")),
            card: None,
            css: Some(format!("/* {number} */")),
        },
        critical_css: format!(".bell{{order:{number}}}"),
        stylesheet: sheet.clone(),
        files: vec![
            ThemeFile {
                name: sheet,
                content_type: ThemeFileType::Css,
                body: format!(".item{{order:{number}}}").into(),
            },
            ThemeFile {
                name: format!("{picture:016x}.svg"),
                content_type: ThemeFileType::Svg,
                body: format!("<svg>{picture}</svg>").into(),
            },
        ],
        warnings: "[]".to_owned(),
    }
}

/// The versions of the events that carry one.
pub fn versions(changes: &[InboxEvent]) -> Vec<Version> {
    changes.iter().filter_map(InboxEvent::version).collect()
}
