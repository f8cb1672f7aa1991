//! A client of `/cable` that returns every frame.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest as _, http::HeaderMap},
};

/// Far longer than any operation here; reaching it fails the test.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

pub struct CableClient {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub headers: HeaderMap,
}

/// Opens a connection, and returns the handshake's response.
pub async fn handshake(
    address: SocketAddr,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<CableClient, tungstenite::Error> {
    let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    let stream = MaybeTlsStream::Plain(TcpStream::connect(address).await.unwrap());
    let (socket, response) =
        timeout(ANSWER_TIMEOUT, client_async(request, stream)).await.unwrap()?;
    Ok(CableClient { socket, headers: response.headers().clone() })
}

impl CableClient {
    /// Opens a connection and reads the welcome.
    pub async fn open(address: SocketAddr) -> Self {
        let mut client = handshake(address, "/cable", &[]).await.unwrap();
        assert_eq!(client.next().await, json!({ "type": "welcome" }));
        client
    }

    pub async fn send_text(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).await.unwrap();
    }

    pub async fn send(&mut self, command: &str, identifier: &str) {
        self.send_text(json!({ "command": command, "identifier": identifier }).to_string()).await;
    }

    pub async fn perform(&mut self, identifier: &str, action: &Value) {
        self.send_text(
            json!({ "command": "message", "identifier": identifier, "data": action.to_string() })
                .to_string(),
        )
        .await;
    }

    /// The next message of any kind; `None` at the end.
    pub async fn message(&mut self) -> Option<Message> {
        match timeout(ANSWER_TIMEOUT, self.socket.next()).await.expect("nothing comes") {
            Some(Ok(message)) => Some(message),
            Some(Err(_)) | None => None,
        }
    }

    /// The next frame other than a ping.
    pub async fn next(&mut self) -> Value {
        let next = async {
            loop {
                match self.message().await {
                    Some(Message::Text(text)) => {
                        let frame: Value = serde_json::from_str(&text).unwrap();
                        if frame["type"] != "ping" {
                            return frame;
                        }
                    }
                    other => panic!("no frame but {other:?}"),
                }
            }
        };
        timeout(ANSWER_TIMEOUT, next).await.expect("nothing comes but pings")
    }

    /// Reads to the end. Returns the frames other than pings, and the code of the close frame.
    pub async fn remaining(mut self) -> (Vec<Value>, Option<u16>) {
        let (mut frames, mut code) = (Vec::new(), None);
        while let Some(message) = self.message().await {
            match message {
                Message::Text(text) => frames.push(serde_json::from_str(&text).unwrap()),
                Message::Close(frame) => code = frame.map(|frame| frame.code.into()),
                _ => {}
            }
        }
        frames.retain(|frame: &Value| frame["type"] != "ping");
        (frames, code)
    }

    /// Whether the server has processed everything so far without a response: the response to a
    /// later subscription must be next.
    pub async fn is_silent(&mut self) -> bool {
        self.send("subscribe", "a mark").await;
        self.next().await == rejected("a mark")
    }
}

impl CableClient {
    /// The next event of a subscription, which must be the next frame.
    pub async fn event(&mut self, identifier: &str) -> Value {
        let frame = self.next().await;
        assert_eq!(frame["identifier"], identifier, "{frame}");
        assert!(frame.get("type").is_none(), "{frame}");
        frame["message"].clone()
    }

    /// The names of all events so far.
    pub async fn events(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        self.send("subscribe", "a mark").await;
        loop {
            let frame = self.next().await;
            if frame["type"] == "reject_subscription" {
                return events;
            }
            events.push(
                frame["message"]["event"].as_str().unwrap_or_else(|| panic!("{frame}")).to_owned(),
            );
        }
    }
}

pub fn rejected(identifier: &str) -> Value {
    json!({ "identifier": identifier, "type": "reject_subscription" })
}

pub fn confirmed(identifier: &str) -> Value {
    json!({ "identifier": identifier, "type": "confirm_subscription" })
}
