//! Serves one connection: HTTP/1.1 or HTTP/2, with limits and timeouts for everything that a client
//! can delay. Called by [`super::run`].
//!
//! `axum::serve` has no such limits: a client that sends half a request would hold its connection
//! indefinitely.

use super::{
    Limits,
    admission::Permit,
    detached::{self, Detached},
    error_response::error_response,
    progress::{MeteredBody, Progress, StreamExecutor},
    proxy::TrustedProxies,
    reclaim::SocketSlot,
    write_timeout::WriteTimeout,
};
use axum::{
    Router,
    body::{Body, HttpBody as _},
    extract::{ConnectInfo, Request},
    http::{HeaderValue, Method, StatusCode, Version, header},
    response::Response,
};
use belfry_runtime::fair_scheduler::FairScheduler;
use belfry_web::upgrade::ConnectionHandle;
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

/// Maximum time to close a connection.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// While the server stops, the time in which the first request of a new connection must arrive.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(1);
/// Interval of HTTP/2 keep-alive pings.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// Maximum bytes of an HTTP/2 response that are buffered besides the body itself.
const SEND_BUFFER_BYTES: usize = 32 * 1024;
/// Responses below this size don't count against a client's limit of unsent bytes.
const MIN_COUNTED_BYTES: u64 = 16 * 1024;

/// Serves accepted sockets.
#[derive(Clone)]
pub(super) struct Protocol {
    builder: Builder<StreamExecutor>,
    limits: Limits,
    proxies: Arc<TrustedProxies>,
    router: Router,
    scheduler: Arc<FairScheduler>,
}

impl Protocol {
    pub(super) fn new(limits: Limits, proxies: TrustedProxies, router: Router) -> Self {
        let scheduler = Arc::new(FairScheduler::default());
        let mut builder =
            Builder::new(StreamExecutor(limits.min_transfer_rate(), Arc::clone(&scheduler)));
        builder
            .http1()
            .timer(TokioTimer::new())
            // Hyper counts the idle time before a request as part of its head; the deadlines below
            // separate the two.
            .header_read_timeout(limits.head_timeout.max(limits.idle_timeout) + CLOSE_TIMEOUT)
            .max_buf_size(limits.max_head_bytes.max(8_192))
            .max_headers(limits.max_headers);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.max_streams)
            .max_send_buf_size(SEND_BUFFER_BYTES)
            .max_header_list_size(u32::try_from(limits.max_head_bytes).unwrap_or(u32::MAX))
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_INTERVAL);
        Self { builder, limits, proxies: Arc::new(proxies), router, scheduler }
    }

    /// Serves one socket until it ends. `stop` finishes what has begun, `abort` drops the
    /// connection. A detached response continues in a task of its own, which `tasks` tracks as
    /// well.
    pub(super) async fn serve(
        self,
        socket: TcpStream,
        peer: SocketAddr,
        permit: Permit,
        tasks: TaskTracker,
        stop: CancellationToken,
        abort: CancellationToken,
    ) {
        // A small response should not wait for the acknowledgement of the previous one.
        let _ = socket.set_nodelay(true);
        let permit = Arc::new(permit);
        let (socket, place) =
            SocketSlot::wrap(WriteTimeout::new(socket, self.limits.stall_timeout));
        let response = {
            let activity = Arc::new(Activity {
                has_received: Arc::clone(place.has_received()),
                ..Activity::default()
            });
            let observed = Arc::clone(&activity);
            let proxies = Arc::clone(&self.proxies);
            let router = self.router.clone();
            let lent = Arc::clone(&place);
            let permit = Arc::clone(&permit);
            let upgrades = (tasks.clone(), abort.clone(), Arc::clone(&self.scheduler));
            let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                let mut guard = InFlight::begin(&observed, &permit);
                if request.version() == Version::HTTP_2 {
                    observed.is_multiplexed.store(true, Ordering::Release);
                }
                let client = proxies.client(peer, request.headers());
                // Later requests on the connection would be lost, so none may have been received
                // yet.
                let may_detach = request.method() == Method::GET
                    && request.version() == Version::HTTP_11
                    && request.body().is_end_stream();
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(client));
                if request.headers().contains_key(header::UPGRADE) {
                    let (tasks, abort, turns) = upgrades.clone();
                    // An upgraded connection still counts as a connection.
                    request.extensions_mut().insert(ConnectionHandle::new(
                        tasks,
                        abort,
                        turns,
                        Arc::clone(&permit),
                    ));
                }
                let router = router.clone();
                let (observed, place) = (Arc::clone(&observed), Arc::clone(&lent));
                async move {
                    let response: Response = router
                        .oneshot(request)
                        .await
                        .unwrap_or_else(|never: Infallible| match never {});
                    if may_detach && detached::is_event_stream(&response) && !place.is_writing() {
                        observed.detach(response);
                        // The connection is dropped now, and this future with it.
                        return std::future::pending().await;
                    }
                    if detached::is_event_stream(&response) {
                        return Ok(response.map(|body| MeteredBody::unmetered(body, guard)));
                    }
                    let response = guard.reserve(response);
                    Ok::<_, Infallible>(
                        response.map(|body| MeteredBody::new(body, &observed.progress, guard)),
                    )
                }
            });
            let connection =
                pin!(self.builder.serve_connection_with_upgrades(TokioIo::new(socket), service));
            let attended =
                self.scheduler.schedule(self.drive(connection, &activity, &place, &stop, &abort));
            let Some(response) = attended.await else { return };
            response
        };
        // Hyper released the socket at the end of the block above.
        if let Some(socket) = place.reclaim() {
            tasks.spawn(async move {
                // The stream still counts as a connection.
                let _permit = permit;
                abort.run_until_cancelled_owned(Detached::new(socket, response)).await
            });
        }
    }

    /// Drives a connection. Returns a response that is to be written without hyper, if there is
    /// one.
    async fn drive<C: GracefulConnection<Error: Display>, S>(
        &self,
        mut connection: Pin<&mut C>,
        activity: &Activity,
        place: &SocketSlot<S>,
        stop: &CancellationToken,
        abort: &CancellationToken,
    ) -> Option<Response> {
        // The first request has the time of any head; this also ends connections that never select
        // a protocol.
        let mut deadline = pin!(sleep(self.limits.head_timeout));
        let mut armed = true;
        let mut leaving = false;
        let mut stopping = false;
        // Whether the deadline covers a request in progress, rather than idle time.
        let mut begun = true;
        // Over HTTP/2 each stream has its own progress, and this one never begins.
        let mut overdue =
            pin!(activity.progress.wait_until_overdue(self.limits.min_transfer_rate()));
        loop {
            tokio::select! {
                outcome = connection.as_mut() => {
                    if let Err(error) = outcome {
                        tracing::debug!(%error, "a connection ended with an error");
                    }
                    return None;
                }
                () = abort.cancelled() => return None,
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    if activity.is_new() {
                        // Its first request may have been sent already. The client could not tell
                        // whether it was executed, so it is answered.
                        deadline.as_mut().reset(Instant::now() + FIRST_REQUEST_TIMEOUT);
                    } else if !leaving {
                        leaving = true;
                        armed = false;
                        connection.as_mut().graceful_shutdown();
                    }
                }
                () = activity.changed.notified() => {
                    if let Some(response) = activity.take_detached() {
                        return Some(response);
                    }
                    if stopping && !leaving {
                        leaving = true;
                        armed = false;
                        connection.as_mut().graceful_shutdown();
                    }
                    if !leaving {
                        armed = activity.open_requests.load(Ordering::Acquire) == 0;
                        begun = activity.has_begun();
                        deadline.as_mut().reset(Instant::now() + if begun { self.limits.head_timeout } else { self.limits.idle_timeout });
                    }
                }
                () = place.wait_for_bytes(), if armed && !leaving && !begun => {
                    begun = activity.has_begun();
                    if begun {
                        deadline.as_mut().reset(Instant::now() + self.limits.head_timeout);
                    }
                }
                () = overdue.as_mut() => {
                    if activity.open_requests.load(Ordering::Acquire) != 0 || place.is_writing() {
                        tracing::debug!("a client reads a response too slowly; its connection is closed");
                        return None;
                    }
                    activity.progress.end();
                    overdue.set(activity.progress.wait_until_overdue(self.limits.min_transfer_rate()));
                }
                () = deadline.as_mut(), if armed => {
                    if leaving || begun {
                        return None;
                    }
                    leaving = true;
                    deadline.as_mut().reset(Instant::now() + CLOSE_TIMEOUT);
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

/// State of a connection, shared with its requests.
#[derive(Default)]
struct Activity {
    open_requests: AtomicUsize,
    /// Whether it uses HTTP/2.
    is_multiplexed: AtomicBool,
    /// Whether a request has begun on the connection.
    has_had_request: AtomicBool,
    /// Whether bytes were received since the last response.
    has_received: Arc<AtomicBool>,
    changed: Notify,
    /// Progress of the current response, over HTTP/1.
    progress: Arc<Progress>,
    detached_response: Mutex<Option<Response>>,
}

impl Activity {
    /// Whether no request has begun yet.
    fn is_new(&self) -> bool {
        !self.has_had_request.load(Ordering::Acquire)
    }

    /// Whether a request has begun that hyper has not parsed yet. Over HTTP/2 the received bytes
    /// may be anything.
    fn has_begun(&self) -> bool {
        !self.is_multiplexed.load(Ordering::Acquire) && self.has_received.load(Ordering::Acquire)
    }

    /// Hands over a response that is to be written without hyper.
    fn detach(&self, response: Response) {
        *self.detached_response.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
        self.changed.notify_one();
    }

    fn take_detached(&self) -> Option<Response> {
        self.detached_response.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A request whose response is not complete.
struct InFlight {
    activity: Arc<Activity>,
    permit: Arc<Permit>,
    reserved: usize,
}

impl InFlight {
    fn begin(activity: &Arc<Activity>, permit: &Arc<Permit>) -> Self {
        activity.open_requests.fetch_add(1, Ordering::AcqRel);
        activity.has_had_request.store(true, Ordering::Release);
        activity.changed.notify_one();
        // The previous response is complete, and this one has not begun.
        activity.progress.end();
        Self { activity: Arc::clone(activity), permit: Arc::clone(permit), reserved: 0 }
    }

    /// Reserves the size of the response, or replaces it by an error if the client has too many
    /// unsent bytes.
    fn reserve(&mut self, response: Response) -> Response {
        let size = response.body().size_hint().lower();
        if size <= MIN_COUNTED_BYTES {
            return response;
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if self.permit.reserve(size) {
            self.reserved = size;
            return response;
        }
        let mut refused = error_response(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many unread responses on this address; read those first",
        );
        refused.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        refused
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.permit.release(self.reserved);
        // Here, because the next request may be read before the end of the response is noticed.
        self.activity.has_received.store(false, Ordering::Release);
        self.activity.open_requests.fetch_sub(1, Ordering::AcqRel);
        self.activity.changed.notify_one();
    }
}
