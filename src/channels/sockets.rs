//! What the `WebSockets` of conversations share: how many one client has, how fast it may talk, and how a message is sent to one that may take nothing.
//!
//! Must not know of any protocol. `/cable` and the socket of the Inbox SDK use it.

mod budget;
mod clients;

pub(in crate::channels) use budget::Budget;
pub use budget::CommandRate;
pub(in crate::channels) use clients::{Client, Clients};

use crate::{live::Line, web::upgrade::Socket};
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

/// Most bytes of one WebSocket frame to a client. The socket keeps a buffer of this size, so a long message goes in several frames.
const FRAME_BYTES: usize = 2_048;

/// Why nothing more can be said over a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::channels) enum Lost {
    /// The client has gone, or takes nothing.
    Gone,
    /// It sent more at once than is read.
    TooLong,
}

impl From<SocketError> for Lost {
    fn from(error: SocketError) -> Self {
        match error {
            SocketError::Capacity(_) => Self::TooLong,
            _ => Self::Gone,
        }
    }
}

/// Sends a text. The line says when a client that takes nothing is to be dropped in the middle of it.
pub(in crate::channels) async fn send_text(socket: &mut Socket, line: &mut Line, text: String) -> Result<(), Lost> {
    if text.len() <= FRAME_BYTES {
        return send(socket, line, Frame::message(text, OpCode::Data(Data::Text), true)).await;
    }
    send_parts(socket, line, Bytes::new(), text.into(), Bytes::new()).await
}

/// Sends a text of three parts, of which the middle one is shared by many sockets.
pub(in crate::channels) async fn send_parts(
    socket: &mut Socket,
    line: &mut Line,
    before: impl Into<Bytes>,
    shared: Bytes,
    after: impl Into<Bytes>,
) -> Result<(), Lost> {
    let (before, after) = (before.into(), after.into());
    if before.len() + shared.len() + after.len() <= FRAME_BYTES {
        let whole = [&before[..], &shared, &after].concat();
        return send(socket, line, Frame::message(whole, OpCode::Data(Data::Text), true)).await;
    }
    send(socket, line, Frame::message(before, OpCode::Data(Data::Text), false)).await?;
    let mut rest = shared;
    while !rest.is_empty() {
        let part = rest.split_to(rest.len().min(FRAME_BYTES));
        send(socket, line, Frame::message(part, OpCode::Data(Data::Continue), false)).await?;
    }
    send(socket, line, Frame::message(after, OpCode::Data(Data::Continue), true)).await
}

async fn send(socket: &mut Socket, line: &mut Line, frame: Frame) -> Result<(), Lost> {
    tokio::select! {
        biased;
        sent = socket.send(Message::Frame(frame)) => sent.map_err(Lost::from),
        () = line.cut() => Err(Lost::Gone),
    }
}

/// Says goodbye, and reads what is left: a socket that is closed with something unread takes back what was just sent.
pub(in crate::channels) async fn close(socket: &mut Socket, code: CloseCode) -> Result<(), SocketError> {
    socket.close(Some(CloseFrame { code, reason: "".into() })).await?;
    while socket.next().await.is_some_and(|message| message.is_ok()) {}
    Ok(())
}
