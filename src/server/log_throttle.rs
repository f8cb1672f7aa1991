//! A throttled log message: the first event is logged immediately, then one line per minute with
//! the number of events.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Interval between two lines.
const LOG_INTERVAL: Duration = Duration::from_mins(1);

/// Time of the last line, and the number of events since.
#[derive(Debug, Default)]
pub(super) struct LogThrottle(Mutex<(Option<Instant>, u64)>);

impl LogThrottle {
    /// Calls `say` with the number of events since the last line, this one included; or only
    /// counts.
    pub(super) fn log(&self, say: impl FnOnce(u64)) {
        self.log_at(Instant::now(), say);
    }

    fn log_at(&self, now: Instant, say: impl FnOnce(u64)) {
        let times = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let (last, silent) = &mut *state;
            *silent += 1;
            if last.is_some_and(|last| now.saturating_duration_since(last) < LOG_INTERVAL) {
                return;
            }
            *last = Some(now);
            std::mem::take(silent)
        };
        say(times);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_events_are_one_line_per_minute() {
        let (throttled, mut said, begin) = (LogThrottle::default(), Vec::new(), Instant::now());
        for second in 0..=130 {
            throttled
                .log_at(begin + Duration::from_secs(second), |times| said.push((second, times)));
        }
        assert_eq!(said, [(0, 1), (60, 60), (120, 60)]);
    }
}
