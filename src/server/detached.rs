//! Writes a long-lived response, such as an event stream, after hyper has released the socket.
//!
//! An idle stream needs no request parser, no 8 kB read buffer and no write buffer. When a handler
//! answers an HTTP/1.1 request with `text/event-stream`, the connection takes its socket back,
//! drops hyper's state and hands over to a task of a few hundred bytes, which writes the head, the
//! body in chunks (RFC 9112, section 7.1), and `connection: close`.
//!
//! Must not depend on the content of the stream. Called by [`super::connection`].

use super::write_timeout::WriteTimeout;
use axum::{
    body::{Body, HttpBody as _},
    http::{HeaderMap, HeaderValue, header, response},
    response::Response,
};
use bytes::{Buf as _, Bytes, buf::Chain};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::SystemTime,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Ends a chunk.
const CRLF: &[u8] = b"\r\n";
/// The zero-length chunk that ends a body.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Whether this module writes a response, if its connection allows it.
pub(super) fn is_event_stream(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes() == b"text/event-stream")
}

/// A chunk being written: its size (for the first one preceded by the head), its data, its end.
type Chunk = Chain<Chain<Bytes, Bytes>, &'static [u8]>;

/// A response with its socket. Resolves when the response has ended or the client has disconnected.
pub(super) struct Detached<S> {
    socket: WriteTimeout<S>,
    body: Body,
    chunk: Option<Chunk>,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The body continues; the client sends nothing, as expected.
    Reading,
    /// The body continues. The client has sent further requests, which are not read.
    NotReading,
    /// The body has ended and is being flushed.
    Ended,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Detached<S> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the `Date` header is the machine's time, as the HTTP library writes it"
    )]
    pub(super) fn new(socket: WriteTimeout<S>, response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let head = head(&parts, SystemTime::now());
        Self {
            socket,
            body,
            chunk: Some(head.chain(Bytes::new()).chain(b"")),
            stage: Stage::Reading,
        }
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(chunk) = &mut self.chunk else { return Poll::Ready(Ok(())) };
        while chunk.has_remaining() {
            let mut parts = [IoSlice::new(&[]); 3];
            let count = chunk.chunks_vectored(&mut parts);
            let written = ready!(
                Pin::new(&mut self.socket)
                    .poll_write_vectored(context, parts.get(..count).unwrap_or_default())
            )?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            chunk.advance(written);
        }
        self.chunk = None;
        Poll::Ready(Ok(()))
    }

    /// Waits for the client to close. Closing only one direction counts as closed, as elsewhere in
    /// this server.
    fn poll_closed(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.stage == Stage::Reading {
            let mut bytes = [0; 16];
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.socket).poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.stage = Stage::NotReading;
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for Detached<S> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            ready!(this.poll_chunk(context))?;
            if this.stage == Stage::Ended {
                return Pin::new(&mut this.socket).poll_shutdown(context);
            }
            match Pin::new(&mut this.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => this.chunk = frame.into_data().ok().and_then(chunk),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(io::Error::other(error))),
                Poll::Ready(None) => {
                    // Release what the body holds now, however long the client takes for the rest.
                    this.body = Body::empty();
                    this.chunk = Some(Bytes::new().chain(Bytes::new()).chain(LAST_CHUNK));
                    this.stage = Stage::Ended;
                }
                Poll::Pending => return this.poll_closed(context),
            }
        }
    }
}

/// `None` for empty data: an empty chunk would end the body.
fn chunk(data: Bytes) -> Option<Chunk> {
    (!data.is_empty()).then(|| Bytes::from(format!("{:x}\r\n", data.len())).chain(data).chain(CRLF))
}

/// Serializes the head. Header names are lower case and values contain no line breaks, guaranteed
/// by their types.
fn head(parts: &response::Parts, now: SystemTime) -> Bytes {
    let mut head = Vec::with_capacity(1_024);
    head.extend_from_slice(b"HTTP/1.1 ");
    head.extend_from_slice(parts.status.as_str().as_bytes());
    head.push(b' ');
    head.extend_from_slice(parts.status.canonical_reason().unwrap_or_default().as_bytes());
    head.extend_from_slice(CRLF);
    let mut own = HeaderMap::with_capacity(3);
    own.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    own.insert(header::CONNECTION, HeaderValue::from_static("close"));
    if let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(now)) {
        own.insert(header::DATE, date);
    }
    // Only this module knows the length and the framing of the body.
    let others = parts
        .headers
        .iter()
        .filter(|(name, _)| !own.contains_key(*name) && *name != header::CONTENT_LENGTH);
    for (name, value) in others.chain(&own) {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(CRLF);
    }
    head.extend_from_slice(CRLF);
    head.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;
    use futures_util::{StreamExt as _, stream};
    use std::{convert::Infallible, time::Duration};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    const HOUR: Duration = Duration::from_hours(1);

    fn response(chunks: Vec<&'static str>, ends: bool) -> Response {
        let said = stream::iter(chunks)
            .map(|chunk| Ok::<_, Infallible>(Bytes::from_static(chunk.as_bytes())));
        let rest = if ends { stream::empty().boxed() } else { stream::pending().boxed() };
        (
            [("content-type", "text/event-stream"), ("content-length", "3")],
            Body::from_stream(said.chain(rest)),
        )
            .into_response()
    }

    fn detached(
        room: usize,
        chunks: Vec<&'static str>,
        ends: bool,
        timeout: Duration,
    ) -> (Detached<DuplexStream>, DuplexStream) {
        let (near, far) = duplex(room);
        (Detached::new(WriteTimeout::new(near, timeout), response(chunks, ends)), far)
    }

    #[tokio::test]
    async fn body_is_chunked_through_a_small_socket_buffer() {
        let (stream, mut far) =
            detached(5, vec!["data: 1\n\n", "", "data: twenty-two chars\n\n"], true, HOUR);
        let mut received = String::new();
        let (outcome, read) = tokio::join!(stream, far.read_to_string(&mut received));
        assert!(outcome.is_ok() && read.is_ok());
        let (head, body) = received.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        assert_eq!(lines.next(), Some("HTTP/1.1 200 OK"));
        let mut names: Vec<&str> = lines.map(|line| line.split_once(": ").unwrap().0).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["connection", "content-type", "date", "transfer-encoding"],
            "and no length beside it"
        );
        assert_eq!(body, "9\r\ndata: 1\n\n\r\n18\r\ndata: twenty-two chars\n\n\r\n0\r\n\r\n");
    }

    #[tokio::test]
    async fn client_that_closes_ends_the_response() {
        let (stream, far) = detached(4_096, vec!["data: 1\n\n"], false, HOUR);
        let read = async move {
            let mut far = far;
            far.read_exact(&mut [0; 64]).await
        };
        let (outcome, read) = tokio::join!(stream, read);
        assert!(outcome.is_ok() && read.is_ok());
    }

    #[tokio::test]
    async fn client_that_sends_more_still_receives_the_end() {
        let (stream, mut far) = detached(4_096, vec!["data: 1\n\n"], true, HOUR);
        far.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut received = String::new();
        let (outcome, read) = tokio::join!(stream, far.read_to_string(&mut received));
        assert!(outcome.is_ok() && read.is_ok());
        assert!(received.ends_with("0\r\n\r\n"));
    }

    #[tokio::test]
    async fn client_that_reads_nothing_is_dropped() {
        let (stream, far) = detached(4, vec!["data: 1\n\n"], false, Duration::from_millis(20));
        assert_eq!(stream.await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(far);
    }

    #[test]
    fn idle_response_is_small() {
        // The task's own bookkeeping comes on top. Each byte counts once per stream, with ten
        // thousand streams.
        assert!(
            size_of::<Detached<tokio::net::TcpStream>>() <= 208,
            "{}",
            size_of::<Detached<tokio::net::TcpStream>>()
        );
    }
}
