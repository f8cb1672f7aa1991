//! One connection: HTTP/1.1 or HTTP/2 with limits on everything that a client may take its time for.
//!
//! `axum::serve` has none of these; a client that sends half a request would stay for ever.

use super::{
    Limits,
    detached::{self, Detached},
    proxy::Proxies,
    reclaim::Place,
    stall::Impatient,
};
use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{ConnectInfo, Request},
    http::{Method, Version},
    response::Response,
};
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulConnection},
};
use std::{
    convert::Infallible,
    fmt::Display,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
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

/// Makes connections of accepted sockets.
#[derive(Clone)]
pub(super) struct Protocol {
    builder: Builder<TokioExecutor>,
    limits: Limits,
    proxies: Arc<Proxies>,
}

impl Protocol {
    pub(super) fn new(limits: Limits, proxies: Proxies) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head)
            .max_buf_size(limits.head_bytes.max(8_192))
            .max_headers(limits.headers);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING);
        Self { builder, limits, proxies: Arc::new(proxies) }
    }

    /// Serves one socket until it ends, or `stop` says to finish what was begun, or `abort` to drop it. A response that outlives its
    /// request by far goes on in a task of its own, which `tasks` counts as well.
    pub(super) async fn serve(
        self,
        socket: TcpStream,
        peer: SocketAddr,
        router: Router,
        tasks: TaskTracker,
        stop: CancellationToken,
        abort: CancellationToken,
    ) {
        // A small answer should not wait for the acknowledgement of the one before.
        let _ = socket.set_nodelay(true);
        let (socket, place) = Place::lend(Impatient::new(socket, self.limits.stall));
        let response = {
            let activity = Arc::new(Activity::default());
            let observed = Arc::clone(&activity);
            let proxies = Arc::clone(&self.proxies);
            let place = Arc::clone(&place);
            let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                let guard = InFlight::begin(&observed);
                let client = proxies.client(peer, request.headers());
                // What follows on the connection would be lost, so nothing may follow that is known of.
                let may_detach = request.method() == Method::GET && request.version() == Version::HTTP_11 && request.body().is_end_stream();
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(client));
                let router = router.clone();
                let (observed, place) = (Arc::clone(&observed), Arc::clone(&place));
                async move {
                    let response: Response = router.oneshot(request).await.unwrap_or_else(|never: Infallible| match never {});
                    if may_detach && detached::is_event_stream(&response) && !place.is_writing() {
                        observed.detach(response);
                        // The connection is dropped now, and this with it.
                        return std::future::pending().await;
                    }
                    Ok::<_, Infallible>(response.map(|body| Watched { body, _guard: guard }))
                }
            });
            let connection = pin!(self.builder.serve_connection(TokioIo::new(socket), service));
            let Some(response) = self.attend(connection, &activity, &stop, &abort).await else { return };
            response
        };
        // Hyper has let go of the socket at the end of the block above.
        if let Some(socket) = place.reclaim() {
            tasks.spawn(abort.run_until_cancelled_owned(Detached::new(socket, response)));
        }
    }

    /// Drives a connection. Returns a response that is to be written without it, if it comes to that.
    async fn attend<C: GracefulConnection<Error: Display>>(
        &self,
        mut connection: Pin<&mut C>,
        activity: &Activity,
        stop: &CancellationToken,
        abort: &CancellationToken,
    ) -> Option<Response> {
        // The first request has as long as any head; this also ends connections that never say which protocol they speak.
        let mut deadline = pin!(sleep(self.limits.head));
        let mut armed = true;
        let mut leaving = false;
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
                        deadline.as_mut().reset(Instant::now() + self.limits.idle);
                    }
                }
                () = deadline.as_mut(), if armed => {
                    if leaving || activity.served.load(Ordering::Acquire) == 0 {
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
    served: AtomicUsize,
    changed: Notify,
    detached: Mutex<Option<Response>>,
}

impl Activity {
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
struct InFlight(Arc<Activity>);

impl InFlight {
    fn begin(activity: &Arc<Activity>) -> Self {
        activity.open.fetch_add(1, Ordering::AcqRel);
        activity.served.fetch_add(1, Ordering::AcqRel);
        activity.changed.notify_one();
        Self(Arc::clone(activity))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::AcqRel);
        self.0.changed.notify_one();
    }
}

/// An answer's body that says when it is over.
struct Watched {
    body: Body,
    _guard: InFlight,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
