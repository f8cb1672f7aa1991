//! Background jobs: publish and expire messages on time, deliver messages to many named contacts,
//! reopen snoozed conversations, run imports, and delete expired credentials, expired messages and
//! deleted conversations. Spawned by [`super::run`].
//!
//! A job that fails logs the error and retries: a database that is busy for a moment must not end
//! it.

use belfry_app::App;
use belfry_domain::Timestamp;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Maximum delay until a newly scheduled message is noticed.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Minimum pause between two rounds, so that work that is always due can't keep a core busy.
const MIN_PAUSE: Duration = Duration::from_millis(5);
/// Maximum delay until a message to many contacts, accepted by another process, is noticed.
const FAN_OUT_POLL_INTERVAL: Duration = Duration::from_secs(10);
/// Interval between two sweeps.
const SWEEP_INTERVAL: Duration = Duration::from_mins(10);

/// Delay between the first rounds of two jobs. Concurrent reads open additional database
/// connections, which stay open and take memory that an idle server does not need otherwise.
const START_STAGGER: Duration = Duration::from_millis(150);

/// Delays a job by its position in the start order.
pub(super) async fn start_staggered<T>(place: u32, job: impl Future<Output = T>) -> T {
    sleep(START_STAGGER * place).await;
    job.await
}

/// Waits while another process does the background work of the database.
async fn wait_for_lead(app: &App) {
    while !app.leads().await {
        sleep(POLL_INTERVAL).await;
    }
}

/// Shows messages that are due and hides expired ones.
pub(super) async fn advance_schedule(app: App) {
    loop {
        wait_for_lead(&app).await;
        let wait = match app.advance().await {
            Ok(next) => time_until_due(app.now(), next),
            Err(error) => {
                tracing::error!(%error, "scheduled messages could not be advanced; retrying");
                POLL_INTERVAL
            }
        };
        sleep(wait).await;
    }
}

/// Reopens snoozed conversations when they are due.
pub(super) async fn reopen_snoozed(app: App) {
    loop {
        wait_for_lead(&app).await;
        let wait = match app.wake_snoozed().await {
            Ok(next) => time_until_due(app.now(), next),
            Err(error) => {
                tracing::error!(%error, "snoozed conversations could not be reopened; retrying");
                POLL_INTERVAL
            }
        };
        sleep(wait).await;
    }
}

/// Delivers messages to the many contacts that they name. Runs until cancelled; woken when a
/// message with remaining contacts is accepted.
pub(super) async fn fan_out(app: App) {
    loop {
        wait_for_lead(&app).await;
        match app.fan_out().await {
            Ok(true) => {}
            Ok(false) => {
                let _ = timeout(FAN_OUT_POLL_INTERVAL, app.wait_for_fan_out()).await;
            }
            Err(error) => {
                tracing::error!(%error, "messages could not be delivered to all of their contacts; retrying");
                sleep(POLL_INTERVAL).await;
            }
        }
    }
}

/// Runs pending imports until cancelled. Between two writes other writers get their turn.
pub(super) async fn run_imports(app: App) {
    loop {
        wait_for_lead(&app).await;
        let wait = match app.run_imports().await {
            Ok(true) => MIN_PAUSE,
            Ok(false) => POLL_INTERVAL,
            Err(error) => {
                tracing::error!(%error, "an import could not continue; retrying");
                POLL_INTERVAL
            }
        };
        sleep(wait).await;
    }
}

/// Deletes expired credentials, expired messages and deleted conversations.
pub(super) async fn sweep(app: App) {
    loop {
        wait_for_lead(&app).await;
        match app.sweep().await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(
                rows,
                "deleted expired credentials, expired messages and deleted conversations"
            ),
            Err(error) => {
                tracing::error!(%error, "expired credentials, expired messages and deleted conversations could not be deleted; retrying later");
            }
        }
        sleep(SWEEP_INTERVAL).await;
    }
}

fn time_until_due(now: Timestamp, next: Option<Timestamp>) -> Duration {
    next.map_or(POLL_INTERVAL, |next| now.until(next).clamp(MIN_PAUSE, POLL_INTERVAL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_ends_when_due_and_is_bounded() {
        let now = Timestamp::from_millis(10_000);
        assert_eq!(time_until_due(now, None), POLL_INTERVAL);
        assert_eq!(
            time_until_due(now, Some(now.plus(Duration::from_millis(300)))),
            Duration::from_millis(300)
        );
        assert_eq!(time_until_due(now, Some(now.plus(Duration::from_hours(1)))), POLL_INTERVAL);
        assert_eq!(time_until_due(now, Some(now.minus(Duration::from_hours(1)))), MIN_PAUSE);
    }
}
