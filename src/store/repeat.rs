//! Answers to requests that may come twice.

use super::Result;
use crate::domain::{Attempt, Begun, KeptAnswer, SiteId, Timestamp};
use async_trait::async_trait;

/// The part of the seam that keeps answers for a day. Of many attempts with one key at once, one is new.
#[async_trait]
pub trait RepeatStore: Send + Sync {
    /// Reserves the key for this attempt, or says what became of an earlier one. `again`: what a former run left unfinished is
    /// begun anew instead of told as interrupted.
    async fn begin(&self, site: SiteId, attempt: &Attempt, again: bool, now: Timestamp) -> Result<Begun>;
    /// Keeps the answer to an attempt that was reserved; without one, gives the key free.
    async fn finish(&self, site: SiteId, attempt: &Attempt, answer: Option<&KeptAnswer>) -> Result<()>;
}
