//! What the conversations' `WebSockets` share: the number of sockets per client, the rate of
//! commands, and sending to slow clients.
//!
//! Must not depend on any protocol. `/cable` and the socket of the Inbox SDK call it.

mod command_budget;
mod connection_count;

pub(crate) use command_budget::CommandBudget;
pub use command_budget::CommandRate;
pub(crate) use connection_count::{ConnectionCounts, ConnectionSlot};

use belfry_app::events::HubConnection;
use belfry_web::upgrade::Socket;
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::tungstenite::{
    Error as SocketError, Message,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{CloseCode, Data, OpCode},
        },
    },
};

/// Maximum payload of one WebSocket frame to a client. The socket keeps a buffer of this size, so a
/// longer message is sent in several frames.
const MAX_FRAME_BYTES: usize = 2_048;

/// Why nothing more can be sent or received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SendError {
    /// The client disconnected, or reads nothing.
    ClientGone,
    /// The client sent a frame beyond the limit.
    FrameTooLong,
}

impl From<SocketError> for SendError {
    fn from(error: SocketError) -> Self {
        match error {
            SocketError::Capacity(_) => Self::FrameTooLong,
            _ => Self::ClientGone,
        }
    }
}

/// Sends a text. `hub_connection` reports when a client that reads nothing must be dropped
/// meanwhile.
pub(crate) async fn send_text(
    socket: &mut Socket,
    hub_connection: &mut HubConnection,
    text: String,
) -> Result<(), SendError> {
    if text.len() <= MAX_FRAME_BYTES {
        return send(socket, hub_connection, Frame::message(text, OpCode::Data(Data::Text), true))
            .await;
    }
    send_parts(socket, hub_connection, Bytes::new(), text.into(), Bytes::new()).await
}

/// Sends a text of three parts; many sockets may share the middle one.
pub(crate) async fn send_parts(
    socket: &mut Socket,
    hub_connection: &mut HubConnection,
    before: impl Into<Bytes>,
    shared: Bytes,
    after: impl Into<Bytes>,
) -> Result<(), SendError> {
    let (before, after) = (before.into(), after.into());
    if before.len() + shared.len() + after.len() <= MAX_FRAME_BYTES {
        let whole = [&before[..], &shared, &after].concat();
        return send(socket, hub_connection, Frame::message(whole, OpCode::Data(Data::Text), true))
            .await;
    }
    send(socket, hub_connection, Frame::message(before, OpCode::Data(Data::Text), false)).await?;
    let mut rest = shared;
    while !rest.is_empty() {
        let part = rest.split_to(rest.len().min(MAX_FRAME_BYTES));
        send(socket, hub_connection, Frame::message(part, OpCode::Data(Data::Continue), false))
            .await?;
    }
    send(socket, hub_connection, Frame::message(after, OpCode::Data(Data::Continue), true)).await
}

async fn send(
    socket: &mut Socket,
    hub_connection: &mut HubConnection,
    frame: Frame,
) -> Result<(), SendError> {
    tokio::select! {
        biased;
        sent = socket.send(Message::Frame(frame)) => sent.map_err(SendError::from),
        () = hub_connection.aborted() => Err(SendError::ClientGone),
    }
}

/// Sends a close frame, and reads the rest: closing a TCP socket with unread data may discard what
/// was just sent.
pub(crate) async fn close(socket: &mut Socket, code: CloseCode) -> Result<(), SocketError> {
    socket.close(Some(CloseFrame { code, reason: "".into() })).await?;
    while socket.next().await.is_some_and(|message| message.is_ok()) {}
    Ok(())
}
