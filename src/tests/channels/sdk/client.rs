//! A client of Phoenix channels that returns every frame.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::{collections::VecDeque, net::SocketAddr, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest as _, http::HeaderMap},
};

/// Far longer than any operation here; reaching it fails the test.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

pub struct SdkClient {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub headers: HeaderMap,
    references: u32,
    /// Frames that arrived before an awaited reply.
    skipped_events: VecDeque<Value>,
}

/// Opens a socket, and returns the handshake's response.
pub async fn handshake(
    address: SocketAddr,
    query: &str,
    headers: &[(&'static str, &str)],
) -> Result<SdkClient, tungstenite::Error> {
    let mut request =
        format!("ws://{address}/socket/websocket?{query}").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    let stream = MaybeTlsStream::Plain(TcpStream::connect(address).await.unwrap());
    let (socket, response) =
        timeout(ANSWER_TIMEOUT, client_async(request, stream)).await.unwrap()?;
    Ok(SdkClient {
        socket,
        headers: response.headers().clone(),
        references: 0,
        skipped_events: VecDeque::new(),
    })
}

impl SdkClient {
    /// Opens a socket with this credential.
    pub async fn open(address: SocketAddr, credential: &str) -> Self {
        handshake(address, &format!("vsn=2.0.0&jwt={credential}"), &[]).await.unwrap()
    }

    pub async fn send_text(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).await.unwrap();
    }

    /// Sends a frame unchanged.
    pub async fn send(&mut self, frame: &Value) {
        self.send_text(frame.to_string()).await;
    }

    /// The next message of any kind; `None` at the end.
    pub async fn message(&mut self) -> Option<Message> {
        match timeout(ANSWER_TIMEOUT, self.socket.next()).await.expect("nothing comes") {
            Some(Ok(message)) => Some(message),
            Some(Err(_)) | None => None,
        }
    }

    pub async fn next(&mut self) -> Value {
        match self.skipped_events.pop_front() {
            Some(frame) => frame,
            None => self.next_arriving().await,
        }
    }

    async fn next_arriving(&mut self) -> Value {
        match self.message().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("no frame but {other:?}"),
        }
    }

    /// The payload of the next frame, which must be this event of the topic.
    pub async fn event(&mut self, topic: &str, event: &str) -> Value {
        let frame = self.next().await;
        assert_eq!(
            (&frame[1], &frame[2], &frame[3]),
            (&Value::Null, &json!(topic), &json!(event)),
            "{frame}"
        );
        frame[4].clone()
    }

    /// Pushes, and returns the reply. Events that arrive before it are queued for later reads.
    pub async fn push(&mut self, topic: &str, event: &str, payload: Value) -> Value {
        self.references += 1;
        let reference = self.references.to_string();
        self.send(&json!(["1", reference, topic, event, payload])).await;
        let head = [json!("1"), json!(reference), json!(topic), json!("phx_reply")];
        let answer = loop {
            let frame = self.next_arriving().await;
            if frame.as_array().is_some_and(|parts| parts.starts_with(&head)) {
                break frame;
            }
            assert_eq!(frame[1], Value::Null, "{frame}");
            self.skipped_events.push_back(frame);
        };
        answer[4].clone()
    }

    /// Joins a topic, and returns the response.
    pub async fn join(&mut self, topic: &str, params: Value) -> Value {
        let answer = self.push(topic, "phx_join", params).await;
        assert_eq!(answer["status"], "ok", "{topic}: {answer}");
        answer["response"].clone()
    }

    /// Pushes, asserts success, and returns the response.
    pub async fn request(&mut self, topic: &str, event: &str, payload: Value) -> Value {
        let answer = self.push(topic, event, payload).await;
        assert_eq!(answer["status"], "ok", "{event}: {answer}");
        answer["response"].clone()
    }

    /// Pushes, asserts an error, and returns the reason.
    pub async fn expect_error(&mut self, topic: &str, event: &str, payload: Value) -> String {
        let answer = self.push(topic, event, payload).await;
        assert_eq!(answer["status"], "error", "{event}: {answer}");
        answer["response"]["reason"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// Reads to the end. Returns the frames, and the code of the close frame.
    pub async fn remaining(mut self) -> (Vec<Value>, Option<u16>) {
        let (mut frames, mut code) = (Vec::new(), None);
        while let Some(message) = self.message().await {
            match message {
                Message::Text(text) => frames.push(serde_json::from_str(&text).unwrap()),
                Message::Close(frame) => code = frame.map(|frame| frame.code.into()),
                _ => {}
            }
        }
        (frames, code)
    }

    /// Whether the server has processed everything so far without a response.
    pub async fn is_silent(&mut self) -> bool {
        self.send(&json!([null, "mark", "phoenix", "heartbeat", {}])).await;
        self.next().await == heartbeat("mark")
    }

    /// All frames so far.
    pub async fn events(&mut self) -> Vec<Value> {
        let mut frames = Vec::new();
        self.send(&json!([null, "mark", "phoenix", "heartbeat", {}])).await;
        loop {
            let frame = self.next().await;
            if frame == heartbeat("mark") {
                return frames;
            }
            frames.push(frame);
        }
    }
}

pub fn heartbeat(reference: &str) -> Value {
    json!([null, reference, "phoenix", "phx_reply", { "status": "ok", "response": {} }])
}

/// A plain HTTP client.
#[expect(clippy::disallowed_methods, reason = "the test calls its own server")]
pub fn http() -> reqwest::Client {
    // reqwest needs a crypto provider even for plain HTTP.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
