//! One event on its way to one endpoint: where it stands, and what comes of each attempt.
//!
//! Must not know how anything is sent, signed or retried.

use super::{ContactId, EndpointAuth, EndpointKind, Invalid, Payload, SiteId, Timestamp};
use std::str::FromStr;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// It is still to be sent.
    Pending,
    /// The receiver took it.
    Done,
    /// It was given up.
    Dead,
}

impl DeliveryState {
    /// All of them, by the number that is kept.
    pub const EACH: [Self; 3] = [Self::Pending, Self::Done, Self::Dead];

    /// Its word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }
}

impl FromStr for DeliveryState {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::EACH.into_iter().find(|state| state.as_str() == text).ok_or_else(|| Invalid::new("state", "must be pending, done or dead"))
    }
}

/// One event on its way to one endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Its number. Those of one contact are sent in the order of their numbers.
    pub number: i64,
    /// The event's name, the same at each attempt and at each endpoint.
    pub event: String,
    /// What happened, or `message` for a whole message.
    pub kind: String,
    /// About whom.
    pub contact: Option<ContactId>,
    /// What it brings.
    pub payload: Payload,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again; `None` while one before it is on its way, and when it is over.
    pub next_at: Option<Timestamp>,
    /// When it happened.
    pub created_at: Timestamp,
    /// When it was last tried.
    pub attempted_at: Option<Timestamp>,
    /// When it was taken or given up.
    pub finished_at: Option<Timestamp>,
    /// What came of the last attempt.
    pub last: DeliveryAttempt,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryAttempt {
    /// The status that was answered.
    pub status: Option<u16>,
    /// Why it failed.
    pub error: Option<String>,
    /// The beginning of the answer.
    pub answer: Option<String>,
    /// How long it took, in milliseconds.
    pub millis: Option<u32>,
}

/// What is to be sent now.
#[derive(Debug, Clone)]
pub struct DueDelivery {
    /// Its number.
    pub number: i64,
    /// To which endpoint, as a number of the store's own.
    pub endpoint: i64,
    /// Of which site.
    pub site: SiteId,
    /// What the endpoint is sent.
    pub kind: EndpointKind,
    /// Where it is, as it was kept: to be checked again.
    pub url: String,
    /// How it knows us.
    pub auth: EndpointAuth,
    /// The event's name.
    pub event: String,
    /// What it brings.
    pub payload: Payload,
    /// How often it was tried before.
    pub attempts: u32,
    /// Whether the last attempt at this endpoint failed.
    pub failing: bool,
    /// Whether a callback carries the `X-Chatwoot-*` headers, too.
    pub upstream_headers: bool,
}

/// What follows from an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was taken.
    Done,
    /// It is tried again then.
    Again(Timestamp),
    /// It is given up.
    Dead,
    /// It is given up, and so is the endpoint, which said that it is gone.
    Gone,
}

/// An attempt with what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryOutcome {
    /// Of this delivery.
    pub number: i64,
    /// When it was tried.
    pub at: Timestamp,
    /// What came of it.
    pub attempt: DeliveryAttempt,
    /// What follows.
    pub verdict: Verdict,
}
