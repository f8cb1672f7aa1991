//! Single requests over a connection of their own.

use super::Outcome;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Request, StatusCode, client::conn::http1::SendRequest};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use tokio::{net::TcpStream, task::JoinHandle};

/// A request in the form that is passed between processes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Its class, if several are measured separately.
    #[serde(default)]
    pub class: usize,
}

impl Call {
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: "GET".to_owned(), path: path.into(), ..Self::default() }
    }

    pub fn post(path: impl Into<String>, content_type: &str, body: impl Into<String>) -> Self {
        let call = Self {
            method: "POST".to_owned(),
            path: path.into(),
            body: body.into(),
            ..Self::default()
        };
        call.header("content-type", content_type)
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    #[must_use]
    pub fn class(mut self, class: usize) -> Self {
        self.class = class;
        self
    }

    /// The bytes on the wire.
    pub fn wire(&self) -> Vec<u8> {
        use std::fmt::Write as _;
        let mut head = format!("{} {} HTTP/1.1\r\nhost: localhost\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if self.method != "GET" {
            let _ = write!(head, "content-length: {}\r\n", self.body.len());
        }
        (head + "\r\n" + &self.body).into_bytes()
    }
}

/// A response with its whole body.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> Outcome<&str> {
        Ok(std::str::from_utf8(&self.body)?)
    }

    /// Checks the status.
    pub fn expect(self, status: u16) -> Outcome<Self> {
        if self.status == status {
            Ok(self)
        } else {
            Err(format!("{} where {status} was expected: {:?}", self.status, self.body).into())
        }
    }
}

/// Sends one request over a new connection.
pub async fn send(address: SocketAddr, call: &Call) -> Outcome<Answer> {
    Connection::open(address).await?.send(call).await
}

/// A connection for sequential requests.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    task: JoinHandle<Result<(), hyper::Error>>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        Ok(Self { sender, task: tokio::spawn(connection) })
    }

    pub async fn send(&mut self, call: &Call) -> Outcome<Answer> {
        let mut request = Request::builder()
            .method(call.method.as_str())
            .uri(&call.path)
            .header("host", "localhost");
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        self.sender.ready().await?;
        let response = self
            .sender
            .send_request(request.body(Full::new(Bytes::from(call.body.clone())))?)
            .await?;
        let (head, body) = response.into_parts();
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: body.collect().await?.to_bytes(),
        })
    }
}
