//! A socket that can be taken back from hyper, which otherwise returns one only after an upgrade:
//! dropping [`Reclaimable`] puts the socket into its [`SocketSlot`]. The place also knows whether
//! hyper has unflushed data.
//!
//! Must not depend on HTTP. Called by [`super::connection`].

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::Notify,
};

/// Receives the socket when hyper drops it.
#[derive(Debug)]
pub(super) struct SocketSlot<S> {
    socket: Mutex<Option<S>>,
    has_unflushed_data: AtomicBool,
    has_received: Arc<AtomicBool>,
    received: Notify,
}

impl<S> SocketSlot<S> {
    /// Wraps a socket; returns the wrapper and the place that receives the socket.
    pub(super) fn wrap(socket: S) -> (Reclaimable<S>, Arc<Self>) {
        let place = Arc::new(Self {
            socket: Mutex::new(None),
            has_unflushed_data: AtomicBool::new(false),
            has_received: Arc::default(),
            received: Notify::new(),
        });
        (Reclaimable { socket: Some(socket), slot: Arc::clone(&place) }, place)
    }

    /// The socket, once the wrapper was dropped.
    pub(super) fn reclaim(&self) -> Option<S> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether data was written and not flushed; it would be lost if the socket were taken back
    /// now.
    pub(super) fn is_writing(&self) -> bool {
        self.has_unflushed_data.load(Ordering::Acquire)
    }
}

impl<S> SocketSlot<S> {
    /// Whether bytes were received since this was last set to `false`. The first bytes after that
    /// wake [`Self::wait_for_bytes`].
    pub(super) fn has_received(&self) -> &Arc<AtomicBool> {
        &self.has_received
    }

    /// Resolves when the first bytes are received after the flag was cleared.
    pub(super) async fn wait_for_bytes(&self) {
        self.received.notified().await;
    }
}

/// A socket that moves to its [`SocketSlot`] when dropped.
#[derive(Debug)]
pub(super) struct Reclaimable<S> {
    /// `Some` until dropped.
    socket: Option<S>,
    slot: Arc<SocketSlot<S>>,
}

impl<S: Unpin> Reclaimable<S> {
    fn with<T>(
        mut self: Pin<&mut Self>,
        action: impl FnOnce(Pin<&mut S>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match &mut self.socket {
            Some(socket) => action(Pin::new(socket)),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl<S> Drop for Reclaimable<S> {
    fn drop(&mut self) {
        *self.slot.socket.lock().unwrap_or_else(PoisonError::into_inner) = self.socket.take();
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Reclaimable<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let place = Arc::clone(&self.slot);
        let outcome = self.with(|socket| socket.poll_read(context, buffer));
        if buffer.filled().len() > before && !place.has_received.swap(true, Ordering::AcqRel) {
            place.received.notify_one();
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Reclaimable<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.slot.has_unflushed_data.store(true, Ordering::Release);
        self.with(|socket| socket.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.slot.has_unflushed_data.store(true, Ordering::Release);
        self.with(|socket| socket.poll_write_vectored(context, parts))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    /// Hyper flushes after it has written everything.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.slot.has_unflushed_data.store(false, Ordering::Release);
        self.with(|socket| socket.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|socket| socket.poll_shutdown(context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    #[tokio::test]
    async fn dropped_socket_is_reclaimed_and_usable() {
        let (near, mut far) = duplex(4);
        let (mut lent, place) = SocketSlot::wrap(near);
        lent.write_all(b"12").await.unwrap();
        assert!(place.is_writing());
        lent.flush().await.unwrap();
        assert!(!place.is_writing() && place.reclaim().is_none());
        drop(lent);
        place.reclaim().unwrap().write_all(b"34").await.unwrap();
        let mut received = [0; 4];
        far.read_exact(&mut received).await.unwrap();
        assert_eq!(&received, b"1234");
    }

    #[tokio::test]
    async fn first_bytes_after_clearing_wake_once() {
        let (near, mut far) = duplex(4);
        let (mut lent, place) = SocketSlot::wrap(near);
        let has_bytes = async |place: &SocketSlot<_>| {
            tokio::time::timeout(std::time::Duration::ZERO, place.wait_for_bytes()).await.is_ok()
        };
        let mut byte = [0];
        for (silent, is_told) in [(true, true), (false, false), (true, true), (false, false)] {
            if silent {
                place.has_received().store(false, Ordering::Release);
            }
            far.write_all(b"1").await.unwrap();
            lent.read_exact(&mut byte).await.unwrap();
            assert_eq!(has_bytes(&place).await, is_told);
        }
    }
}
