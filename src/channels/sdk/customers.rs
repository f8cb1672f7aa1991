//! State that the sockets and the HTTP routes of customers share: rate limits, pending uploads, and
//! flags that state when a token got a session.

use super::uploads::Uploads;
use crate::{limits::Limiter, public::Limits};
use belfry_domain::{Digest, channel::ChannelToken};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

/// Process-wide state of customers.
pub struct CustomerState {
    pub(super) limiter: Limiter,
    pub(super) uploads: Uploads,
    pub(super) session_flags: SessionFlags,
}

impl CustomerState {
    /// Creates empty state with these rate limits.
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limiter: Limiter::new(limits),
            uploads: Uploads::default(),
            session_flags: SessionFlags::default(),
        })
    }
}

/// Flags of tokens without a session: each topic with the token holds its flag, and the request
/// that creates the session sets it.
#[derive(Debug, Default)]
pub(super) struct SessionFlags(Mutex<HashMap<Digest, Weak<AtomicBool>>>);

/// Number of flags from which unused ones are swept.
const MIN_FLAGS_BEFORE_SWEEP: usize = 1_024;

impl SessionFlags {
    /// Returns the flag of a token.
    pub(super) fn flag(&self, token: &ChannelToken) -> Arc<AtomicBool> {
        let mut marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mark) = marks.get(&token.digest()).and_then(Weak::upgrade) {
            return mark;
        }
        // Swept each time the map is full: it may then hold twice as many flags as are in use.
        if marks.len() >= MIN_FLAGS_BEFORE_SWEEP && marks.len() == marks.capacity() {
            marks.retain(|_, mark| mark.strong_count() > 0);
        }
        let mark = Arc::new(AtomicBool::new(false));
        marks.insert(token.digest(), Arc::downgrade(&mark));
        mark
    }

    /// Sets the flag: the token has a session now.
    pub(super) fn set(&self, token: &ChannelToken) {
        let mark = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&token.digest())
            .and_then(|mark| mark.upgrade());
        if let Some(mark) = mark {
            mark.store(true, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(number: usize) -> ChannelToken {
        ChannelToken::from_text(format!("token {number}"))
    }

    #[test]
    fn flag_is_set_for_every_holder_of_the_token() {
        let newcomers = SessionFlags::default();
        let (one, other, another) =
            (newcomers.flag(&token(1)), newcomers.flag(&token(1)), newcomers.flag(&token(2)));
        newcomers.set(&token(1));
        assert_eq!(
            [&one, &other, &another].map(|mark| mark.load(Ordering::Acquire)),
            [true, true, false]
        );
        newcomers.set(&token(3));
        assert_eq!(newcomers.0.lock().unwrap().len(), 1);
    }

    #[test]
    fn unused_flags_are_swept() {
        let newcomers = SessionFlags::default();
        let flag = newcomers.flag(&token(0));
        for number in 1..100_000 {
            newcomers.flag(&token(number));
        }
        assert!(newcomers.0.lock().unwrap().len() < 10 * MIN_FLAGS_BEFORE_SWEEP);
        newcomers.set(&token(0));
        assert!(flag.load(Ordering::Acquire));
    }
}
