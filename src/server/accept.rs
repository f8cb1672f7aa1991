//! Accepts connections from the operating system, and handles the failures of `accept`.

use super::log_throttle::Throttled;
use std::{
    io::{self, Write as _},
    net::SocketAddr,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};

/// First and longest pause after a failure.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// HTTP/1 response to a client when there are too many connections.
const NO_ROOM: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Accepts connections, with growing pauses while the system fails.
#[derive(Debug, Default)]
pub(super) struct Accepting {
    failures: u32,
    failed: Throttled,
}

impl Accepting {
    /// Returns the next connection. Cancel-safe: no connection is lost.
    pub(super) async fn accept(&mut self, listener: &TcpListener) -> (TcpStream, SocketAddr) {
        loop {
            match listener.accept().await {
                Ok(accepted) => {
                    self.failures = 0;
                    return accepted;
                }
                // Only this connection failed.
                Err(error) if is_of_connection(&error) => {}
                Err(error) => {
                    // Usually "too many open files": the next connection that ends frees one.
                    self.failed.say(|times| tracing::warn!(%error, times, "connections could not be accepted"));
                    let pause = self.pause();
                    sleep(pause).await;
                }
            }
        }
    }

    fn pause(&mut self) -> Duration {
        let pause = BACK_OFF.0.saturating_mul(1 << self.failures.min(10)).min(BACK_OFF.1);
        self.failures = self.failures.saturating_add(1);
        pause
    }
}

fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Closes a connection that can't be served, with a response if that does not block.
pub(super) fn refuse(socket: TcpStream) {
    if let Ok(mut socket) = socket.into_std() {
        let _ = socket.write_all(NO_ROOM);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_grows_up_to_a_second() {
        let mut accepting = Accepting::default();
        let pauses: Vec<u128> = (0..8).map(|_| accepting.pause().as_millis()).collect();
        assert_eq!(pauses, [20, 40, 80, 160, 320, 640, 1_000, 1_000]);
        accepting.failures = u32::MAX;
        assert_eq!(accepting.pause(), BACK_OFF.1);
    }
}
