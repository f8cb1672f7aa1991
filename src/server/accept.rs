//! Accepts connections from the operating system, handles the failures of `accept`, and stops
//! without losing a connection.

use super::log_throttle::LogThrottle;
use std::{
    io::{self, Write as _},
    net::SocketAddr,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, sleep, timeout},
};

/// First and longest pause after a failure.
const BACKOFF_RANGE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// After new connections are ignored, those that are being established arrive within this time.
const ESTABLISH_TIMEOUT: Duration = Duration::from_millis(10);
/// Maximum time to accept what has arrived.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// HTTP/1 response to a client when there are too many connections.
const OVERLOADED_RESPONSE: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Accepts connections, with growing pauses while the system fails.
#[derive(Debug, Default)]
pub(super) struct Acceptor {
    failures: u32,
    failure_log: LogThrottle,
}

impl Acceptor {
    /// Returns the next connection. Cancel-safe: no connection is lost.
    pub(super) async fn accept(&mut self, listener: &TcpListener) -> (TcpStream, SocketAddr) {
        loop {
            match listener.accept().await {
                Ok(accepted) => {
                    self.failures = 0;
                    return accepted;
                }
                // Only this connection failed.
                Err(error) if is_connection_error(&error) => {}
                Err(error) => {
                    // Usually "too many open files": the next connection that ends frees one.
                    self.failure_log.log(
                        |times| tracing::warn!(%error, times, "connections could not be accepted"),
                    );
                    let pause = self.pause();
                    sleep(pause).await;
                }
            }
        }
    }

    /// The next of the connections that clients have established before the listener closes; `None`
    /// when there is none left. One that nobody accepts would be reset, and its client could not
    /// tell whether its request was executed.
    pub(super) async fn accept_established(
        &mut self,
        listener: &TcpListener,
        since: Instant,
    ) -> Option<(TcpStream, SocketAddr)> {
        if since.elapsed() > DRAIN_TIMEOUT {
            return None;
        }
        timeout(ESTABLISH_TIMEOUT, self.accept(listener)).await.ok()
    }

    fn pause(&mut self) -> Duration {
        let pause = BACKOFF_RANGE.0.saturating_mul(1 << self.failures.min(10)).min(BACKOFF_RANGE.1);
        self.failures = self.failures.saturating_add(1);
        pause
    }
}

/// Lets the system ignore requests for new connections, and complete those that have begun. A
/// client repeats its request after a second, and finds the listener closed.
pub(super) fn ignore_new(listener: &TcpListener) {
    #[cfg(target_os = "linux")]
    {
        use socket2::{SockFilter, SockRef};
        // On the TCP header of each packet: dropped if of the flags SYN and ACK it has SYN alone.
        let filter = [
            SockFilter::new(0x30, 0, 0, 13),
            SockFilter::new(0x54, 0, 0, 0x12),
            SockFilter::new(0x15, 0, 1, 0x02),
            SockFilter::new(0x06, 0, 0, 0),
            SockFilter::new(0x06, 0, 0, u32::MAX),
        ];
        if let Err(error) = SockRef::from(listener).attach_filter(&filter) {
            tracing::debug!(%error, "new connections can't be ignored before the listener closes");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = listener;
}

fn is_connection_error(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Closes a connection that can't be served, with a response if that does not block.
pub(super) fn reject(socket: TcpStream) {
    if let Ok(mut socket) = socket.into_std() {
        let _ = socket.write_all(OVERLOADED_RESPONSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_grows_up_to_a_second() {
        let mut accepting = Acceptor::default();
        let pauses: Vec<u128> = (0..8).map(|_| accepting.pause().as_millis()).collect();
        assert_eq!(pauses, [20, 40, 80, 160, 320, 640, 1_000, 1_000]);
        accepting.failures = u32::MAX;
        assert_eq!(accepting.pause(), BACKOFF_RANGE.1);
    }
}
