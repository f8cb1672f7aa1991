//! Ends a statement that takes too long, or that nobody waits for any more. Must not depend on what
//! it does.

use crate::Result;
use sqlx::{Connection as _, SqliteConnection};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::time::Instant;

/// Virtual machine operations between two checks of the clock; well below a millisecond.
const OPERATIONS: i32 = 2_000;

/// Interrupts each statement of this connection that runs at `end`, or once `is_cancelled` is set.
pub(crate) async fn set_time_limit(
    connection: &mut SqliteConnection,
    end: Instant,
    is_cancelled: Arc<AtomicBool>,
) -> Result<()> {
    // Waits for a statement that its caller has left: it may not have begun, and would get the limit
    // of this one.
    connection.ping().await?;
    connection.lock_handle().await?.set_progress_handler(OPERATIONS, move || {
        !is_cancelled.load(Ordering::Relaxed) && Instant::now() < end
    });
    Ok(())
}
