//! The rules: who sees what, who may do what. Every door calls these; no door has rules of its own.
//!
//! Must not know of HTTP, HTML, cookies or SQL. Everything here is bounded by a [`SiteId`] that the caller has proved.

mod account;
mod audit;
mod carry;
pub mod channel;
mod contact;
mod contacts;
mod device;
mod draft;
mod error;
mod import;
mod listing;
mod message;
mod mutes;
mod picture;
mod reader;
mod realtime;
mod repeat;
mod rotation;
pub mod sdk;
mod segment;
mod sent;
mod settings;
mod showable;
mod showing;
mod sighting;
mod site;
mod theme;
mod token;
mod webhook;

pub use account::{CONSOLE_LIFE, Enrolment, Guest, INVITATION_LIFE, KNOWN_BROWSER_LIFE, LONGEST_CONSOLE_LIFE, NewAccount, SET_UP_LIFE, SiteRole};
pub use contacts::{ContactExport, ContactList};
pub use draft::{
    Column, MappedSheet, Sheet, fingerprint, parse_condition, parse_contact, parse_contacts, parse_domain, parse_edit, parse_key, parse_message,
    parse_mutes, parse_replay, parse_resend, parse_segment, parse_settings, parse_subscription, parse_webhook, parse_webhook_change, write_rule,
};
pub use error::InboxError;
pub use import::{Forecast, import_rows};
pub use listing::{LISTED, Listed, Listing, Opened};
pub use message::Receipt;
pub use reader::{Granted, Reader};
pub use repeat::Reserved;
pub use rotation::{FAMILY_LIFE, TOKEN_OVERLAP};
pub use segment::SegmentCount;
pub use sent::Preview;
pub use showing::Shown;
pub use site::KeyHolder;
pub use theme::ThemeUpload;
pub use webhook::{SECRET_OVERLAP, WebhookDraft};

use crate::{
    domain::{Clock, ClockWatch, Entropy, NoOutbound, Origin, Outbound, Timestamp},
    store::Store,
};
use std::{sync::Arc, time::Duration};

/// How long a contact token proves who a reader is.
pub const TOKEN_LIFE: Duration = Duration::from_mins(15);
/// How long a widget's cookie lives.
pub const SESSION_LIFE: Duration = Duration::from_hours(24);
/// How long the in-memory bearer lives where cookies are refused.
pub const BEARER_LIFE: Duration = Duration::from_mins(30);
/// How long a link to a version of a theme shows it.
pub const PREVIEW_LIFE: Duration = Duration::from_hours(7 * 24);

/// The rules with what they stand on.
#[derive(Clone)]
pub struct Inbox {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    notebook: sighting::Notebook,
    showcase: showing::Showcase,
    outbound: Arc<dyn Outbound>,
    clock_watch: ClockWatch,
    live: repeat::Live,
    carried: carry::Carried,
    public_url: Option<Origin>,
    attachment_bytes: usize,
    starts: sdk::Starts,
}

impl Inbox {
    /// The rules over this store, with this time and these random numbers.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let (notebook, showcase) = (sighting::Notebook::new(), showing::Showcase::new());
        let (live, carried, outbound) = (repeat::Live::default(), carry::Carried::default(), Arc::new(NoOutbound));
        Self {
            store,
            clock,
            entropy,
            notebook,
            showcase,
            outbound,
            clock_watch: ClockWatch::default(),
            live,
            carried,
            public_url: None,
            attachment_bytes: channel::DEFAULT_ATTACHMENT_BYTES,
            starts: sdk::Starts::default(),
        }
    }

    /// The same rules where calls can be made, so that addresses for webhooks can be checked and pages fetched.
    #[must_use]
    pub fn with_outbound(self, outbound: Arc<dyn Outbound>) -> Self {
        Self { outbound, ..self }
    }

    /// The same rules where it is known under which address browsers reach Belfry.
    #[must_use]
    pub fn with_public_url(self, public_url: Origin) -> Self {
        Self { public_url: Some(public_url), ..self }
    }

    /// The present moment, as the rules see it.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Random numbers, for what a door must make up (nonces, tickets).
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    /// What is known of the clock, for others who delete by it.
    pub fn clock_watch(&self) -> &ClockWatch {
        &self.clock_watch
    }

    /// Compares the clock from now on with the latest time that an earlier process saw.
    pub async fn remember_time(&self) -> Result<(), InboxError> {
        if let Some(seen) = self.store.seen_time().await? {
            self.clock_watch.remember(seen, &*self.clock);
        }
        Ok(())
    }

    /// Answers when the database can be read and written.
    pub async fn ready(&self) -> Result<(), InboxError> {
        Ok(self.store.ping().await?)
    }

    /// Shows what has become due and hides what is over; gives the next moment at which there is something to do. While the clock is not
    /// believed, nothing begins or ends: neither could be taken back.
    pub async fn advance(&self) -> Result<Option<Timestamp>, InboxError> {
        if !self.clock_watch.look(&*self.clock) {
            return Ok(None);
        }
        Ok(self.store.advance(self.now()).await?)
    }

    /// Opens snoozed conversations whose time has come, and gives when to do so next. Does nothing while the clock is not believed.
    pub async fn wake_snoozed(&self) -> Result<Option<Timestamp>, InboxError> {
        if !self.clock_watch.look(&*self.clock) {
            return Ok(None);
        }
        Ok(self.store.wake_snoozed(self.now()).await?)
    }

    /// Brings messages to some more of the many contacts that they name; `false` when none is left that does not have what it should.
    pub async fn fan_out(&self) -> Result<bool, InboxError> {
        Ok(self.store.fan_out(self.now()).await?)
    }

    /// Waits until something was accepted that leaves contacts to be reached.
    pub async fn fan_out_begun(&self) {
        self.store.fan_out_begun().await;
    }

    /// Forgets expired credentials, messages that their sites don't keep any longer or that readers have too many, and what is left of deleted
    /// conversations. Gives how many rows.
    /// Does nothing while the clock is not believed, be it by minutes: a credential that is over is refused anyway.
    pub async fn sweep(&self) -> Result<u64, InboxError> {
        if !self.clock_watch.may_delete(&*self.clock) {
            return Ok(0);
        }
        if let Some(seen) = self.clock_watch.seen() {
            self.store.keep_seen_time(seen).await?;
        }
        let now = self.now();
        Ok(self.store.sweep(now).await? + self.store.forget_messages(now).await? + self.store.sweep_channel(now).await?)
    }
}
