//! One WebSocket: reads frames at the client's rate limit, and sends what its topics push.

use super::{
    connect::Connect,
    frame::OutgoingFrame,
    peer::{SocketClient, TooManyRejections},
};
use crate::{
    sdk::SocketState,
    sockets::{self, CommandBudget, ConnectionSlot, SendError},
};
use belfry_app::events::{HubConnection, HubConnectionEvent};
use belfry_web::upgrade::Socket;
use futures_util::StreamExt as _;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

/// How long to wait for the client's close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Why a connection ends.
enum CloseReason {
    /// The client disconnected, or reads nothing.
    ClientGone,
    /// Closed with this code. Clients reconnect after every code but the normal one.
    Closed(CloseCode),
}

impl From<SendError> for CloseReason {
    fn from(lost: SendError) -> Self {
        match lost {
            SendError::ClientGone => Self::ClientGone,
            SendError::FrameTooLong => Self::Closed(CloseCode::Size),
        }
    }
}

/// A client on a socket.
pub(super) struct Connection {
    socket: Socket,
    client: SocketClient,
    budget: CommandBudget,
    last_received_at: Instant,
    /// Counts the connection until it is dropped.
    _client: ConnectionSlot,
}

impl Connection {
    pub(super) fn new(
        socket: Socket,
        hub_connection: HubConnection,
        parts: Arc<SocketState>,
        connect: Connect,
        client: ConnectionSlot,
    ) -> Self {
        let now = Instant::now();
        let budget = CommandBudget::new(parts.limits.messages, now);
        Self {
            socket,
            client: SocketClient::new(parts, hub_connection, connect, client.prefix),
            budget,
            last_received_at: now,
            _client: client,
        }
    }

    /// Serves the client until either side ends the connection. Boxed, with the rare steps, because
    /// thousands of connections are idle.
    pub(super) async fn run(mut self: Box<Self>) {
        let Err(end) = self.serve().await;
        Box::pin(self.client.leave_all()).await;
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
                event = self.client.hub_connection.next() => match event {
                    HubConnectionEvent::Delivery(delivery) => Box::pin(self.client.on_hub_event(delivery)).await,
                    HubConnectionEvent::Heartbeat if self.last_received_at.elapsed() >= self.client.state.limits.idle => return Err(CloseReason::Closed(CloseCode::Away)),
                    HubConnectionEvent::Heartbeat => Box::pin(self.client.on_heartbeat()).await,
                    HubConnectionEvent::Closing => return Err(CloseReason::Closed(CloseCode::Restart)),
                    HubConnectionEvent::TooSlow => return Err(CloseReason::ClientGone),
                },
                message = self.socket.next(), if is_ready => match message {
                    // The library answers control frames.
                    Some(Ok(message)) => {
                        self.last_received_at = Instant::now();
                        self.budget.spend(self.last_received_at);
                        match message {
                            Message::Text(text) => Box::pin(self.client.receive(&text)).await?,
                            _ => continue,
                        }
                    }
                    Some(Err(error)) => return Err(SendError::from(error).into()),
                    None => return Err(CloseReason::ClientGone),
                },
                () = sleep_until(ready_at), if !is_ready => continue,
            };
            for message in outgoing {
                let OutgoingFrame { before, shared, after } = message;
                sockets::send_parts(
                    &mut self.socket,
                    &mut self.client.hub_connection,
                    before,
                    shared,
                    after,
                )
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
