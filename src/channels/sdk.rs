//! The server side of the Inbox SDK: the socket that embedded inboxes use, and the HTTP routes
//! beside it.
//!
//! A client opens one socket and joins topics on it; [`topic`] explains how to add one. Cookies and
//! origins grant nothing: a topic checks the socket's credential when it is joined. Must not depend
//! on SQL. The server merges its routes.

pub mod assets;
pub mod bot;
pub mod customers;
mod shared_uploads;
mod socket;
mod topic;
mod uploads;
pub mod window;

pub use customers::CustomerState;

use super::{
    cross_origin,
    sockets::{CommandRate, ConnectionCounts},
};
use axum::{Router, middleware::from_fn};
use belfry_app::{
    App,
    events::ConversationHub,
    rate_limit::{ClientPrefix, RateLimit, RateLimiter},
};
use belfry_domain::Origin;
use belfry_web::router::{Routes, any, get};
use socket::longpoll;
use std::{sync::Arc, time::Duration};

/// How long a socket may be silent. Clients send a heartbeat at least every 30 seconds.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// Limits on clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages of one socket.
    pub messages: CommandRate,
    /// Joins with an invalid credential, of one client address. A client that exceeds the rate is
    /// disconnected.
    pub rejections: RateLimit,
    /// How long a socket may be silent.
    pub idle: Duration,
}

impl Limits {
    /// Limits that no client reaches; for tests and benchmarks.
    pub const fn unlimited() -> Self {
        Self {
            messages: CommandRate { burst: u32::MAX, per_second: 1_000_000_000 },
            rejections: RateLimit::PLENTY,
            idle: IDLE_TIMEOUT,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages: CommandRate { burst: 50, per_second: 10 },
            rejections: RateLimit::new(50, Duration::from_secs(1)),
            idle: IDLE_TIMEOUT,
        }
    }
}

/// Dependencies of this surface.
pub struct Settings {
    /// The use cases.
    pub app: App,
    /// The hub of conversation events.
    pub hub: Arc<ConversationHub>,
    /// The origin at which browsers reach Belfry.
    pub public_url: Origin,
    /// Limits on clients.
    pub limits: Limits,
    /// State shared with the HTTP routes of customers.
    pub customers: Arc<CustomerState>,
}

/// State shared by sockets and topics.
struct SocketState {
    app: App,
    hub: Arc<ConversationHub>,
    public_url: Origin,
    clients: ConnectionCounts,
    limits: Limits,
    rejections: RateLimiter<ClientPrefix>,
    customers: Arc<CustomerState>,
}

/// The socket routes. They must have neither a timeout nor compression.
pub fn sockets(settings: Settings) -> Router {
    let Settings { app, hub, public_url, limits, customers } = settings;
    let rejections = RateLimiter::new("rejections", limits.rejections);
    let parts = Arc::new(SocketState {
        app,
        hub,
        public_url,
        clients: ConnectionCounts::default(),
        limits,
        rejections,
        customers,
    });
    let polled = longpoll_routes()
        .into_router()
        .layer(from_fn(cross_origin::allow))
        .with_state(longpoll::LongPoll::new(Arc::clone(&parts)));
    websocket_routes().into_router().with_state(parts).merge(polled)
}

fn longpoll_routes() -> Routes<longpoll::LongPoll> {
    Routes::new().route("/socket/longpoll", get(longpoll::poll).post(longpoll::send))
}

fn websocket_routes() -> Routes<Arc<SocketState>> {
    Routes::new().route("/socket/websocket", any(socket::open))
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_web::routes::INBOX_SDK;

    #[test]
    fn routes_are_those_of_the_list() {
        let mut registered = assets::registered_routes().registered("");
        registered.extend(longpoll_routes().registered(""));
        registered.extend(websocket_routes().registered(""));
        registered.extend(bot::registered_routes().registered(""));
        registered.extend(window::registered_routes().registered(""));
        assert_eq!(INBOX_SDK.differences(&registered), [""; 0]);
    }
}
