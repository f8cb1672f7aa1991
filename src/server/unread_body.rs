//! What a handler left unread of a request's body is read here, so that the connection can be used
//! again.
//!
//! hyper closes a connection after the response if the body has not arrived by then, and the
//! response does not say so: a client that writes head and body apart, and a proxy that keeps
//! connections, send the next request into the closing connection and get no answer. A body that is
//! large, late or withheld is not waited for; then the response says `connection: close`.
//!
//! Must not depend on routes. Called by [`super::middleware`].

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderValue, Version, header},
    middleware::Next,
    response::Response,
};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{sync::oneshot, time::timeout};

/// The most that is read of an unread body, in bytes.
const MAX_BYTES: usize = 64 * 1_024;
/// The longest time to wait for the rest of a body.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// Answers a request, and reads what is left of its body.
pub(super) async fn finish(request: Request, next: Next) -> Response {
    // A stream of HTTP/2 ends without its connection.
    if request.body().is_end_stream() || request.version() > Version::HTTP_11 {
        return next.run(request).await;
    }
    // Such a client sends its body only when it is told to continue.
    let is_withheld = request.headers().contains_key(header::EXPECT);
    let (unread, mut returned) = oneshot::channel();
    let request = request.map(|body| Body::new(ReturnedBody { parts: Some((body, unread)) }));
    let mut response = next.run(request).await;
    if let Ok(body) = returned.try_recv()
        && (is_withheld || !is_finished(body).await)
    {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Reads the rest of a body. `false` when it is too large, too late or broken.
async fn is_finished(body: Body) -> bool {
    if usize::try_from(body.size_hint().lower()).is_ok_and(|bytes| bytes <= MAX_BYTES) {
        let rest = Limited::new(body, MAX_BYTES).collect();
        timeout(MAX_WAIT, rest).await.is_ok_and(|read| read.is_ok())
    } else {
        false
    }
}

/// A body that is returned when it is dropped before its end.
struct ReturnedBody {
    /// The body and where it is returned; `None` after its end.
    parts: Option<(Body, oneshot::Sender<Body>)>,
}

impl HttpBody for ReturnedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some((body, _)) = &mut self.parts else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.parts = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.parts.as_ref().is_none_or(|(body, _)| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.parts.as_ref().map_or_else(|| SizeHint::with_exact(0), |(body, _)| body.size_hint())
    }
}

impl Drop for ReturnedBody {
    fn drop(&mut self) {
        if let Some((body, unread)) = self.parts.take()
            && !body.is_end_stream()
        {
            // Nobody takes it when the request was cancelled.
            drop(unread.send(body));
        }
    }
}
