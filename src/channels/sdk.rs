//! The Inbox SDK's server side: the socket that embedded inboxes talk over.
//!
//! A client opens one socket and joins topics on it; see [`topic`] for how one is added. Nothing is granted by cookie or origin: a topic looks at the
//! credential of the socket when it is joined. Must not know of SQL.

pub mod assets;
pub mod bot;
mod customers;
mod socket;
mod topic;
mod uploads;
pub mod window;

pub use customers::Customers;

use super::{
    cross_origin,
    sockets::{Clients, CommandRate},
};
use crate::{
    allowance::{Gate, Rate, Subscriber as ClientPrefix},
    domain::Origin,
    inbox::Inbox,
    live::ConversationHub,
};
use axum::{
    Router,
    middleware::from_fn,
    routing::{any, get},
};
use socket::longpoll;
use std::{sync::Arc, time::Duration};

/// How long a socket may say nothing. Clients send a heartbeat at least every thirty seconds.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// How much clients may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages of one socket.
    pub messages: CommandRate,
    /// Joins of one client address with a credential that is nobody's. One that goes on is disconnected.
    pub rejections: Rate,
    /// How long a socket may say nothing.
    pub idle: Duration,
}

impl Limits {
    /// Nobody reaches them.
    pub const fn plenty() -> Self {
        Self { messages: CommandRate { burst: u32::MAX, per_second: 1_000_000_000 }, rejections: Rate::PLENTY, idle: IDLE_TIMEOUT }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { messages: CommandRate { burst: 50, per_second: 10 }, rejections: Rate::new(50, Duration::from_secs(1)), idle: IDLE_TIMEOUT }
    }
}

/// What this surface stands on.
pub struct Settings {
    /// The use cases.
    pub inbox: Inbox,
    /// Who is listening.
    pub hub: Arc<ConversationHub>,
    /// Where browsers reach Belfry.
    pub public_url: Origin,
    /// How much clients may do.
    pub limits: Limits,
    /// What it shares with the HTTP routes of customers.
    pub customers: Arc<Customers>,
}

/// What sockets and topics stand on.
struct Parts {
    inbox: Inbox,
    hub: Arc<ConversationHub>,
    public_url: Origin,
    clients: Clients,
    limits: Limits,
    rejections: Gate<ClientPrefix>,
    customers: Arc<Customers>,
}

/// The routes of sockets. They must have neither a time-out nor compression.
pub fn sockets(settings: Settings) -> Router {
    let Settings { inbox, hub, public_url, limits, customers } = settings;
    let rejections = Gate::new("rejections", limits.rejections);
    let parts = Arc::new(Parts { inbox, hub, public_url, clients: Clients::default(), limits, rejections, customers });
    let polled = Router::new()
        .route("/socket/longpoll", get(longpoll::poll).post(longpoll::send))
        .layer(from_fn(cross_origin::allow))
        .with_state(longpoll::Polling::new(Arc::clone(&parts)));
    Router::new().route("/socket/websocket", any(socket::open)).with_state(parts).merge(polled)
}
