//! The async runtime.

use std::io;
use tokio::runtime::{Builder, Runtime};

/// Polls between two checks of the sockets. Tokio's default of 61 takes several milliseconds when
/// all tasks compute, which would delay new requests; a check takes about a microsecond.
const EVENT_POLL_INTERVAL: u32 = 8;

/// A runtime with one worker thread per core.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().event_interval(EVENT_POLL_INTERVAL).build()
}
