//! The session of one polling client: a task that lives between its requests, and the queue for the
//! next poll.
//!
//! A session that isn't polled is ended, and so is one whose queue is full. Must not depend on
//! HTTP.

use crate::{
    sdk::socket::{MAX_FRAME_BYTES, frame::OutgoingFrame, peer::SocketClient},
    sockets::{CommandBudget, ConnectionSlot},
};
use belfry_app::events::HubConnectionEvent;
use belfry_domain::{Digest, channel::ChannelToken};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, sleep_until},
};

/// Maximum sessions of all clients.
const MAX_SESSIONS: usize = 5_000;
/// Received frames of one client that may wait to be processed.
const MAX_QUEUED_FRAMES: usize = 64;
/// Frames of one client that may wait for a poll.
const MAX_QUEUED_MESSAGES: usize = 1_024;
/// Bytes of one client's frames that may wait for a poll; a single frame may exceed it.
const MAX_QUEUED_BYTES: usize = 2 * 1_024 * 1_024;
/// Bytes of all clients' frames that may wait for polls.
const MAX_TOTAL_QUEUED_BYTES: usize = 64 * 1_024 * 1_024;

/// The sessions of all clients, by the digest of their token.
#[derive(Clone, Default)]
pub(super) struct Sessions(Arc<SessionTable>);

#[derive(Default)]
struct SessionTable {
    sessions: Mutex<HashMap<Digest, Arc<Session>>>,
    queued_bytes: AtomicUsize,
}

/// The state that a client's requests share.
pub(super) struct Session {
    frames: mpsc::Sender<(String, OwnedSemaphorePermit)>,
    /// Permits for the bytes of received frames that wait to be processed.
    receive_permits: Arc<Semaphore>,
    sessions: Sessions,
    waiting: Mutex<OutgoingQueue>,
    frame_received: Notify,
}

struct OutgoingQueue {
    messages: Vec<String>,
    bytes: usize,
    polls: usize,
    last_poll_at: Instant,
    is_closed: bool,
}

/// The result of a poll.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Poll {
    Messages(Vec<String>),
    Ended,
}

/// Counts a poll until it is dropped.
struct PollGuard<'a>(&'a Session);

impl Drop for PollGuard<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.waiting();
        waiting.polls = waiting.polls.saturating_sub(1);
        waiting.last_poll_at = Instant::now();
    }
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Arc<Session>>> {
        self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the session with this token.
    pub(super) fn find(&self, token: &str) -> Option<Arc<Session>> {
        self.lock().get(&Digest::of(token)).cloned()
    }
}

impl Session {
    /// Opens a session, and returns the task that runs it. `None` if there are too many sessions.
    pub(super) fn open(
        sessions: &Sessions,
        token: &ChannelToken,
        peer: SocketClient,
        client: ConnectionSlot,
    ) -> Option<impl Future<Output = ()> + Send + 'static> {
        let (frames, received) = mpsc::channel(MAX_QUEUED_FRAMES);
        let waiting = OutgoingQueue {
            messages: Vec::new(),
            bytes: 0,
            polls: 0,
            last_poll_at: Instant::now(),
            is_closed: false,
        };
        let session = Arc::new(Self {
            frames,
            receive_permits: Arc::new(Semaphore::new(MAX_FRAME_BYTES)),
            sessions: sessions.clone(),
            waiting: Mutex::new(waiting),
            frame_received: Notify::new(),
        });
        let digest = token.digest();
        let mut all = sessions.lock();
        if all.len() >= MAX_SESSIONS {
            return None;
        }
        all.insert(digest, Arc::clone(&session));
        drop(all);
        let open = SessionGuard { sessions: sessions.clone(), digest, session };
        Some(async move {
            let mut peer = Box::new(peer);
            open.session.serve(&mut peer, received).await;
            drop(open);
            peer.leave_all().await;
            drop(client);
        })
    }

    fn waiting(&self) -> MutexGuard<'_, OutgoingQueue> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a frame from the client; `false` if the session has ended.
    pub(super) async fn send(&self, frame: String) -> bool {
        let bytes = u32::try_from(frame.len().min(MAX_FRAME_BYTES)).unwrap_or(u32::MAX);
        let Ok(room) = Arc::clone(&self.receive_permits).acquire_many_owned(bytes).await else {
            return false;
        };
        self.frames.send((frame, room)).await.is_ok()
    }

    /// Takes the frames since the last poll, or waits for the next ones.
    pub(super) async fn poll(&self) -> Poll {
        self.waiting().polls += 1;
        let _polling = PollGuard(self);
        loop {
            let arrived = self.frame_received.notified();
            {
                let mut waiting = self.waiting();
                if !waiting.messages.is_empty() {
                    self.sessions
                        .0
                        .queued_bytes
                        .fetch_sub(std::mem::take(&mut waiting.bytes), Ordering::AcqRel);
                    return Poll::Messages(std::mem::take(&mut waiting.messages));
                }
                if waiting.is_closed {
                    return Poll::Ended;
                }
            }
            arrived.await;
        }
    }

    /// Queues frames for the next poll; `false` if the queue is full.
    fn queue_frames(&self, messages: Vec<OutgoingFrame>) -> bool {
        let mut waiting = self.waiting();
        for message in messages {
            let text = message.into_text();
            let fits =
                waiting.messages.is_empty() || waiting.bytes + text.len() <= MAX_QUEUED_BYTES;
            if !fits || waiting.messages.len() >= MAX_QUEUED_MESSAGES {
                return false;
            }
            waiting.bytes += text.len();
            if self.sessions.0.queued_bytes.fetch_add(text.len(), Ordering::AcqRel) + text.len()
                > MAX_TOTAL_QUEUED_BYTES
            {
                return false;
            }
            waiting.messages.push(text);
        }
        drop(waiting);
        self.frame_received.notify_one();
        true
    }

    fn is_idle(&self, longest: Duration) -> bool {
        let waiting = self.waiting();
        waiting.polls == 0 && waiting.last_poll_at.elapsed() >= longest
    }

    async fn serve(
        &self,
        peer: &mut SocketClient,
        mut frames: mpsc::Receiver<(String, OwnedSemaphorePermit)>,
    ) {
        // Half of a socket's timeout, because an active client polls all the time.
        let idle = peer.state.limits.idle / 2;
        let mut budget = CommandBudget::new(peer.state.limits.messages, Instant::now());
        loop {
            let ready_at = budget.ready_at();
            let is_ready = ready_at <= Instant::now();
            let messages = tokio::select! {
                biased;
                event = peer.hub_connection.next() => match event {
                    HubConnectionEvent::Delivery(delivery) => peer.on_hub_event(delivery).await,
                    HubConnectionEvent::Heartbeat if self.is_idle(idle) => return,
                    HubConnectionEvent::Heartbeat => peer.on_heartbeat().await,
                    HubConnectionEvent::Closing | HubConnectionEvent::TooSlow => return,
                },
                frame = frames.recv(), if is_ready => {
                    let Some((frame, _room)) = frame else { return };
                    budget.spend(Instant::now());
                    let Ok(messages) = peer.receive(&frame).await else { return };
                    messages
                }
                () = sleep_until(ready_at), if !is_ready => continue,
            };
            if !messages.is_empty() && !self.queue_frames(messages) {
                return;
            }
        }
    }
}

/// Removes and ends the session when dropped.
struct SessionGuard {
    sessions: Sessions,
    digest: Digest,
    session: Arc<Session>,
}

impl Drop for SessionGuard {
    fn drop(&mut self) {
        self.sessions.lock().remove(&self.digest);
        let mut waiting = self.session.waiting();
        waiting.is_closed = true;
        // Frames that are dropped here are no longer counted.
        waiting.messages = Vec::new();
        self.sessions
            .0
            .queued_bytes
            .fetch_sub(std::mem::take(&mut waiting.bytes), Ordering::AcqRel);
        drop(waiting);
        self.session.frame_received.notify_waiters();
        self.session.frame_received.notify_one();
    }
}
