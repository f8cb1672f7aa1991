//! `/socket/longpoll`: the same frames over HTTP requests, for clients whose network blocks
//! `WebSockets`.
//!
//! A `GET` without a session opens one; with a session it waits for frames. A `POST` sends frames,
//! one per line. The protocol's status is in the body; the HTTP status is always 200. Pages of
//! every origin may call it, because origins grant nothing.

mod session;

use super::{MAX_FRAME_BYTES, connect::Connect, peer::SocketClient};
use crate::sdk::SocketState;
use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderName, header},
    response::{IntoResponse as _, Response},
};
use belfry_domain::channel::ChannelToken;
use belfry_runtime::fair_scheduler;
use serde_json::{Value, json};
use session::{Poll, Session, Sessions};
use std::{
    net::SocketAddr,
    sync::{Arc, Once},
    time::Duration,
};
use tokio::time::timeout;

/// How long a poll waits for frames. Clients give up after twice this time.
const POLL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long sent frames may wait until the session accepts them.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum size of the frames of one request.
const MAX_BODY_BYTES: usize = 4 * MAX_FRAME_BYTES;
/// Maximum frames of one request.
const MAX_FRAMES_PER_REQUEST: usize = 200;
/// The header for a credential that is not a query parameter.
const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-phoenix-authtoken");

/// State of the long poll routes.
#[derive(Clone)]
pub(in crate::sdk) struct LongPoll {
    state: Arc<SocketState>,
    sessions: Sessions,
    /// Once the log has said that a session is unknown here.
    has_warned: Arc<Once>,
}

impl LongPoll {
    pub(in crate::sdk) fn new(state: Arc<SocketState>) -> Self {
        Self { state, sessions: Sessions::default(), has_warned: Arc::new(Once::new()) }
    }

    /// The session with this token, which is known to its process only.
    fn find(&self, token: &str) -> Option<Arc<Session>> {
        let session = self.sessions.find(token);
        if session.is_none() && self.state.app.shares_database() {
            self.has_warned.call_once(|| {
                tracing::warn!(
                    "a session of long polling is unknown to this process: either its process has ended, \
                     or the balancer sends the requests of one client for /socket/longpoll to several"
                );
            });
        }
        session
    }
}

/// Waits for frames, or opens a session.
pub(in crate::sdk) async fn poll(State(polling): State<LongPoll>, request: Request) -> Response {
    match token(&request) {
        None => answer(&polling.open(&request)),
        // Clients then open a new session, and rejoin their topics.
        Some(token) => answer(&match polling.find(&token) {
            None => json!({ "status": 410, "token": null, "messages": [] }),
            Some(session) => match timeout(POLL_TIMEOUT, session.poll()).await {
                Ok(Poll::Messages(messages)) => {
                    json!({ "status": 200, "token": token, "messages": messages })
                }
                Ok(Poll::Ended) => json!({ "status": 410, "token": null, "messages": [] }),
                Err(_) => json!({ "status": 204, "token": token, "messages": [] }),
            },
        }),
    }
}

/// Receives frames for a session.
pub(in crate::sdk) async fn send(State(polling): State<LongPoll>, request: Request) -> Response {
    let Some(session) = token(&request).and_then(|token| polling.find(&token)) else {
        return status(410);
    };
    let body = timeout(SEND_TIMEOUT, to_bytes(request.into_body(), MAX_BODY_BYTES)).await;
    let Ok(Ok(body)) = body else { return status(500) };
    let Ok(text) = std::str::from_utf8(&body) else { return status(500) };
    let frames: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if frames.len() > MAX_FRAMES_PER_REQUEST
        || frames.iter().any(|frame| frame.len() > MAX_FRAME_BYTES)
    {
        return status(500);
    }
    // A client beyond its rate limit waits here.
    let sent = timeout(SEND_TIMEOUT, async {
        for frame in frames {
            if !session.send(frame.to_owned()).await {
                return false;
            }
        }
        true
    });
    status(match sent.await {
        Ok(true) => 200,
        Ok(false) => 410,
        Err(_) => 500,
    })
}

impl LongPoll {
    fn open(&self, request: &Request) -> Value {
        let refused = |status: u16| json!({ "status": status, "token": null, "messages": [] });
        let address = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(peer)| peer.ip());
        let header = request.headers().get(AUTH_TOKEN).and_then(|value| value.to_str().ok());
        let Some(connect) =
            Connect::parse_longpoll(request.uri().query().unwrap_or_default(), header)
        else {
            return refused(403);
        };
        // Clients retry after this status.
        let Some(client) = self.state.clients.acquire(address) else { return refused(500) };
        let Some(line) = self.state.hub.connect() else { return refused(500) };
        let token = ChannelToken::generate(self.state.app.rng());
        let peer = SocketClient::new(Arc::clone(&self.state), line, connect, client.prefix);
        let Some(running) = Session::open(&self.sessions, &token, peer, client) else {
            return refused(500);
        };
        tokio::spawn(fair_scheduler::inherit_site(running));
        json!({ "status": 410, "token": token.reveal(), "messages": [] })
    }
}

/// The session token of a request.
fn token(request: &Request<Body>) -> Option<String> {
    let query = request.uri().query()?;
    let token = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token");
    token.map(|(_, value)| value.into_owned()).filter(|token| !token.is_empty())
}

fn status(status: u16) -> Response {
    answer(&json!({ "status": status }))
}

fn answer(body: &Value) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
