//! `/cable`: real-time events of conversations over Action Cable, for contacts and agents.
//!
//! Cookies and origins grant nothing: each subscription is authenticated by its pubsub token. Must
//! not depend on SQL, nor on the contents of events; the hub in [`belfry_app::events`] serializes them.
//! The server merges its route.

mod connection;
mod protocol;

use super::sockets::{CommandRate, ConnectionCounts};
use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use belfry_app::{
    App,
    events::ConversationHub,
    rate_limit::{ClientPrefix, RateLimit, RateLimiter},
};
use belfry_web::{
    router::{Routes, any},
    upgrade::{UpgradeError, WebSocketRequest},
};
use connection::Connection;
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// Maximum size of a frame from a client.
pub const MAX_FRAME_BYTES: usize = 16 * 1_024;

/// Limits on clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Commands of one connection.
    pub commands: CommandRate,
    /// Rejected subscriptions of one client address. A client that exceeds the rate is
    /// disconnected.
    pub rejections: RateLimit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            commands: CommandRate { burst: 50, per_second: 10 },
            rejections: RateLimit::new(50, Duration::from_secs(1)),
        }
    }
}

/// Dependencies of this surface.
pub struct Settings {
    /// The use cases.
    pub app: App,
    /// The hub of conversation events.
    pub hub: Arc<ConversationHub>,
    /// Limits on clients.
    pub limits: Limits,
}

struct CableState {
    app: App,
    hub: Arc<ConversationHub>,
    clients: ConnectionCounts,
    commands: CommandRate,
    rejections: RateLimiter<ClientPrefix>,
}

/// The route of this surface. It must have neither a timeout nor compression.
pub fn routes(settings: Settings) -> Router {
    let Settings { app, hub, limits } = settings;
    let parts = Arc::new(CableState {
        app,
        hub,
        clients: ConnectionCounts::default(),
        commands: limits.commands,
        rejections: RateLimiter::new("rejections", limits.rejections),
    });
    registered_routes().into_router().with_state(parts)
}

fn registered_routes() -> Routes<Arc<CableState>> {
    Routes::new().route_with_slash("/cable", any(open))
}

async fn open(State(parts): State<Arc<CableState>>, mut request: Request) -> Response {
    let address =
        request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
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
    let Some(client) = parts.clients.acquire(address) else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let Some(line) = parts.hub.connect() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    upgrade.accept(protocol::SUBPROTOCOL, MAX_FRAME_BYTES, move |socket| {
        Box::new(Connection::new(socket, line, parts, client)).run()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_web::routes::CABLE;

    #[test]
    fn routes_are_those_of_the_list() {
        assert_eq!(CABLE.differences(&registered_routes().registered("")), [""; 0]);
    }
}
