//! Webhook deliveries: one event for one endpoint, its state and its attempts.
//!
//! Sending, signing and the retry schedule belong to the webhook dispatcher, which uses this with
//! the store.

use super::{
    ContactId, EndpointAuth, EndpointKind, SiteId, Timestamp, ValidationError, WebhookPayload,
};
use belfry_locales::phrases::errors;
use std::str::FromStr;

/// State of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// Waits to be sent, or to be sent again.
    Pending,
    /// The receiver accepted it.
    Delivered,
    /// All attempts failed.
    Failed,
}

impl DeliveryState {
    /// All states, in the order of their stored numbers.
    pub const EACH: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "done",
            Self::Failed => "dead",
        }
    }
}

impl FromStr for DeliveryState {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        Self::EACH
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| ValidationError::new("state", errors::DELIVERY_STATES))
    }
}

/// A delivery: one event for one endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Sequence number. Deliveries about one contact are sent in this order.
    pub number: i64,
    /// Event id, the same for every attempt and endpoint.
    pub event: String,
    /// The event type, or `message` for a complete message.
    pub kind: String,
    /// The contact that the event is about.
    pub contact: Option<ContactId>,
    /// The content.
    pub payload: WebhookPayload,
    /// State.
    pub state: DeliveryState,
    /// Number of attempts so far.
    pub attempts: u32,
    /// Time of the next attempt. `None` while an earlier delivery is in progress, and when this one
    /// has finished.
    pub next_at: Option<Timestamp>,
    /// Time of the event.
    pub created_at: Timestamp,
    /// Time of the last attempt.
    pub attempted_at: Option<Timestamp>,
    /// When it was accepted or given up.
    pub finished_at: Option<Timestamp>,
    /// Result of the last attempt.
    pub last_attempt: DeliveryAttempt,
}

/// Result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryAttempt {
    /// HTTP status of the response.
    pub status: Option<u16>,
    /// Why the attempt failed.
    pub error: Option<String>,
    /// The beginning of the response body.
    pub response_excerpt: Option<String>,
    /// Duration, in milliseconds.
    pub duration_millis: Option<u32>,
}

/// A delivery that is due.
#[derive(Debug, Clone)]
pub struct DueDelivery {
    /// Sequence number.
    pub number: i64,
    /// The endpoint's internal number in the store.
    pub endpoint: i64,
    /// The site.
    pub site: SiteId,
    /// The kind of endpoint.
    pub kind: EndpointKind,
    /// The stored URL; it must be checked again before the call.
    pub url: String,
    /// How the request is authenticated.
    pub auth: EndpointAuth,
    /// Event id.
    pub event: String,
    /// The content.
    pub payload: WebhookPayload,
    /// Number of earlier attempts.
    pub attempts: u32,
    /// Whether the endpoint's last attempt failed.
    pub is_failing: bool,
    /// Whether a callback also carries the `X-Chatwoot-*` headers.
    pub upstream_headers: bool,
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryDecision {
    /// Delivered.
    Delivered,
    /// Retry at this time.
    RetryAt(Timestamp),
    /// Give up the delivery.
    GiveUp,
    /// Give up the delivery and disable the endpoint, which returned 410 Gone.
    Disable,
}

/// An attempt with the decision that follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryOutcome {
    /// Sequence number of the delivery.
    pub number: i64,
    /// Time of the attempt.
    pub at: Timestamp,
    /// Its result.
    pub attempt: DeliveryAttempt,
    /// The decision.
    pub decision: RetryDecision,
}
