//! The rules: who sees what, who may do what. Every door calls these; no door has rules of its own.
//!
//! Must not know of HTTP, HTML, cookies or SQL. Everything here is bounded by a [`SiteId`] that the caller has proved.

mod audit;
mod contact;
mod draft;
mod error;
mod message;
mod reader;
mod segment;
mod settings;
mod site;
mod theme;
mod token;

pub use draft::{fingerprint, parse_condition, parse_contact, parse_edit, parse_message, parse_segment, write_rule};
pub use error::InboxError;
pub use message::Receipt;
pub use reader::{Granted, Reader};
pub use segment::SegmentCount;
pub use site::KeyHolder;
pub use theme::ThemeUpload;

use crate::{
    domain::{Clock, Entropy, Timestamp},
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
}

impl Inbox {
    /// The rules over this store, with this time and these random numbers.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { store, clock, entropy }
    }

    /// The present moment, as the rules see it.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Random numbers, for what a door must make up (nonces, tickets).
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    /// Answers when the database can be read.
    pub async fn ready(&self) -> Result<(), InboxError> {
        Ok(self.store.ping().await?)
    }

    /// Shows what has become due and hides what is over; gives the next moment at which there is something to do.
    pub async fn advance(&self) -> Result<Option<Timestamp>, InboxError> {
        Ok(self.store.advance(self.now()).await?)
    }

    /// Forgets expired credentials. Gives how many.
    pub async fn sweep(&self) -> Result<u64, InboxError> {
        Ok(self.store.sweep(self.now()).await?)
    }
}
