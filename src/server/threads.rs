//! The threads that requests are served on.

use std::io;
use tokio::runtime::{Builder, Runtime};

/// Polls between two looks at the sockets. The library's 61 are several milliseconds when all of them compute, for which nobody would learn that
/// another request has come; a look takes about a microsecond.
const POLLS_BETWEEN_LOOKS: u32 = 8;

/// A runtime with a thread for each core.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().event_interval(POLLS_BETWEEN_LOOKS).build()
}
