//! Messages to many named contacts, which reach them in parts.
//!
//! A message that names more contacts than one write may take is accepted as a whole: it, its audience and its idempotency record are durable
//! when `publish` returns. Its contacts get it in parts right after that, each part in a write of its own, so that nobody else waits for all of
//! them. An edit, a recall and an expiry of such a message reach its readers in the same way. What a part does is what the message says at that
//! moment, so after a recall no contact gets the message any more. A recall or an end announces `Withdrawn` at once: what was remembered of lists
//! before is not so any more.

use super::Result;
use crate::domain::Timestamp;
use async_trait::async_trait;

/// Messages of a site that may be on their way to many contacts at a time; one more is refused with a conflict of these words.
pub const MAX_FAN_OUTS: u32 = 20;
/// See [`MAX_FAN_OUTS`].
pub const TOO_MANY_FAN_OUTS: &str = "too many messages are on their way to many contacts";

/// The part of the seam that brings messages to many contacts.
#[async_trait]
pub trait FanOutStore: Send + Sync {
    /// One turn of background work for the site whose turn it is: `Placed`, `Edited` and `Removed` are announced with the contacts of each
    /// part. `false` when nothing is left to do, of any site.
    async fn fan_out(&self, now: Timestamp) -> Result<bool>;
    /// Waits until this process has committed something since the last call that leaves contacts to be reached.
    async fn fan_out_begun(&self);
}
