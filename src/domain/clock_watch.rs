//! Whether the machine's clock can be believed where something irreversible is done because of it.
//!
//! A clock that jumps ahead would have everything deleted at once that a site keeps for years. So the latest time that was seen is
//! remembered, also by the database over a restart, and a clock that is more than a day beyond it is believed only after it has held for an
//! hour. Must not know what waits for that.

use super::{Clock, Timestamp};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// A clock that is so far from where it must be was set, or was wrong before.
const LEAP: Duration = Duration::from_hours(24);
/// For so long it has to hold to be believed.
const HOLDS: Duration = Duration::from_hours(1);

/// What is remembered of the clock. Clones remember together.
#[derive(Debug, Clone, Default)]
pub struct ClockWatch(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner).seen = Some((seen, clock.uptime()));
    }

    /// Looks at the clock; whether something may be deleted because of what it says.
    pub fn look(&self, clock: &dyn Clock) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let trusted = state.look(clock.now(), clock.uptime());
        if !trusted && state.doubted_since == Some(clock.uptime()) {
            tracing::warn!(
                "the clock is more than a day ahead of what was last seen: nothing is deleted and nothing scheduled begins or ends until it has held for an hour"
            );
        }
        trusted
    }

    /// Whether the clock is ahead and not believed yet.
    pub fn is_doubted(&self) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.doubted_since.is_some() && state.ahead
    }

    /// The latest time that was seen and believed, to be kept for a later process.
    pub fn seen(&self) -> Option<Timestamp> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.seen.filter(|_| state.doubted_since.is_none()).map(|(seen, _)| seen)
    }
}

impl State {
    fn look(&mut self, now: Timestamp, uptime: Duration) -> bool {
        let (seen, at) = *self.seen.get_or_insert((now, uptime));
        let expected = seen.plus(uptime.saturating_sub(at));
        self.ahead = now > expected;
        if expected.until(now) <= LEAP && now.until(expected) <= LEAP {
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

    const HOUR: Duration = Duration::from_hours(1);
    const START: Timestamp = Timestamp::from_millis(1_796_112_000_000);

    fn years(number: u32) -> Duration {
        24 * HOUR * 365 * number
    }

    #[test]
    fn a_jump_ahead_is_believed_when_it_has_held_for_an_hour() {
        let mut state = State::default();
        assert!(state.look(START, HOUR) && state.look(START.plus(HOUR), 2 * HOUR));
        let ahead = |uptime: Duration| START.plus(years(10)).plus(uptime);
        assert!(!state.look(ahead(2 * HOUR), 2 * HOUR));
        assert!(!state.look(ahead(3 * HOUR), Duration::from_secs(3 * 3_600 - 1)));
        assert!(state.look(ahead(3 * HOUR), 3 * HOUR) && state.look(ahead(4 * HOUR), 4 * HOUR));
    }

    #[test]
    fn a_jump_that_is_taken_back_leaves_nothing_behind() {
        let mut state = State::default();
        assert!(state.look(START, HOUR));
        assert!(!state.look(START.plus(years(1)), HOUR));
        assert!(state.look(START.plus(HOUR), 2 * HOUR));
        assert!(!state.look(START.plus(years(1)), 4 * HOUR), "it has to hold anew");
    }

    #[test]
    fn a_long_sleep_is_no_jump_and_a_start_from_the_past_is_none_either() {
        let mut state = State::default();
        assert!(state.look(START, HOUR) && state.look(START.plus(years(1)), HOUR + years(1)));
        // The clock of a machine without a battery begins in 1970, until it hears what time it is.
        let mut state = State { seen: Some((START, Duration::ZERO)), ..State::default() };
        assert!(state.look(Timestamp::from_millis(0), Duration::ZERO));
        assert!(state.look(START.plus(HOUR), HOUR));
    }

    #[test]
    fn a_clock_that_was_wrong_and_is_set_back_is_the_one_to_compare_with_after_an_hour() {
        let mut state = State { seen: Some((START.plus(years(10)), Duration::ZERO)), ..State::default() };
        assert!(state.look(START, Duration::ZERO) && state.look(START.plus(HOUR), HOUR));
        assert!(!state.look(START.plus(years(5)), HOUR));
    }
}
