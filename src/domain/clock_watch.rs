//! Whether the machine's clock can be believed where something irreversible is done because of it.
//!
//! A clock that jumps ahead would have everything deleted at once that a site keeps for years. So the latest time that was seen is
//! remembered, also by the database over a restart, and a clock that is far beyond it is believed only after it has held for an hour. Far is
//! five minutes for what is deleted, which harms nobody when it comes later, and a day for what somebody waits for. Must not know what that is.

use super::{Clock, Timestamp};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// A clock that is so far from where it must be was set, or was wrong before.
const LEAP: Duration = Duration::from_hours(24);
/// The same for what is deleted.
const DELETION_LEAP: Duration = Duration::from_mins(5);
/// For so long it has to hold to be believed.
const HOLDS: Duration = Duration::from_hours(1);

/// What is remembered of the clock. Clones remember together.
#[derive(Debug, Clone, Default)]
pub struct ClockWatch(Arc<Mutex<Watches>>);

#[derive(Debug)]
struct Watches {
    events: State,
    deletions: State,
}

impl Default for Watches {
    fn default() -> Self {
        Self { events: State::within(LEAP), deletions: State::within(DELETION_LEAP) }
    }
}

#[derive(Debug)]
struct State {
    /// How far the clock may be from where it must be.
    leap: Duration,
    /// A time that was right, and the uptime at that moment.
    seen: Option<(Timestamp, Duration)>,
    /// The uptime at which the clock was first far from that.
    doubted_since: Option<Duration>,
    /// Whether it is ahead, rather than behind.
    ahead: bool,
}

impl ClockWatch {
    /// Begins with the latest time that an earlier process saw.
    pub fn remember(&self, seen: Timestamp, clock: &dyn Clock) {
        let mut watches = self.watches();
        let seen = Some((seen, clock.uptime()));
        (watches.events.seen, watches.deletions.seen) = (seen, seen);
    }

    /// Looks at the clock; whether something may begin or end because of what it says.
    pub fn look(&self, clock: &dyn Clock) -> bool {
        self.look_at(clock).0 == Trust::Full
    }

    /// Looks at the clock; whether something may be deleted because of what it says.
    pub fn may_delete(&self, clock: &dyn Clock) -> bool {
        self.look_at(clock) == (Trust::Full, Trust::Full)
    }

    /// Trust for events and for deletions. Whoever looks for one looks for both, so that what is told of both is of the same moment.
    fn look_at(&self, clock: &dyn Clock) -> (Trust, Trust) {
        let mut watches = self.watches();
        let trusted = (watches.events.look_at(clock), watches.deletions.look_at(clock));
        drop(watches);
        if trusted.0 == Trust::Lost {
            tracing::warn!(
                "the clock is more than a day ahead of what was last seen: nothing is deleted and nothing scheduled begins or ends until it has held for an hour"
            );
        } else if trusted.1 == Trust::Lost {
            tracing::warn!("the clock is minutes ahead of what was last seen: nothing is deleted until it has held for an hour");
        }
        trusted
    }

    /// What waits because the clock is ahead and not believed yet.
    pub fn doubt(&self) -> Option<ClockDoubt> {
        let watches = self.watches();
        if watches.events.is_doubted() { Some(ClockDoubt::Everything) } else { watches.deletions.is_doubted().then_some(ClockDoubt::Deletions) }
    }

    /// The latest time that was seen and believed, to be kept for a later process.
    pub fn seen(&self) -> Option<Timestamp> {
        let watches = self.watches();
        watches.deletions.seen.filter(|_| watches.deletions.doubted_since.is_none()).map(|(seen, _)| seen)
    }

    fn watches(&self) -> MutexGuard<'_, Watches> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What waits while the clock is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockDoubt {
    /// It is minutes ahead: nothing is deleted.
    Deletions,
    /// It is more than a day ahead: nothing scheduled begins or ends either.
    Everything,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    Full,
    None,
    /// None since this moment.
    Lost,
}

impl State {
    fn within(leap: Duration) -> Self {
        Self { leap, seen: None, doubted_since: None, ahead: false }
    }

    /// Whether it is ahead and has not held for long enough.
    fn is_doubted(&self) -> bool {
        self.doubted_since.is_some() && self.ahead
    }

    fn look_at(&mut self, clock: &dyn Clock) -> Trust {
        let (doubted, uptime) = (self.is_doubted(), clock.uptime());
        match self.look(clock.now(), uptime) {
            true => Trust::Full,
            false if doubted => Trust::None,
            false => Trust::Lost,
        }
    }

    fn look(&mut self, now: Timestamp, uptime: Duration) -> bool {
        let (seen, at) = *self.seen.get_or_insert((now, uptime));
        let expected = seen.plus(uptime.saturating_sub(at));
        self.ahead = now > expected;
        if expected.until(now) <= self.leap && now.until(expected) <= self.leap {
            self.doubted_since = None;
            self.seen = Some((now.max(expected), uptime));
            return true;
        }
        let since = *self.doubted_since.get_or_insert(uptime);
        if uptime.saturating_sub(since) >= HOLDS {
            self.doubted_since = None;
            self.seen = Some((now, uptime));
            return true;
        }
        // One that is behind has nothing deleted too early.
        !self.ahead
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    const HOUR: Duration = Duration::from_hours(1);
    const START: Timestamp = Timestamp::from_millis(1_796_112_000_000);

    fn years(number: u32) -> Duration {
        24 * HOUR * 365 * number
    }

    #[test]
    fn a_jump_ahead_is_believed_when_it_has_held_for_an_hour() {
        let mut state = State::within(LEAP);
        assert!(state.look(START, HOUR) && state.look(START.plus(HOUR), 2 * HOUR));
        let ahead = |uptime: Duration| START.plus(years(10)).plus(uptime);
        assert!(!state.look(ahead(2 * HOUR), 2 * HOUR));
        assert!(!state.look(ahead(3 * HOUR), Duration::from_secs(3 * 3_600 - 1)));
        assert!(state.look(ahead(3 * HOUR), 3 * HOUR) && state.look(ahead(4 * HOUR), 4 * HOUR));
    }

    #[test]
    fn a_jump_that_is_taken_back_leaves_nothing_behind() {
        let mut state = State::within(LEAP);
        assert!(state.look(START, HOUR));
        assert!(!state.look(START.plus(years(1)), HOUR));
        assert!(state.look(START.plus(HOUR), 2 * HOUR));
        assert!(!state.look(START.plus(years(1)), 4 * HOUR), "it has to hold anew");
    }

    #[test]
    fn a_long_sleep_is_no_jump_and_a_start_from_the_past_is_none_either() {
        let mut state = State::within(LEAP);
        assert!(state.look(START, HOUR) && state.look(START.plus(years(1)), HOUR + years(1)));
        // The clock of a machine without a battery begins in 1970, until it hears what time it is.
        let mut state = State { seen: Some((START, Duration::ZERO)), ..State::within(LEAP) };
        assert!(state.look(Timestamp::from_millis(0), Duration::ZERO));
        assert!(state.look(START.plus(HOUR), HOUR));
    }

    #[test]
    fn a_clock_that_was_wrong_and_is_set_back_is_the_one_to_compare_with_after_an_hour() {
        let mut state = State { seen: Some((START.plus(years(10)), Duration::ZERO)), ..State::within(LEAP) };
        assert!(state.look(START, Duration::ZERO) && state.look(START.plus(HOUR), HOUR));
        assert!(!state.look(START.plus(years(5)), HOUR));
    }

    #[test]
    fn a_jump_of_hours_delays_deletions_alone() {
        let clock = Hands::default();
        let watch = ClockWatch::default();
        assert!(watch.look(&clock) && watch.may_delete(&clock));
        clock.set(5 * HOUR, Duration::ZERO);
        assert!(watch.look(&clock) && !watch.may_delete(&clock));
        assert_eq!(watch.doubt(), Some(ClockDoubt::Deletions));
        assert_eq!(watch.seen(), None, "a later process must not take it for right");
        clock.set(Duration::ZERO, HOUR / 2);
        assert!(watch.may_delete(&clock));
        assert_eq!((watch.doubt(), watch.seen()), (None, Some(START.plus(HOUR / 2))));
        clock.set(5 * HOUR, HOUR);
        assert!(!watch.may_delete(&clock));
        clock.set(5 * HOUR, 2 * HOUR);
        assert!(watch.may_delete(&clock), "it has held");
    }

    #[test]
    fn a_clock_that_drifts_or_is_put_right_by_a_second_is_believed() {
        let clock = Hands::default();
        let watch = ClockWatch::default();
        for round in 0..100 {
            clock.set(Duration::from_secs(round), Duration::from_mins(10 * round));
            assert!(watch.may_delete(&clock), "{round}");
        }
    }

    /// How far it is ahead, and the uptime; in milliseconds.
    #[derive(Debug, Default)]
    struct Hands(AtomicI64, AtomicI64);

    impl Hands {
        fn set(&self, ahead: Duration, uptime: Duration) {
            self.0.store(i64::try_from(ahead.as_millis()).unwrap(), Ordering::SeqCst);
            self.1.store(i64::try_from(uptime.as_millis()).unwrap(), Ordering::SeqCst);
        }
    }

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            START.plus(Duration::from_millis((self.0.load(Ordering::SeqCst) + self.1.load(Ordering::SeqCst)).unsigned_abs()))
        }

        fn uptime(&self) -> Duration {
            Duration::from_millis(self.1.load(Ordering::SeqCst).unsigned_abs())
        }
    }
}
