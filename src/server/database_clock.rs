//! The clock of the database's server, which the processes on it share. Each process continues it with
//! its own uptime, so that a system clock that is wrong or jumps has no effect. Must not depend on what
//! the time is used for. Used by [`super::run`].

use belfry_domain::{Clock, SystemClock, Timestamp};
use belfry_store::{Store, StoreError};
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};
use tokio::time::sleep;

/// How often the clocks are compared.
const COMPARE_EVERY: Duration = Duration::from_secs(10);
/// The log says so when the system clock differs by more.
const MAX_DIFFERENCE: Duration = Duration::from_secs(30);

/// The server's clock. Without a server, continues from the last comparison.
pub(super) struct DatabaseClock {
    /// The server's time when this process's uptime was zero, in milliseconds.
    started_at: AtomicI64,
}

/// What a comparison has shown.
struct Comparison {
    /// See [`DatabaseClock`].
    started_at: i64,
    /// By how much this may be wrong: the server has answered at some time between request and response.
    max_error: i64,
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        let started_at = self.started_at.load(Ordering::Relaxed);
        Timestamp::from_millis(started_at).plus(self.uptime())
    }
}

impl DatabaseClock {
    /// The clock of this database's server. `None` where the database is a file.
    pub(super) async fn start(store: &dyn Store) -> Result<Option<Self>, StoreError> {
        let comparison = compare(store).await?;
        let clock = |comparison: Comparison| Self { started_at: comparison.started_at.into() };
        Ok(comparison.map(clock))
    }

    /// Follows the server's clock. Runs until it is dropped.
    pub(super) async fn follow(&self, store: &dyn Store) {
        let mut differed = false;
        loop {
            let (own, server) = (SystemClock.now(), self.now());
            let difference = own.until(server).max(server.until(own));
            let differs = difference > MAX_DIFFERENCE;
            if differs && !differed {
                tracing::warn!(
                    "the clock of this machine differs from that of the database's server by {} seconds; the server's is used",
                    difference.as_secs()
                );
            }
            differed = differs;
            sleep(COMPARE_EVERY).await;
            // A server that does not answer is compared with later.
            if let Ok(Some(comparison)) = compare(store).await {
                self.correct(&comparison);
            }
        }
    }

    /// Changes the clock only if it is wrong for certain, so that a slow answer does not move it.
    fn correct(&self, comparison: &Comparison) {
        let started_at = self.started_at.load(Ordering::Relaxed);
        if started_at.abs_diff(comparison.started_at) > comparison.max_error.unsigned_abs() {
            self.started_at.store(comparison.started_at, Ordering::Relaxed);
        }
    }
}

async fn compare(store: &dyn Store) -> Result<Option<Comparison>, StoreError> {
    let asked_at = SystemClock.uptime();
    let time = store.server_time().await?;
    let answered_at = SystemClock.uptime();
    Ok(time.map(|time| Comparison::new(time, asked_at, answered_at)))
}

impl Comparison {
    fn new(time: Timestamp, asked_at: Duration, answered_at: Duration) -> Self {
        let half = answered_at.saturating_sub(asked_at) / 2;
        // And a millisecond for each rounding.
        let max_error = half + Duration::from_millis(2);
        Self {
            started_at: time.minus(asked_at + half).millis(),
            max_error: i64::try_from(max_error.as_millis()).unwrap_or(i64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The start by a comparison with a server whose clock is right, at this uptime.
    fn started_at(
        clock: &DatabaseClock,
        time: Timestamp,
        uptime: Duration,
        answer: Duration,
    ) -> i64 {
        clock.correct(&Comparison::new(time, uptime, uptime + answer));
        clock.started_at.load(Ordering::Relaxed)
    }

    #[test]
    fn slow_answers_do_not_move_the_clock() {
        let start = Timestamp::from_millis(1_796_112_000_000);
        let clock = DatabaseClock { started_at: start.millis().into() };
        // Asked at 10 s; the answer of the moment comes 4 s later.
        for (moment, answer) in [(0, 4), (2, 4), (4, 4)] {
            let time = start.plus(10 * SECOND + moment * SECOND);
            assert_eq!(started_at(&clock, time, 10 * SECOND, answer * SECOND), start.millis());
        }
    }

    #[test]
    fn clock_follows_the_server_by_more_than_the_error() {
        let start = Timestamp::from_millis(1_796_112_000_000);
        let clock = DatabaseClock { started_at: start.millis().into() };
        let moved = start.plus(3_600 * SECOND);
        let time = moved.plus(11 * SECOND);
        assert_eq!(started_at(&clock, time, 10 * SECOND, 2 * SECOND), moved.millis());
        // A second off, as an answer that came at once shows.
        let time = moved.plus(31 * SECOND);
        let corrected = started_at(&clock, time, 30 * SECOND, Duration::ZERO);
        assert_eq!(corrected, moved.plus(SECOND).millis());
    }
}
