//! `WebSockets` (RFC 6455): the handshake, and the task that serves a socket after hyper has
//! released it. Called by the surfaces with sockets.
//!
//! The server adds a [`ConnectionHandle`] to each request that asks for an upgrade, so that an
//! upgraded connection still counts, is awaited on shutdown, and shares CPU time fairly between
//! sites. Must not depend on what is sent over a socket.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header},
    response::Response,
};
use belfry_runtime::fair_scheduler::FairScheduler;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use std::{any::Any, sync::Arc};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::derive_accept_key,
        protocol::{Role, WebSocketConfig},
    },
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Read buffer; each open socket holds one.
const READ_BUFFER_BYTES: usize = 1_024;

/// A WebSocket to a client.
pub type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Keeps a connection alive and counted after its request was answered.
#[derive(Clone)]
pub struct ConnectionHandle(Arc<ConnectionResources>);

struct ConnectionResources {
    tasks: TaskTracker,
    abort: CancellationToken,
    scheduler: Arc<FairScheduler>,
    _permit: Box<dyn Any + Send + Sync>,
}

impl ConnectionHandle {
    /// A handle whose tasks are tracked by `tasks`, aborted by `abort`, and hold `permit` until
    /// they end.
    pub fn new(
        tasks: TaskTracker,
        abort: CancellationToken,
        scheduler: Arc<FairScheduler>,
        permit: impl Any + Send + Sync,
    ) -> Self {
        Self(Arc::new(ConnectionResources { tasks, abort, scheduler, _permit: Box::new(permit) }))
    }

    fn spawn(self, task: impl Future<Output = ()> + Send + 'static) {
        let (tasks, turns) = (self.0.tasks.clone(), Arc::clone(&self.0.scheduler));
        // Boxed, since otherwise each surrounding future would contain another copy of it.
        let task = Box::pin(task);
        tasks.spawn(turns.schedule(async move {
            self.0.abort.run_until_cancelled(task).await;
        }));
    }
}

/// A valid WebSocket handshake request.
pub struct WebSocketRequest {
    key: HeaderValue,
    protocols: Vec<String>,
    on_upgrade: OnUpgrade,
    connection: ConnectionHandle,
}

/// Why a request can't be upgraded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpgradeError {
    /// It is not a valid upgrade request.
    NotUpgrade,
    /// It requests another protocol version than 13.
    Version,
}

impl WebSocketRequest {
    /// Parses the handshake.
    pub fn parse(request: &mut Request) -> Result<Self, UpgradeError> {
        let headers = request.headers();
        let asks = request.method() == Method::GET
            && request.version() == Version::HTTP_11
            && contains_token(headers, &header::CONNECTION, "upgrade")
            && contains_token(headers, &header::UPGRADE, "websocket");
        let key = headers
            .get(header::SEC_WEBSOCKET_KEY)
            .filter(|_| asks)
            .cloned()
            .ok_or(UpgradeError::NotUpgrade)?;
        if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            return Err(UpgradeError::Version);
        }
        let protocols =
            list_values(headers, &header::SEC_WEBSOCKET_PROTOCOL).map(str::to_owned).collect();
        let extensions = request.extensions_mut();
        let (on_upgrade, connection) =
            (extensions.remove::<OnUpgrade>(), extensions.remove::<ConnectionHandle>());
        let (on_upgrade, connection) =
            on_upgrade.zip(connection).ok_or(UpgradeError::NotUpgrade)?;
        Ok(Self { key, protocols, on_upgrade, connection })
    }

    /// The subprotocols that the client offers.
    pub fn protocols(&self) -> &[String] {
        &self.protocols
    }

    /// Accepts the upgrade with this subprotocol if the client offers it, otherwise without one.
    /// `serve` gets the socket after the response was sent; messages have at most
    /// `max_message_bytes`.
    pub fn accept<F>(
        self,
        protocol: &'static str,
        max_message_bytes: usize,
        serve: impl FnOnce(Socket) -> F + Send + 'static,
    ) -> Response
    where
        F: Future<Output = ()> + Send,
    {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        if let Ok(accept) = HeaderValue::try_from(derive_accept_key(self.key.as_bytes())) {
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        }
        if self.protocols.iter().any(|offered| offered == protocol) {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(max_message_bytes))
            .max_frame_size(Some(max_message_bytes));
        let on_upgrade = self.on_upgrade;
        self.connection.spawn(async move {
            match on_upgrade.await {
                Ok(upgraded) => {
                    serve(
                        WebSocketStream::from_raw_socket(
                            TokioIo::new(upgraded),
                            Role::Server,
                            Some(config),
                        )
                        .await,
                    )
                    .await;
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection ended before it became a WebSocket");
                }
            }
        });
        response
    }
}

/// The members of a list header.
fn list_values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

fn contains_token(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    list_values(headers, name).any(|value| value.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(headers: &[(&'static str, &'static str)]) -> UpgradeError {
        let mut request = Request::builder().body(Body::empty()).unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, HeaderValue::from_static(value));
        }
        WebSocketRequest::parse(&mut request).map(|_| ()).unwrap_err()
    }

    #[test]
    fn incomplete_handshake_is_rejected() {
        let (connection, upgrade) =
            (("connection", "keep-alive, Upgrade"), ("upgrade", "WebSocket"));
        let (key, version) =
            (("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="), ("sec-websocket-version", "13"));
        assert_eq!(reason(&[]), UpgradeError::NotUpgrade);
        assert_eq!(reason(&[connection, upgrade, version]), UpgradeError::NotUpgrade);
        assert_eq!(reason(&[connection, key, version]), UpgradeError::NotUpgrade);
        assert_eq!(reason(&[connection, upgrade, key]), UpgradeError::Version);
        assert_eq!(
            reason(&[connection, upgrade, key, ("sec-websocket-version", "8")]),
            UpgradeError::Version
        );
        // Complete, but without a connection handle from the server.
        assert_eq!(reason(&[connection, upgrade, key, version]), UpgradeError::NotUpgrade);
    }
}
