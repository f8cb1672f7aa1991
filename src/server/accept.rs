//! Taking connections from the operating system, which can't always give one.

use super::throttled::Throttled;
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

/// What a client is told for which there is no room, where it speaks HTTP/1.
const NO_ROOM: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Accepts connections for as long as it takes, with growing pauses where the system gives none.
#[derive(Debug, Default)]
pub(super) struct Accepting {
    failures: u32,
    failed: Throttled,
}

impl Accepting {
    /// The next connection. Nothing is lost when this is dropped before it is there.
    pub(super) async fn accept(&mut self, listener: &TcpListener) -> (TcpStream, SocketAddr) {
        loop {
            match listener.accept().await {
                Ok(accepted) => {
                    self.failures = 0;
                    return accepted;
                }
                // Of the one connection alone.
                Err(error) if is_of_connection(&error) => {}
                Err(error) => {
                    // Mostly "too many open files": the next connection that ends makes room.
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

/// Closes a connection that can't be served, with a word where that costs no wait.
pub(super) fn refuse(socket: TcpStream) {
    if let Ok(mut socket) = socket.into_std() {
        let _ = socket.write_all(NO_ROOM);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_second() {
        let mut accepting = Accepting::default();
        let pauses: Vec<u128> = (0..8).map(|_| accepting.pause().as_millis()).collect();
        assert_eq!(pauses, [20, 40, 80, 160, 320, 640, 1_000, 1_000]);
        accepting.failures = u32::MAX;
        assert_eq!(accepting.pause(), BACK_OFF.1);
    }
}
