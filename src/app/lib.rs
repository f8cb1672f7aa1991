//! The use cases: who sees what, who may do what. Every HTTP surface and the command line call
//! these; no surface has rules of its own.
//!
//! Must not depend on HTTP, HTML, cookies or SQL. Everything is bounded by a `SiteId` for which
//! the caller has authenticated.

mod account;
mod audit;
pub mod body;
pub mod channel;
mod contact;
mod contact_admin;
mod content_check;
mod detached;
mod device;
mod draft;
mod error;
pub mod events;
mod idempotency;
mod import;
mod install_log;
mod listing;
mod message;
mod mutes;
mod picture;
mod preview;
pub mod rate_limit;
mod reader;
mod realtime;
mod reports;
pub mod sdk;
mod segment;
mod settings;
mod shared_state;
mod site;
mod theme;
mod token;
mod token_rotation;
mod webhook;
pub mod webhook_dispatcher;

pub use account::{
    CONSOLE_SESSION_TTL, INVITATION_TTL, Invitee, MAX_CONSOLE_SESSION_AGE, NewAccount, SETUP_TTL,
    SiteRole, TRUSTED_BROWSER_TTL, TotpEnrollment,
};
pub use contact_admin::{ContactExport, ContactList};
pub use draft::{
    Column, CsvTable, MappedCsvTable, fingerprint, parse_condition, parse_contact, parse_contacts,
    parse_domain, parse_edit, parse_key, parse_message, parse_mutes, parse_replay, parse_resend,
    parse_segment, parse_settings, parse_subscription, parse_webhook, parse_webhook_change,
    write_rule,
};
pub use error::AppError;
pub use idempotency::ReservationGuard;
pub use import::{ImportDryRun, import_rows};
pub use listing::{ListPage, ListedItem, MAX_LISTED_MESSAGES, Opened};
pub use message::PublishReceipt;
pub use preview::PreviewInbox;
pub use reader::{IssuedSession, Reader};
pub use reports::Preview;
pub use segment::SegmentCount;
pub use site::AuthenticatedKey;
pub use theme::ThemeUpload;
pub use token_rotation::{FAMILY_TTL, TOKEN_OVERLAP};
pub use webhook::{SECRET_OVERLAP, WebhookDraft};

use belfry_domain::{Clock, ClockWatch, DisabledHttpClient, HttpClient, Origin, Rng, Timestamp};
use belfry_store::Store;
use std::{sync::Arc, time::Duration};

/// How long a contact token is valid.
pub const TOKEN_TTL: Duration = Duration::from_mins(15);
/// How long the widget's cookie is valid.
pub const SESSION_TTL: Duration = Duration::from_hours(24);
/// How long the in-memory bearer token is valid where cookies are blocked.
pub const BEARER_TTL: Duration = Duration::from_mins(30);
/// How long a preview link to a theme version is valid.
pub const PREVIEW_LINK_TTL: Duration = Duration::from_hours(7 * 24);

/// The use cases with their dependencies. Clones share them.
#[derive(Clone)]
pub struct App {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    install_log: install_log::InstallLog,
    preview_cache: preview::PreviewCache,
    stream_tickets: shared_state::StreamTickets,
    http_client: Arc<dyn HttpClient>,
    clock_watch: ClockWatch,
    requests_in_progress: idempotency::RequestsInProgress,
    detached_tasks: detached::DetachedTasks,
    public_url: Option<Origin>,
    max_attachment_bytes: usize,
    start_limiter: sdk::StartLimiter,
}

impl App {
    /// Use cases over this store, clock and random number generator.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        let (install_log, preview_cache) =
            (install_log::InstallLog::new(), preview::PreviewCache::new());
        let (requests_in_progress, detached_tasks, http_client) = (
            idempotency::RequestsInProgress::default(),
            detached::DetachedTasks::default(),
            Arc::new(DisabledHttpClient),
        );
        Self {
            store,
            clock,
            rng,
            install_log,
            preview_cache,
            stream_tickets: shared_state::StreamTickets::default(),
            http_client,
            clock_watch: ClockWatch::default(),
            requests_in_progress,
            detached_tasks,
            public_url: None,
            max_attachment_bytes: channel::DEFAULT_ATTACHMENT_BYTES,
            start_limiter: sdk::StartLimiter::default(),
        }
    }

    /// Sets the HTTP client, which is needed to check webhook URLs and to fetch pages.
    #[must_use]
    pub fn with_http_client(self, http_client: Arc<dyn HttpClient>) -> Self {
        Self { http_client, ..self }
    }

    /// Sets the public URL under which browsers reach Belfry.
    #[must_use]
    pub fn with_public_url(self, public_url: Origin) -> Self {
        Self { public_url: Some(public_url), ..self }
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The random number generator, for the nonces and tickets of a surface.
    pub fn rng(&self) -> &dyn Rng {
        &*self.rng
    }

    /// The clock watch, shared with other jobs that delete by time.
    pub fn clock_watch(&self) -> &ClockWatch {
        &self.clock_watch
    }

    /// Loads the latest time that an earlier process observed, to compare the clock with it.
    pub async fn restore_time(&self) -> Result<(), AppError> {
        if let Some(seen) = self.store.trusted_time().await? {
            self.clock_watch.restore(seen, &*self.clock);
        }
        Ok(())
    }

    /// Succeeds when the database is readable and writable.
    pub async fn check_ready(&self) -> Result<(), AppError> {
        Ok(self.store.ping().await?)
    }

    /// Whether this process does the background work of its database. `false` as well when the
    /// database does not answer.
    pub async fn leads(&self) -> bool {
        self.store.leads().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "can't tell whether another process does the background work");
            false
        })
    }

    /// Publishes due messages and hides expired ones; returns when the next one is due. Does
    /// nothing while the clock is not trusted, because neither can be undone.
    pub async fn advance(&self) -> Result<Option<Timestamp>, AppError> {
        if !self.clock_watch.may_schedule(&*self.clock) {
            return Ok(None);
        }
        Ok(self.store.advance(self.now()).await?)
    }

    /// Reopens snoozed conversations that are due; returns when the next one is due. Does nothing
    /// while the clock is not trusted.
    pub async fn wake_snoozed(&self) -> Result<Option<Timestamp>, AppError> {
        if !self.clock_watch.may_schedule(&*self.clock) {
            return Ok(None);
        }
        Ok(self.store.wake_snoozed(self.now()).await?)
    }

    /// One slice of fan-out of messages with many contacts; `false` when none is left.
    pub async fn fan_out(&self) -> Result<bool, AppError> {
        Ok(self.store.fan_out(self.now()).await?)
    }

    /// Waits until a change was committed that needs fan-out.
    pub async fn wait_for_fan_out(&self) {
        self.store.wait_for_fan_out().await;
    }

    /// Deletes expired credentials, messages beyond their site's retention or a reader's cap, and
    /// the remains of deleted conversations. Returns the number of rows. Does nothing while the
    /// clock is not trusted, even if it is off by minutes only: an expired credential is rejected
    /// anyway.
    pub async fn sweep(&self) -> Result<u64, AppError> {
        if !self.clock_watch.may_delete(&*self.clock) {
            return Ok(0);
        }
        if let Some(seen) = self.clock_watch.last_trusted() {
            self.store.store_trusted_time(seen).await?;
        }
        let now = self.now();
        Ok(self.store.sweep(now).await?
            + self.store.forget_messages(now).await?
            + self.store.sweep_channel(now).await?)
    }
}
