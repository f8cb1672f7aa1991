//! The body of an event stream: forwards the events of the hub that concern the reader, and sends
//! heartbeats between them. Must not depend on how a stream is opened.

use super::{encoding::EventEncoder, frames, reader::StreamReader};
use crate::WidgetState;
use belfry_app::events::{SharedEvent, Subscription};
use belfry_domain::{ContactId, InboxEvent, SiteId, Version};
use bytes::Bytes;
use futures_util::{Stream, future::BoxFuture};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep};

/// Interval of heartbeats. Proxies close silent streams; this is below the shortest usual timeout.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(15);
/// Maximum age of a stream. The reader reconnects at once and proves the session again.
const MAX_STREAM_AGE: Duration = Duration::from_mins(30);

/// The body of the response. A hand-written `Stream` rather than an `async` block, because
/// thousands of them wait, and such a block would reserve memory for each of its steps.
pub(super) struct EventStream {
    encoder: EventEncoder,
    reader: StreamReader,
    subscription: Subscription,
    greeting: Option<Bytes>,
    /// Version of the last forwarded change.
    version: Version,
    /// The version that the greeting states: the reader has everything up to it, or fetches it.
    greeted: Version,
    /// Time of the next heartbeat, or of the end.
    timer: Pin<Box<Sleep>>,
    expires_at: Instant,
    /// A running reload of the reader, with the event to forward after it.
    lookup: Option<ReaderLookup>,
    is_over: bool,
}

/// A reload of the reader, with the event to forward after it; `None` if it failed.
type ReaderLookup = BoxFuture<'static, Option<(StreamReader, Arc<SharedEvent>)>>;

impl Stream for EventStream {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(context).map(|event| event.map(Ok))
    }
}

impl EventStream {
    /// A stream that begins with the greeting, which states the version.
    pub(super) fn new(
        encoder: EventEncoder,
        reader: StreamReader,
        subscription: Subscription,
        greeting: String,
        version: Version,
    ) -> Self {
        Self {
            encoder,
            reader,
            subscription,
            greeting: Some(greeting.into()),
            version,
            greeted: version,
            timer: Box::pin(sleep(HEARTBEAT_INTERVAL)),
            expires_at: Instant::now() + MAX_STREAM_AGE,
            lookup: None,
            is_over: false,
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(greeting) = self.greeting.take() {
            return Poll::Ready(Some(greeting));
        }
        if self.is_over {
            return Poll::Ready(None);
        }
        loop {
            if let Some(looking) = &mut self.lookup {
                let found = ready!(looking.as_mut().poll(context));
                self.lookup = None;
                // The stream ends on a failed lookup, and the reader reconnects.
                let Some((reader, shared)) = found else { return Poll::Ready(None) };
                self.reader = reader;
                return Poll::Ready(Some(self.forward(&shared)));
            }
            match self.subscription.poll_next(context) {
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(shared)) if !self.is_concerned(&shared.event) => {}
                Poll::Ready(Some(shared))
                    if matches!(shared.event, InboxEvent::Invalidated { .. }) =>
                {
                    self.lookup = Some(Box::pin(load_reader(
                        self.encoder.state.clone(),
                        self.encoder.site.id,
                        self.reader.contact.contact.id,
                        shared,
                    )));
                }
                Poll::Ready(Some(shared)) => return Poll::Ready(Some(self.forward(&shared))),
                Poll::Pending => {
                    ready!(self.timer.as_mut().poll(context));
                    let now = Instant::now();
                    if now >= self.expires_at {
                        return Poll::Ready(None);
                    }
                    let next = (now + HEARTBEAT_INTERVAL).min(self.expires_at);
                    self.timer.as_mut().reset(next);
                    return Poll::Ready(Some(frames::heartbeat(self.version).into()));
                }
            }
        }
    }

    fn forward(&mut self, event: &SharedEvent) -> Bytes {
        self.is_over = matches!(
            event.event,
            InboxEvent::SessionsRevoked { .. } | InboxEvent::ExternalWrite { .. }
        );
        if let InboxEvent::MessagePublished { message, .. } = &event.event {
            let EventEncoder { state, site, .. } = &self.encoder;
            state.delivered(site.id, self.reader.contact.contact.id, message.position);
        }
        self.version = event.event.version().unwrap_or(self.version);
        self.encoder.encode(&self.reader, event)
    }

    fn is_concerned(&self, event: &InboxEvent) -> bool {
        let EventEncoder { state, site, .. } = &self.encoder;
        // What another process committed before the stream opened may arrive after it.
        if event.version().is_some_and(|version| version <= self.greeted) {
            return false;
        }
        self.reader.is_concerned(state, site, event)
    }
}

/// Loads the reader again, for the event that made this necessary.
async fn load_reader(
    state: WidgetState,
    site: SiteId,
    contact: ContactId,
    event: Arc<SharedEvent>,
) -> Option<(StreamReader, Arc<SharedEvent>)> {
    let reader = StreamReader::load(&state, site, contact).await.ok()?;
    Some((reader, event))
}
