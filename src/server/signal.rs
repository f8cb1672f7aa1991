//! Signal handling: the first signal stops gracefully, the second immediately.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Cancels `stop` at the first SIGTERM or SIGINT and `abort` at the second.
pub fn stop_on_signal(
    stop: CancellationToken,
    abort: CancellationToken,
) -> Result<(), super::StartError> {
    let refused = |error| super::StartError::System("a signal handler", error);
    let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    tokio::spawn(async move {
        for token in [stop, abort] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            token.cancel();
        }
    });
    Ok(())
}
