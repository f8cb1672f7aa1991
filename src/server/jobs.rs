//! What happens by itself: messages appear and expire on time and reach all whom they name, snoozed conversations open again, imports are done, and expired credentials,
//! expired messages and deleted conversations are forgotten.
//!
//! A job that fails says so and tries again: a database that is busy for a moment must not end them.

use crate::{domain::Timestamp, inbox::Inbox};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Longest time for which a newly scheduled message may go unnoticed.
const LOOK: Duration = Duration::from_secs(1);
/// Shortest pause between two rounds, so that work that is always due can't keep a core busy.
const PAUSE: Duration = Duration::from_millis(5);
/// Longest time for which it may go unnoticed that another process has accepted a message to many contacts.
const FAN_OUT_LOOK: Duration = Duration::from_secs(10);
/// Between two sweeps.
const SWEEP: Duration = Duration::from_mins(10);

/// Between the first rounds of two jobs. Whoever reads while another reads opens a connection to the database, which then stays, and costs memory
/// that a server without visitors needs for nothing else.
const STAGGER: Duration = Duration::from_millis(150);

/// The job at this place in the order in which jobs begin.
pub(super) async fn after<T>(place: u32, job: impl Future<Output = T>) -> T {
    sleep(STAGGER * place).await;
    job.await
}

/// Shows what has become due and hides what has expired.
pub(super) async fn advance(inbox: Inbox) {
    loop {
        let wait = match inbox.advance().await {
            Ok(next) => pause(inbox.now(), next),
            Err(error) => {
                tracing::error!(%error, "scheduled messages could not be advanced; trying again");
                LOOK
            }
        };
        sleep(wait).await;
    }
}

/// Opens snoozed conversations again when their time has come.
pub(super) async fn wake(inbox: Inbox) {
    loop {
        let wait = match inbox.wake_snoozed().await {
            Ok(next) => pause(inbox.now(), next),
            Err(error) => {
                tracing::error!(%error, "snoozed conversations could not be opened again; trying again");
                LOOK
            }
        };
        sleep(wait).await;
    }
}

/// Brings messages to the many contacts that they name, for ever: as soon as something is accepted that leaves some of them to later.
pub(super) async fn fan_out(inbox: Inbox) {
    loop {
        match inbox.fan_out().await {
            Ok(true) => {}
            Ok(false) => {
                let _ = timeout(FAN_OUT_LOOK, inbox.fan_out_begun()).await;
            }
            Err(error) => {
                tracing::error!(%error, "messages could not be brought to all of their contacts; trying again");
                sleep(LOOK).await;
            }
        }
    }
}

/// Does what imports have waiting, for ever. Between two writes others get their turn.
pub(super) async fn import(inbox: Inbox) {
    loop {
        let wait = match inbox.run_imports().await {
            Ok(true) => PAUSE,
            Ok(false) => LOOK,
            Err(error) => {
                tracing::error!(%error, "an import could not go on; trying again");
                LOOK
            }
        };
        sleep(wait).await;
    }
}

/// Forgets expired credentials, expired messages and deleted conversations.
pub(super) async fn sweep(inbox: Inbox) {
    loop {
        match inbox.sweep().await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "expired credentials, messages and deleted conversations forgotten"),
            Err(error) => {
                tracing::error!(%error, "expired credentials, messages and deleted conversations could not be forgotten; trying again later");
            }
        }
        sleep(SWEEP).await;
    }
}

fn pause(now: Timestamp, next: Option<Timestamp>) -> Duration {
    next.map_or(LOOK, |next| now.until(next).clamp(PAUSE, LOOK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_ends_with_what_is_due_and_never_lasts_longer_than_a_look() {
        let now = Timestamp::from_millis(10_000);
        assert_eq!(pause(now, None), LOOK);
        assert_eq!(pause(now, Some(now.plus(Duration::from_millis(300)))), Duration::from_millis(300));
        assert_eq!(pause(now, Some(now.plus(Duration::from_hours(1)))), LOOK);
        assert_eq!(pause(now, Some(now.minus(Duration::from_hours(1)))), PAUSE);
    }
}
