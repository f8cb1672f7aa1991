//! Fan-out: messages with many named contacts, which are written in parts.
//!
//! A message with more contacts than one write may take is accepted as a whole: message, audience
//! and idempotency record are durable when `publish` returns. Its contacts receive it in parts
//! afterwards, each part in a write of its own, so that other writes do not wait for all of them.
//! An edit, a recall and an expiry reach the readers in the same way. Each part applies the
//! message's current state, so after a recall no contact receives it any more. A recall or an
//! expiry publishes `MessageUnlisted` at once, which invalidates cached lists.

use super::Result;
use async_trait::async_trait;
use belfry_domain::Timestamp;

/// Unfinished fan-outs of a site; one more is [`Conflict::TooManyFanOuts`](super::Conflict).
pub const MAX_FAN_OUTS: u32 = 20;

/// Writes messages to many contacts.
#[async_trait]
pub trait FanOutStore: Send + Sync {
    /// One slice of background work for the next site in turn; publishes `MessagePublished`,
    /// `MessageEdited` and `MessageRemoved` with the contacts of each part. `false` when no site
    /// has work left.
    async fn fan_out(&self, now: Timestamp) -> Result<bool>;
    /// Waits until this process has committed something that needs fan-out since the last call.
    async fn wait_for_fan_out(&self);
}
