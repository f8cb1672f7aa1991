//! A receiver on a plain socket, which records requests and reacts as configured.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// The reaction to a request.
#[derive(Debug, Clone)]
pub enum Reaction {
    /// Respond with this status and these header lines.
    Status(u16, String),
    /// Respond 200 with this media type and this body.
    Page(&'static str, String),
    /// Never respond.
    Hang,
    /// Disconnect before a response.
    HangUp,
    /// Disconnect in the middle of the head.
    HalfHead,
    /// Respond 200 and disconnect within the announced body.
    HalfBody,
    /// Respond 200 with an endless body.
    EndlessBody,
    /// Respond 200 with a byte of the body now and then.
    Trickle,
    /// Respond with endless headers.
    EndlessHead,
    /// Respond with something other than HTTP.
    Noise,
}

pub fn ok() -> Reaction {
    Reaction::Status(200, String::new())
}

/// A request as it was on the wire.
#[derive(Debug, Clone)]
pub struct ReceivedRequest {
    pub line: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl ReceivedRequest {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub struct Receiver {
    pub url: String,
    requests: Arc<Mutex<Vec<ReceivedRequest>>>,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// `react` gets the number of requests before this one.
    pub async fn new(
        react: impl Fn(usize, &ReceivedRequest) -> Reaction + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (requests, connections) =
            (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (kept, count, react) =
            (Arc::clone(&requests), Arc::clone(&connections), Arc::new(react));
        let task = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let (kept, react) = (Arc::clone(&kept), Arc::clone(&react));
                tokio::spawn(async move {
                    let mut socket = socket;
                    let Some(request) = read(&mut socket).await else { return };
                    let before = {
                        let mut kept = kept.lock().unwrap();
                        kept.push(request.clone());
                        kept.len() - 1
                    };
                    let _ = answer(&mut socket, react(before, &request)).await;
                });
            }
        });
        Self { url, requests, connections, task }
    }

    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.requests.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Waits for this many requests.
    pub async fn wait(&self, count: usize) -> Vec<ReceivedRequest> {
        super::fixture::until(async || self.requests().len() >= count).await;
        self.requests()
    }
}

async fn read(socket: &mut TcpStream) -> Option<ReceivedRequest> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < end + 4 + length {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(ReceivedRequest {
        line,
        headers,
        body: String::from_utf8(bytes[end + 4..].to_vec()).unwrap(),
    })
}

async fn answer(socket: &mut TcpStream, reaction: Reaction) -> std::io::Result<()> {
    match reaction {
        Reaction::Status(status, headers) => {
            socket.write_all(format!("HTTP/1.1 {status} X\r\n{headers}connection: close\r\ncontent-length: 2\r\n\r\nhi").as_bytes()).await?;
            socket.shutdown().await
        }
        Reaction::Page(kind, body) => {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            socket.write_all(head.as_bytes()).await?;
            socket.write_all(body.as_bytes()).await?;
            socket.shutdown().await
        }
        Reaction::Hang => wait_for_end(socket).await,
        Reaction::HangUp => Ok(()),
        Reaction::HalfHead => socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-le").await,
        Reaction::HalfBody => {
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf").await
        }
        Reaction::EndlessBody => {
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000000\r\n\r\n").await?;
            loop {
                socket.write_all(&[b'x'; 8192]).await?;
            }
        }
        Reaction::Trickle => {
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await?;
            loop {
                socket.write_all(b"x").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Reaction::EndlessHead => {
            socket.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            loop {
                socket.write_all(format!("x-filler: {}\r\n", "y".repeat(4000)).as_bytes()).await?;
            }
        }
        Reaction::Noise => socket.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").await,
    }
}

async fn wait_for_end(socket: &mut TcpStream) -> std::io::Result<()> {
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).await.map(|_| ())
}
