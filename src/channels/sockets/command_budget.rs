//! The rate limit of commands on one connection: a burst, then a rate. Commands beyond it are read
//! later, not rejected.

use std::time::Duration;
use tokio::time::Instant;

/// A rate of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandRate {
    /// Commands at once.
    pub burst: u32,
    /// Commands per second after the burst.
    pub per_second: u32,
}

/// The remaining budget of one connection, stored as the time at which it is full again.
#[derive(Debug)]
pub(crate) struct CommandBudget {
    interval: Duration,
    burst_window: Duration,
    full_at: Instant,
}

impl CommandBudget {
    pub(crate) fn new(rate: CommandRate, now: Instant) -> Self {
        let interval = Duration::from_secs(1) / rate.per_second.max(1);
        Self { interval, burst_window: interval * rate.burst.saturating_sub(1), full_at: now }
    }

    /// Counts a command that was read.
    pub(crate) fn spend(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now) + self.interval;
    }

    /// When the next command may be read.
    pub(crate) fn ready_at(&self) -> Instant {
        self.full_at.checked_sub(self.burst_window).unwrap_or(self.full_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn burst_passes_at_once_then_the_rate_applies() {
        let began = Instant::now() + Duration::from_mins(1);
        let mut budget = CommandBudget::new(CommandRate { burst: 3, per_second: 2 }, began);
        let mut now = began;
        let mut waits = Vec::new();
        for _ in 0..6 {
            let ready = budget.ready_at().max(now);
            waits.push(ready.duration_since(now).as_millis());
            now = ready;
            budget.spend(now);
        }
        assert_eq!(waits, [0, 0, 0, 500, 500, 500]);
        // A pause restores the burst, and no more than that.
        now += Duration::from_mins(1);
        for wait in [0, 0, 0, 500] {
            assert_eq!(budget.ready_at().saturating_duration_since(now).as_millis(), wait);
            budget.spend(now.max(budget.ready_at()));
        }
    }
}
