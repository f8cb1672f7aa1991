//! Requests that may come twice: the first is worked on, the second gets the answer of the first. Must not know what they ask.

use super::{Inbox, InboxError};
use crate::domain::{Attempt, Begun, KeptAnswer, SiteId};

impl Inbox {
    /// Reserves an attempt, or says what became of an earlier one with its key. `again`: what a former run of the process left
    /// unfinished may be done once more without harm.
    pub async fn begin_attempt(&self, site: SiteId, attempt: &Attempt, again: bool) -> Result<Begun, InboxError> {
        Ok(self.store.begin(site, attempt, again, self.now()).await?)
    }

    /// Keeps the answer to an attempt; without one, the key is free again. What can't be kept is an error in the log and not one for
    /// the caller, whose request is done; until the next start a repetition is told that it is under way, and then that it was interrupted.
    pub async fn finish_attempt(&self, site: SiteId, attempt: &Attempt, answer: Option<&KeptAnswer>) {
        if let Err(error) = self.store.finish(site, attempt, answer).await {
            tracing::error!(%error, "the answer to a request could not be kept for its repetition");
        }
    }
}
