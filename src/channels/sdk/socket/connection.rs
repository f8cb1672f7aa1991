//! One WebSocket: reads frames at the client's rate limit, and sends what its topics push.

use super::{
    connect::Connect,
    frame::OutgoingFrame,
    peer::{SocketClient, TooManyRejections},
};
use crate::{
    channels::{
        sdk::SocketState,
        sockets::{self, CommandBudget, ConnectionSlot, SendError},
    },
    events::{HubConnection, HubConnectionEvent},
    web::upgrade::Socket,
};
use futures_util::StreamExt as _;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

/// How long to wait for the client's close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Why a connection ends.
enum CloseReason {
    /// The client disconnected, or reads nothing.
    Gone,
    /// Closed with this code. Clients reconnect after every code but the normal one.
    Closed(CloseCode),
}

impl From<SendError> for CloseReason {
    fn from(lost: SendError) -> Self {
        match lost {
            SendError::Gone => Self::Gone,
            SendError::TooLong => Self::Closed(CloseCode::Size),
        }
    }
}

/// A client on a socket.
pub(super) struct Connection {
    socket: Socket,
    peer: SocketClient,
    budget: CommandBudget,
    heard: Instant,
    /// Counts the connection until it is dropped.
    _client: ConnectionSlot,
}

impl Connection {
    pub(super) fn new(
        socket: Socket,
        line: HubConnection,
        parts: Arc<SocketState>,
        connect: Connect,
        client: ConnectionSlot,
    ) -> Self {
        let now = Instant::now();
        let budget = CommandBudget::new(parts.limits.messages, now);
        Self {
            socket,
            peer: SocketClient::new(parts, line, connect, client.prefix),
            budget,
            heard: now,
            _client: client,
        }
    }

    /// Serves the client until either side ends the connection. Boxed, with the rare steps, because
    /// thousands of connections are idle.
    pub(super) async fn run(mut self: Box<Self>) {
        let Err(end) = self.serve().await;
        Box::pin(self.peer.leave()).await;
        if let CloseReason::Closed(code) = end {
            let _ = timeout(CLOSE_TIMEOUT, Box::pin(sockets::close(&mut self.socket, code))).await;
        }
    }

    async fn serve(&mut self) -> Result<std::convert::Infallible, CloseReason> {
        loop {
            let ready_at = self.budget.ready_at();
            let is_ready = ready_at <= Instant::now();
            let outgoing = tokio::select! {
                // Events that happened before a push are sent before its response.
                biased;
                event = self.peer.line.next() => match event {
                    HubConnectionEvent::Delivery(delivery) => Box::pin(self.peer.deliver(delivery)).await,
                    HubConnectionEvent::Beat if self.heard.elapsed() >= self.peer.parts.limits.idle => return Err(CloseReason::Closed(CloseCode::Away)),
                    HubConnectionEvent::Beat => Box::pin(self.peer.beat()).await,
                    HubConnectionEvent::Closing => return Err(CloseReason::Closed(CloseCode::Restart)),
                    HubConnectionEvent::TooSlow => return Err(CloseReason::Gone),
                },
                message = self.socket.next(), if is_ready => match message {
                    // The library answers control frames.
                    Some(Ok(message)) => {
                        self.heard = Instant::now();
                        self.budget.spend(self.heard);
                        match message {
                            Message::Text(text) => Box::pin(self.peer.receive(&text)).await?,
                            _ => continue,
                        }
                    }
                    Some(Err(error)) => return Err(SendError::from(error).into()),
                    None => return Err(CloseReason::Gone),
                },
                () = sleep_until(ready_at), if !is_ready => continue,
            };
            for message in outgoing {
                let OutgoingFrame { before, shared, after } = message;
                sockets::send_parts(&mut self.socket, &mut self.peer.line, before, shared, after)
                    .await?;
            }
        }
    }
}

impl From<TooManyRejections> for CloseReason {
    fn from(_: TooManyRejections) -> Self {
        Self::Closed(CloseCode::Policy)
    }
}
