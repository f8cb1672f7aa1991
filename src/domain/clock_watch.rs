//! Detects jumps of the system clock before irreversible work depends on it.
//!
//! A clock that jumps ahead would delete years of retained data at once. The latest trusted time is
//! remembered, and stored in the database across restarts. A clock that is too far ahead of it is
//! trusted only after it has run on for an hour. "Too far" is five minutes for deletions, which can
//! be late without harm, and one day for scheduled publishing and expiry. Used by the background
//! jobs.

use super::{Clock, Timestamp};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Largest plausible jump, in either direction, for scheduled work.
const MAX_SCHEDULE_JUMP: Duration = Duration::from_hours(24);
/// Largest plausible jump for deletions.
const MAX_DELETION_JUMP: Duration = Duration::from_mins(5);
/// A suspect clock is trusted after it has run for this long without another jump.
const TRUST_AFTER: Duration = Duration::from_hours(1);

/// Compares the clock with the process's uptime. Clones share their state.
#[derive(Debug, Clone, Default)]
pub struct ClockWatch(Arc<Mutex<JumpDetectors>>);

#[derive(Debug)]
struct JumpDetectors {
    events: JumpDetector,
    deletions: JumpDetector,
}

impl Default for JumpDetectors {
    fn default() -> Self {
        Self {
            events: JumpDetector::with_tolerance(MAX_SCHEDULE_JUMP),
            deletions: JumpDetector::with_tolerance(MAX_DELETION_JUMP),
        }
    }
}

#[derive(Debug)]
struct JumpDetector {
    /// Tolerated difference from the expected time.
    tolerance: Duration,
    /// The latest trusted time, and the uptime at that moment.
    last_trusted: Option<(Timestamp, Duration)>,
    /// The uptime at which the clock first differed too much.
    suspect_since: Option<Duration>,
    /// Whether the clock is ahead rather than behind.
    is_ahead: bool,
}

impl ClockWatch {
    /// Restores the latest trusted time of an earlier process.
    pub fn restore(&self, seen: Timestamp, clock: &dyn Clock) {
        let mut watches = self.lock();
        let seen = Some((seen, clock.uptime()));
        (watches.events.last_trusted, watches.deletions.last_trusted) = (seen, seen);
    }

    /// Checks the clock; whether scheduled work may start or end at its time.
    pub fn may_schedule(&self, clock: &dyn Clock) -> bool {
        self.check(clock).0 == Trust::Full
    }

    /// Checks the clock; whether data may be deleted at its time.
    pub fn may_delete(&self, clock: &dyn Clock) -> bool {
        self.check(clock) == (Trust::Full, Trust::Full)
    }

    /// Trust for scheduled work and for deletions. Both are always checked together, so that both
    /// results belong to the same moment.
    fn check(&self, clock: &dyn Clock) -> (Trust, Trust) {
        let mut watches = self.lock();
        let trust = (watches.events.check_clock(clock), watches.deletions.check_clock(clock));
        drop(watches);
        if trust.0 == Trust::Lost {
            tracing::warn!(
                "the clock is more than a day ahead of the expected time: deletions, scheduled publishing and expiry are paused until it is trusted, after an hour"
            );
        } else if trust.1 == Trust::Lost {
            tracing::warn!(
                "the clock is minutes ahead of the expected time: deletions are paused until it is trusted, after an hour"
            );
        }
        trust
    }

    /// The work that is paused because the clock is ahead and not trusted yet.
    pub fn paused_work(&self) -> Option<PausedWork> {
        let watches = self.lock();
        if watches.events.is_suspect() {
            Some(PausedWork::Everything)
        } else {
            watches.deletions.is_suspect().then_some(PausedWork::Deletions)
        }
    }

    /// The latest trusted time, for storing.
    pub fn last_trusted(&self) -> Option<Timestamp> {
        let watches = self.lock();
        watches
            .deletions
            .last_trusted
            .filter(|_| watches.deletions.suspect_since.is_none())
            .map(|(seen, _)| seen)
    }

    fn lock(&self) -> MutexGuard<'_, JumpDetectors> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Work that is paused while the clock is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PausedWork {
    /// The clock is minutes ahead: no deletions.
    Deletions,
    /// The clock is more than a day ahead: no deletions and no scheduled work.
    Everything,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    Full,
    None,
    /// Trust was lost with this check.
    Lost,
}

impl JumpDetector {
    fn with_tolerance(tolerance: Duration) -> Self {
        Self { tolerance, last_trusted: None, suspect_since: None, is_ahead: false }
    }

    /// Whether the clock is ahead and not trusted yet.
    fn is_suspect(&self) -> bool {
        self.suspect_since.is_some() && self.is_ahead
    }

    fn check_clock(&mut self, clock: &dyn Clock) -> Trust {
        let (doubted, uptime) = (self.is_suspect(), clock.uptime());
        match self.check(clock.now(), uptime) {
            true => Trust::Full,
            false if doubted => Trust::None,
            false => Trust::Lost,
        }
    }

    fn check(&mut self, now: Timestamp, uptime: Duration) -> bool {
        let (seen, at) = *self.last_trusted.get_or_insert((now, uptime));
        let expected = seen.plus(uptime.saturating_sub(at));
        self.is_ahead = now > expected;
        if expected.until(now) <= self.tolerance && now.until(expected) <= self.tolerance {
            self.suspect_since = None;
            self.last_trusted = Some((now.max(expected), uptime));
            return true;
        }
        let since = *self.suspect_since.get_or_insert(uptime);
        if uptime.saturating_sub(since) >= TRUST_AFTER {
            self.suspect_since = None;
            self.last_trusted = Some((now, uptime));
            return true;
        }
        // A clock that is behind deletes nothing too early.
        !self.is_ahead
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
    fn jump_ahead_is_trusted_after_an_hour() {
        let mut state = JumpDetector::with_tolerance(MAX_SCHEDULE_JUMP);
        assert!(state.check(START, HOUR) && state.check(START.plus(HOUR), 2 * HOUR));
        let ahead = |uptime: Duration| START.plus(years(10)).plus(uptime);
        assert!(!state.check(ahead(2 * HOUR), 2 * HOUR));
        assert!(!state.check(ahead(3 * HOUR), Duration::from_secs(3 * 3_600 - 1)));
        assert!(state.check(ahead(3 * HOUR), 3 * HOUR) && state.check(ahead(4 * HOUR), 4 * HOUR));
    }

    #[test]
    fn reverted_jump_has_no_effect() {
        let mut state = JumpDetector::with_tolerance(MAX_SCHEDULE_JUMP);
        assert!(state.check(START, HOUR));
        assert!(!state.check(START.plus(years(1)), HOUR));
        assert!(state.check(START.plus(HOUR), 2 * HOUR));
        assert!(!state.check(START.plus(years(1)), 4 * HOUR), "the hour starts again");
    }

    #[test]
    fn sleep_and_start_in_the_past_are_no_jumps() {
        let mut state = JumpDetector::with_tolerance(MAX_SCHEDULE_JUMP);
        assert!(state.check(START, HOUR) && state.check(START.plus(years(1)), HOUR + years(1)));
        // A machine without a battery-backed clock starts in 1970, until it has synchronized.
        let mut state = JumpDetector {
            last_trusted: Some((START, Duration::ZERO)),
            ..JumpDetector::with_tolerance(MAX_SCHEDULE_JUMP)
        };
        assert!(state.check(Timestamp::from_millis(0), Duration::ZERO));
        assert!(state.check(START.plus(HOUR), HOUR));
    }

    #[test]
    fn corrected_clock_becomes_reference_after_an_hour() {
        let mut state = JumpDetector {
            last_trusted: Some((START.plus(years(10)), Duration::ZERO)),
            ..JumpDetector::with_tolerance(MAX_SCHEDULE_JUMP)
        };
        assert!(state.check(START, Duration::ZERO) && state.check(START.plus(HOUR), HOUR));
        assert!(!state.check(START.plus(years(5)), HOUR));
    }

    #[test]
    fn jump_of_hours_pauses_deletions_only() {
        let clock = ManualClock::default();
        let watch = ClockWatch::default();
        assert!(watch.may_schedule(&clock) && watch.may_delete(&clock));
        clock.set(5 * HOUR, Duration::ZERO);
        assert!(watch.may_schedule(&clock) && !watch.may_delete(&clock));
        assert_eq!(watch.paused_work(), Some(PausedWork::Deletions));
        assert_eq!(watch.last_trusted(), None, "an untrusted time must not be stored");
        clock.set(Duration::ZERO, HOUR / 2);
        assert!(watch.may_delete(&clock));
        assert_eq!((watch.paused_work(), watch.last_trusted()), (None, Some(START.plus(HOUR / 2))));
        clock.set(5 * HOUR, HOUR);
        assert!(!watch.may_delete(&clock));
        clock.set(5 * HOUR, 2 * HOUR);
        assert!(watch.may_delete(&clock), "trusted after an hour");
    }

    #[test]
    fn drift_and_small_corrections_are_trusted() {
        let clock = ManualClock::default();
        let watch = ClockWatch::default();
        for round in 0..100 {
            clock.set(Duration::from_secs(round), Duration::from_mins(10 * round));
            assert!(watch.may_delete(&clock), "{round}");
        }
    }

    /// The offset of the clock and the uptime, both in milliseconds.
    #[derive(Debug, Default)]
    struct ManualClock(AtomicI64, AtomicI64);

    impl ManualClock {
        fn set(&self, ahead: Duration, uptime: Duration) {
            self.0.store(i64::try_from(ahead.as_millis()).unwrap(), Ordering::SeqCst);
            self.1.store(i64::try_from(uptime.as_millis()).unwrap(), Ordering::SeqCst);
        }
    }

    impl Clock for ManualClock {
        fn now(&self) -> Timestamp {
            START.plus(Duration::from_millis(
                (self.0.load(Ordering::SeqCst) + self.1.load(Ordering::SeqCst)).unsigned_abs(),
            ))
        }

        fn uptime(&self) -> Duration {
            Duration::from_millis(self.1.load(Ordering::SeqCst).unsigned_abs())
        }
    }
}
