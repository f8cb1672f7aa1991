//! One connection: HTTP/1.1 or HTTP/2 with limits on everything that a client may take its time for.
//!
//! `axum::serve` has none of these; a client that sends half a request would stay for ever.

use super::{
    Limits,
    admission::Permit,
    answer::refusal,
    detached::{self, Detached},
    progress::{Metered, Progress, StreamExecutor},
    proxy::Proxies,
    reclaim::Place,
    stall::Impatient,
};
use crate::{turns::Turns, web::upgrade::ConnectionHandle};
use axum::{
    Router,
    body::{Body, HttpBody as _},
    extract::{ConnectInfo, Request},
    http::{HeaderValue, Method, StatusCode, Version, header},
    response::Response,
};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulConnection},
};
use std::{
    convert::Infallible,
    fmt::Display,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::TcpStream,
    sync::Notify,
    time::{Instant, sleep},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// How long a connection may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(5);
/// Between two questions whether an HTTP/2 client is still there.
const PING: Duration = Duration::from_secs(20);
/// Most bytes that are kept of an HTTP/2 answer beside the body itself.
const SEND_BUFFER_BYTES: usize = 32 * 1024;
/// Answers below this size are not counted against what a client may leave untaken.
const SMALL_BYTES: u64 = 16 * 1024;

/// Makes connections of accepted sockets.
#[derive(Clone)]
pub(super) struct Protocol {
    builder: Builder<StreamExecutor>,
    limits: Limits,
    proxies: Arc<Proxies>,
    router: Router,
    turns: Arc<Turns>,
}

impl Protocol {
    pub(super) fn new(limits: Limits, proxies: Proxies, router: Router) -> Self {
        let turns = Arc::new(Turns::default());
        let mut builder = Builder::new(StreamExecutor(limits.pace(), Arc::clone(&turns)));
        builder
            .http1()
            .timer(TokioTimer::new())
            // The library counts the pause before a request as part of its head; what is below keeps the two apart.
            .header_read_timeout(limits.head.max(limits.idle) + GOODBYE)
            .max_buf_size(limits.head_bytes.max(8_192))
            .max_headers(limits.headers);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_send_buf_size(SEND_BUFFER_BYTES)
            .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING);
        Self { builder, limits, proxies: Arc::new(proxies), router, turns }
    }

    /// Serves one socket until it ends, or `stop` says to finish what was begun, or `abort` to drop it. A response that outlives its
    /// request by far goes on in a task of its own, which `tasks` counts as well.
    pub(super) async fn serve(
        self,
        socket: TcpStream,
        peer: SocketAddr,
        permit: Permit,
        tasks: TaskTracker,
        stop: CancellationToken,
        abort: CancellationToken,
    ) {
        // A small answer should not wait for the acknowledgement of the one before.
        let _ = socket.set_nodelay(true);
        let permit = Arc::new(permit);
        let (socket, place) = Place::lend(Impatient::new(socket, self.limits.stall));
        let response = {
            let activity = Arc::new(Activity { heard: Arc::clone(place.heard()), ..Activity::default() });
            let observed = Arc::clone(&activity);
            let proxies = Arc::clone(&self.proxies);
            let router = self.router.clone();
            let lent = Arc::clone(&place);
            let permit = Arc::clone(&permit);
            let upgrades = (tasks.clone(), abort.clone(), Arc::clone(&self.turns));
            let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                let mut guard = InFlight::begin(&observed, &permit);
                if request.version() == Version::HTTP_2 {
                    observed.multiplexed.store(true, Ordering::Release);
                }
                let client = proxies.client(peer, request.headers());
                // What follows on the connection would be lost, so nothing may follow that is known of.
                let may_detach = request.method() == Method::GET && request.version() == Version::HTTP_11 && request.body().is_end_stream();
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(client));
                if request.headers().contains_key(header::UPGRADE) {
                    let (tasks, abort, turns) = upgrades.clone();
                    // What the connection becomes is a connection like any other.
                    request.extensions_mut().insert(ConnectionHandle::new(tasks, abort, turns, Arc::clone(&permit)));
                }
                let router = router.clone();
                let (observed, place) = (Arc::clone(&observed), Arc::clone(&lent));
                async move {
                    let response: Response = router.oneshot(request).await.unwrap_or_else(|never: Infallible| match never {});
                    if may_detach && detached::is_event_stream(&response) && !place.is_writing() {
                        observed.detach(response);
                        // The connection is dropped now, and this with it.
                        return std::future::pending().await;
                    }
                    if detached::is_event_stream(&response) {
                        return Ok(response.map(|body| Metered::endless(body, guard)));
                    }
                    let response = guard.reserve(response);
                    Ok::<_, Infallible>(response.map(|body| Metered::begin(body, &observed.progress, guard)))
                }
            });
            let connection = pin!(self.builder.serve_connection_with_upgrades(TokioIo::new(socket), service));
            let attended = self.turns.take(self.attend(connection, &activity, &place, &stop, &abort));
            let Some(response) = attended.await else { return };
            response
        };
        // Hyper has let go of the socket at the end of the block above.
        if let Some(socket) = place.reclaim() {
            tasks.spawn(async move {
                // The stream is a connection like any other.
                let _permit = permit;
                abort.run_until_cancelled_owned(Detached::new(socket, response)).await
            });
        }
    }

    /// Drives a connection. Returns a response that is to be written without it, if it comes to that.
    async fn attend<C: GracefulConnection<Error: Display>, S>(
        &self,
        mut connection: Pin<&mut C>,
        activity: &Activity,
        place: &Place<S>,
        stop: &CancellationToken,
        abort: &CancellationToken,
    ) -> Option<Response> {
        // The first request has as long as any head; this also ends connections that never say which protocol they speak.
        let mut deadline = pin!(sleep(self.limits.head));
        let mut armed = true;
        let mut leaving = false;
        // Whether what the deadline ends is a request that was begun, rather than a pause.
        let mut begun = true;
        // Over HTTP/2 each stream has a progress of its own, and this one never begins.
        let mut overdue = pin!(activity.progress.overdue(self.limits.pace()));
        loop {
            tokio::select! {
                outcome = connection.as_mut() => {
                    if let Err(error) = outcome {
                        tracing::debug!(%error, "a connection ended with an error");
                    }
                    return None;
                }
                () = abort.cancelled() => return None,
                () = stop.cancelled(), if !leaving => {
                    leaving = true;
                    armed = false;
                    connection.as_mut().graceful_shutdown();
                }
                () = activity.changed.notified() => {
                    if let Some(response) = activity.detached() {
                        return Some(response);
                    }
                    if !leaving {
                        armed = activity.open.load(Ordering::Acquire) == 0;
                        begun = activity.begins();
                        deadline.as_mut().reset(Instant::now() + if begun { self.limits.head } else { self.limits.idle });
                    }
                }
                () = place.arrived(), if armed && !leaving && !begun => {
                    begun = activity.begins();
                    if begun {
                        deadline.as_mut().reset(Instant::now() + self.limits.head);
                    }
                }
                () = overdue.as_mut() => {
                    if activity.open.load(Ordering::Acquire) != 0 || place.is_writing() {
                        tracing::debug!("a client takes too little of an answer, and its connection is closed");
                        return None;
                    }
                    activity.progress.end();
                    overdue.set(activity.progress.overdue(self.limits.pace()));
                }
                () = deadline.as_mut(), if armed => {
                    if leaving || begun {
                        return None;
                    }
                    leaving = true;
                    deadline.as_mut().reset(Instant::now() + GOODBYE);
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

/// What is going on on a connection.
#[derive(Default)]
struct Activity {
    open: AtomicUsize,
    /// Whether it speaks HTTP/2.
    multiplexed: AtomicBool,
    /// Whether bytes have come since the last request was answered.
    heard: Arc<AtomicBool>,
    changed: Notify,
    /// Of the answer under way, over HTTP/1.
    progress: Arc<Progress>,
    detached: Mutex<Option<Response>>,
}

impl Activity {
    /// Whether a request that nobody has seen yet has begun. Over HTTP/2 what comes may be anything.
    fn begins(&self) -> bool {
        !self.multiplexed.load(Ordering::Acquire) && self.heard.load(Ordering::Acquire)
    }

    /// This response is to be written without the HTTP library.
    fn detach(&self, response: Response) {
        *self.detached.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
        self.changed.notify_one();
    }

    fn detached(&self) -> Option<Response> {
        self.detached.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A request that is not yet answered to its end.
struct InFlight {
    activity: Arc<Activity>,
    permit: Arc<Permit>,
    reserved: usize,
}

impl InFlight {
    fn begin(activity: &Arc<Activity>, permit: &Arc<Permit>) -> Self {
        activity.open.fetch_add(1, Ordering::AcqRel);
        activity.changed.notify_one();
        // The answer before has no more time to answer for, and this one has not begun.
        activity.progress.end();
        Self { activity: Arc::clone(activity), permit: Arc::clone(permit), reserved: 0 }
    }

    /// The response, or a refusal where its client leaves too much untaken already.
    fn reserve(&mut self, response: Response) -> Response {
        let size = response.body().size_hint().lower();
        if size <= SMALL_BYTES {
            return response;
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if self.permit.reserve(size) {
            self.reserved = size;
            return response;
        }
        let mut refused = refusal(StatusCode::SERVICE_UNAVAILABLE, "too many answers wait to be taken; read those first");
        refused.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        refused
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.permit.release(self.reserved);
        // Here, and not where it is noticed: the next request may be read in between.
        self.activity.heard.store(false, Ordering::Release);
        self.activity.open.fetch_sub(1, Ordering::AcqRel);
        self.activity.changed.notify_one();
    }
}
