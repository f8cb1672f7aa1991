//! Requests that may come twice: the first is worked on, the second gets the answer of the first. Must not know what they ask.
//!
//! A reservation of this process belongs to an attempt in [`Live`] for as long as somebody works on it or its answer is still to be
//! kept. One that nobody works on was left by an attempt that failed, and is not in the way.

use super::{Inbox, InboxError};
use crate::domain::{Attempt, Begun, Digest, KeptAnswer, SiteId};
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
};

type Key = (SiteId, String);

/// The attempts that are being worked on, by what they ask.
#[derive(Debug, Clone, Default)]
pub(super) struct Live(Arc<Mutex<HashMap<Key, Digest>>>);

impl Live {
    /// `None` when an attempt with this key is alive.
    fn begin(&self, site: SiteId, attempt: &Attempt) -> Result<Reserved, Begun> {
        let key = (site, attempt.key.clone());
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key.clone()) {
            Entry::Occupied(other) if *other.get() == attempt.fingerprint => Err(Begun::UnderWay),
            Entry::Occupied(_) => Err(Begun::KeyReused),
            Entry::Vacant(free) => {
                free.insert(attempt.fingerprint);
                Ok(Reserved { live: self.clone(), key, attempt: attempt.clone() })
            }
        }
    }
}

/// The right to work on an attempt; others with its key are told that it is under way.
#[derive(Debug)]
pub struct Reserved {
    live: Live,
    key: Key,
    attempt: Attempt,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.live.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl Inbox {
    /// Reserves an attempt, or says what became of an earlier one with its key. `again`: what was left unfinished may be done once more
    /// without harm. Called in the task that also finishes it.
    pub async fn begin_attempt(&self, site: SiteId, attempt: &Attempt, again: bool) -> Result<Result<Reserved, Begun>, InboxError> {
        let reserved = match self.live.begin(site, attempt) {
            Ok(reserved) => reserved,
            Err(begun) => return Ok(Err(begun)),
        };
        let mut begun = self.store.begin(site, attempt, again, self.now()).await?;
        if begun == Begun::UnderWay {
            // Of this run, and nobody works on it: how far it came is not known, as of a former run.
            begun = if again { Begun::New } else { Begun::Interrupted };
        }
        Ok(if begun == Begun::New { Ok(reserved) } else { Err(begun) })
    }

    /// Keeps the answer to an attempt; without one, the key is free again. What can't be kept now is tried again in the background, and until
    /// then a repetition is told that it is under way: the caller has its answer already.
    pub async fn finish_attempt(&self, reserved: Reserved, answer: Option<KeptAnswer>) {
        if let Err(error) = self.store.finish(reserved.key.0, &reserved.attempt, answer.as_ref()).await {
            tracing::error!(%error, "the answer to a request could not be kept for its repetition; trying again");
            let kept = Arc::new((reserved, answer));
            self.keep_trying("the answer to a request", move |inbox| {
                let kept = Arc::clone(&kept);
                async move { inbox.store.finish(kept.0.key.0, &kept.0.attempt, kept.1.as_ref()).await }
            });
        }
    }
}
