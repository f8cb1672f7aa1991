//! Minimum transfer rate of responses. Data that a client has not taken stays in memory, so a
//! response that is taken too slowly is aborted: over HTTP/1 with its connection, over HTTP/2 only
//! its stream.
//!
//! Watching the socket is not enough: a client that closes its HTTP/2 window blocks all writes
//! while it answers every ping. So progress is measured by how much of the body hyper has
//! requested. Event streams have no such limit. Called by [`super::connection`].

use axum::body::{Body, HttpBody};
use belfry_runtime::fair_scheduler::FairScheduler;
use bytes::Bytes;
use hyper::{
    body::{Frame, SizeHint},
    rt::Executor,
};
use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    sync::Notify,
    task_local,
    time::{Instant, sleep_until},
};

/// Maximum bytes handed to hyper at once over HTTP/2. Hyper buffers what it was given regardless of
/// how little the client takes, and a stream whose body was handed over completely is no longer
/// watched.
const MAX_STREAM_CHUNK_BYTES: usize = 16 * 1024;
/// The same over HTTP/1, where the socket is watched as well; large enough to write a whole list at
/// once.
const MAX_CHUNK_BYTES: usize = 64 * 1024;

task_local! {
    /// Progress of the HTTP/2 stream that the current task serves.
    static STREAM: Arc<Progress>;
}

/// The minimum rate at which a response must be taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct MinTransferRate {
    /// Time for the response regardless of its size.
    pub(super) grace: Duration,
    /// Bytes taken that extend the time by one second.
    pub(super) bytes_per_second: u64,
}

/// Progress of a response.
#[derive(Debug, Default)]
pub(super) struct Progress {
    started_at: Mutex<Option<Instant>>,
    bytes_taken: AtomicU64,
    changed: Notify,
}

impl Progress {
    /// Called when the head of the response is ready.
    fn start(&self) {
        self.bytes_taken.store(0, Ordering::Relaxed);
        let before =
            self.started_at.lock().unwrap_or_else(PoisonError::into_inner).replace(Instant::now());
        if before.is_none() {
            self.changed.notify_one();
        }
    }

    /// Called when the response has been taken completely, or there is none.
    pub(super) fn end(&self) {
        *self.started_at.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn due(&self, pace: MinTransferRate) -> Option<Instant> {
        let begun = *self.started_at.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = self.bytes_taken.load(Ordering::Relaxed) / pace.bytes_per_second.max(1);
        begun.map(|begun| begun + pace.grace + Duration::from_secs(seconds))
    }

    /// Resolves when the current response has exceeded its time.
    pub(super) async fn wait_until_overdue(&self, pace: MinTransferRate) {
        loop {
            match self.due(pace) {
                Some(due) if due <= Instant::now() => return,
                Some(due) => sleep_until(due).await,
                None => self.changed.notified().await,
            }
        }
    }
}

/// Executor for HTTP/2 stream tasks, with a [`Progress`] for each. Dropping a stream resets it.
#[derive(Debug, Clone)]
pub(super) struct StreamExecutor(pub(super) MinTransferRate, pub(super) Arc<FairScheduler>);

impl<F> Executor<F> for StreamExecutor
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let (progress, pace) = (Arc::new(Progress::default()), self.0);
        let watched = Arc::clone(&progress);
        tokio::spawn(self.1.schedule(STREAM.scope(progress, async move {
            tokio::select! {
                _ = stream => {}
                () = watched.wait_until_overdue(pace) => tracing::debug!("a client reads a response too slowly; its stream is reset"),
            }
        })));
    }
}

/// A body that is split into small chunks and counted. `guard` is dropped with it.
pub(super) struct MeteredBody<G> {
    body: Body,
    remaining: Bytes,
    progress: Option<(Arc<Progress>, usize)>,
    _guard: G,
}

impl<G> MeteredBody<G> {
    /// The body of a response that begins now. Its progress is that of the current HTTP/2 stream,
    /// else that of `connection`.
    pub(super) fn new(body: Body, connection: &Arc<Progress>, guard: G) -> Self {
        let progress = STREAM.try_with(|stream| (Arc::clone(stream), MAX_STREAM_CHUNK_BYTES));
        let (progress, chunk) =
            progress.unwrap_or_else(|_| (Arc::clone(connection), MAX_CHUNK_BYTES));
        progress.start();
        Self { body, remaining: Bytes::new(), progress: Some((progress, chunk)), _guard: guard }
    }

    /// A body without a minimum rate.
    pub(super) fn unmetered(body: Body, guard: G) -> Self {
        Self { body, remaining: Bytes::new(), progress: None, _guard: guard }
    }
}

impl<G: Unpin> HttpBody for MeteredBody<G> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if this.remaining.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => this.remaining = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                other => return Poll::Ready(other),
            }
        }
        let Some((progress, chunk)) = &this.progress else {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut this.remaining)))));
        };
        let part = this.remaining.split_to(this.remaining.len().min(*chunk));
        progress
            .bytes_taken
            .fetch_add(u64::try_from(part.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (body, rest) =
            (self.body.size_hint(), u64::try_from(self.remaining.len()).unwrap_or(u64::MAX));
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower().saturating_add(rest));
        if let Some(upper) = body.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    #[tokio::test]
    async fn deadline_grows_with_bytes_taken() {
        let pace = MinTransferRate { grace: Duration::from_mins(1), bytes_per_second: 1_000 };
        let progress = Arc::new(Progress::default());
        assert_eq!(progress.due(pace), None, "nothing has begun");
        let mut body = MeteredBody::new(Body::from(vec![0; MAX_CHUNK_BYTES + 1]), &progress, ());
        let at_first = progress.due(pace).unwrap();
        body.frame().await.unwrap().unwrap();
        assert_eq!(
            progress.due(pace).unwrap() - at_first,
            Duration::from_secs(65),
            "64 kB were taken"
        );
        body.frame().await.unwrap().unwrap();
        progress.start();
        assert!(
            progress.due(pace).unwrap() - at_first < Duration::from_secs(65),
            "the next response starts again"
        );
        progress.end();
        assert_eq!(progress.due(pace), None);
    }

    #[tokio::test]
    async fn overdue_resolves_only_after_response_begins() {
        let progress = Arc::new(Progress::default());
        let pace = MinTransferRate { grace: Duration::from_millis(1), bytes_per_second: 1 };
        let watched = Arc::clone(&progress);
        let overdue = tokio::spawn(async move { watched.wait_until_overdue(pace).await });
        tokio::task::yield_now().await;
        assert!(!overdue.is_finished());
        progress.start();
        overdue.await.unwrap();
    }

    /// The sizes of the chunks; asserts that together they are `text`.
    async fn parts(text: &[u8]) -> Vec<usize> {
        let mut body = MeteredBody::new(Body::from(text.to_vec()), &Arc::default(), ());
        let (mut sizes, mut received) = (Vec::new(), Vec::new());
        while !body.is_end_stream() {
            assert_eq!(body.size_hint().exact(), Some((text.len() - received.len()) as u64));
            let data = body.frame().await.unwrap().unwrap().into_data().unwrap();
            sizes.push(data.len());
            received.extend_from_slice(&data);
        }
        assert_eq!(received, text);
        sizes
    }

    #[tokio::test]
    async fn body_is_split_without_loss() {
        let text: Vec<u8> = (0..80_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        assert_eq!(parts(&text).await, [65_536, 14_464]);
        let stream = STREAM.scope(Arc::default(), async { parts(&text).await });
        assert_eq!(stream.await, [16_384, 16_384, 16_384, 16_384, 14_464]);
        let mut whole = MeteredBody::unmetered(Body::from(text), ());
        assert_eq!(whole.frame().await.unwrap().unwrap().into_data().unwrap().len(), 80_000);
    }
}
