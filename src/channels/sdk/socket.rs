//! `/socket/websocket` and `/socket/longpoll`: Phoenix channels (V2 serializer) over a WebSocket,
//! and over HTTP requests where `WebSockets` are blocked.
//!
//! [`peer`] implements the protocol; [`connection`] and [`longpoll`] transport frames. Must not
//! depend on what topics do.

mod connect;
mod connection;
mod frame;
pub(super) mod longpoll;
mod peer;

pub(super) use connect::Connect;
pub(super) use frame::{Outbox, Payload};

use super::SocketState;
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use belfry_web::upgrade::{UpgradeError, WebSocketRequest};
use connection::Connection;
use std::{net::SocketAddr, sync::Arc};

/// The subprotocol, selected if the client offers it.
const PROTOCOL: &str = "phoenix";
/// Maximum size of a frame from a client.
const MAX_FRAME_BYTES: usize = 64 * 1_024;

pub(super) async fn open(State(parts): State<Arc<SocketState>>, mut request: Request) -> Response {
    let address =
        request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let upgrade = match WebSocketRequest::parse(&mut request) {
        Ok(upgrade) => upgrade,
        Err(UpgradeError::NotUpgrade) => return StatusCode::NOT_FOUND.into_response(),
        Err(UpgradeError::Version) => {
            return (
                StatusCode::UPGRADE_REQUIRED,
                [(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))],
            )
                .into_response();
        }
    };
    let Some(connect) = Connect::parse_websocket(&query, upgrade.protocols()) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let Some(client) = parts.clients.acquire(address) else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let Some(line) = parts.hub.connect() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    upgrade.accept(PROTOCOL, MAX_FRAME_BYTES, move |socket| {
        Box::new(Connection::new(socket, line, parts, connect, client)).run()
    })
}
