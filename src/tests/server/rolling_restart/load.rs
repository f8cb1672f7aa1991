//! Clients that send requests and hold event streams until they are stopped. None of them repeats a
//! request.

use crate::server::process::ask;
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, ErrorKind, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{JoinHandle, sleep, spawn},
    time::{Duration, Instant},
};

/// What happened so far.
#[derive(Default)]
pub struct Done {
    pub requests: usize,
    pub failures: Vec<String>,
    pub published: Vec<String>,
    pub contacts: Vec<String>,
}

#[derive(Clone)]
struct Client {
    address: SocketAddr,
    site: String,
    key: String,
    done: Arc<Mutex<Done>>,
    stop: Arc<AtomicBool>,
}

/// Clients that publish, create contacts, list and mark.
pub struct Load {
    client: Client,
    threads: Vec<JoinHandle<()>>,
}

impl Client {
    /// Whether the request succeeded.
    fn send(&self, method: &str, path: &str, headers: &[&str], body: &Value) -> bool {
        let began = Instant::now();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = ask(self.address, method, path, headers, &body);
        let mut done = self.done.lock().unwrap();
        done.requests += 1;
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        if !(200..300).contains(&status) {
            let text = answer.map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
            let failure = format!("{method} {path}: {status} after {:?} {text:?}", began.elapsed());
            done.failures.push(failure);
            return false;
        }
        true
    }

    fn call(&self, path: &str, key: &str, body: &Value) -> bool {
        let (authorization, key) =
            (format!("authorization: Bearer {}", self.key), format!("idempotency-key: {key}"));
        self.send("POST", path, &[&authorization, &key, "content-type: application/json"], body)
    }

    fn run(
        self,
        pause: u64,
        mut step: impl FnMut(&Self, usize) + Send + 'static,
    ) -> JoinHandle<()> {
        spawn(move || {
            let mut turn = 0;
            while !self.stop.load(Ordering::Relaxed) {
                step(&self, turn);
                turn += 1;
                sleep(Duration::from_millis(pause));
            }
        })
    }
}

impl Load {
    pub fn start(address: SocketAddr, site: &str, key: &str, bearers: &[String]) -> Self {
        let client = Client {
            address,
            site: site.to_owned(),
            key: key.to_owned(),
            done: Arc::default(),
            stop: Arc::default(),
        };
        let mut threads = Vec::new();
        for publisher in 0..2 {
            threads.push(client.clone().run(10, move |client, turn| {
                let title = format!("{publisher}-{turn}");
                let content = json!({"en": {"title": title}});
                let body = json!({"audience": "everyone", "content": content});
                if client.call("/v1/messages", &title, &body) {
                    client.done.lock().unwrap().published.push(title);
                }
            }));
        }
        threads.push(client.clone().run(40, |client, turn| {
            let name = format!("contact-{turn}");
            if client.call("/v1/contact", &name, &json!({"externalCustomerId": name})) {
                client.done.lock().unwrap().contacts.push(name);
            }
        }));
        for bearer in bearers {
            let bearer = format!("authorization: Bearer {bearer}");
            threads.push(client.clone().run(150, move |client, turn| {
                let path = |name| format!("/embed/{}/{name}", client.site);
                let headers = [bearer.as_str(), "content-type: application/json"];
                client.send("GET", &path("messages"), &headers, &Value::Null);
                let body =
                    if turn % 2 == 0 { json!({"seen": true}) } else { json!({"allRead": true}) };
                client.send("POST", &path("marks"), &headers, &body);
            }));
        }
        Self { client, threads }
    }

    pub fn stop(self) -> Done {
        self.client.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        std::mem::take(&mut self.client.done.lock().unwrap())
    }
}

/// A client that opens its event stream again as the server told it.
pub struct StreamClient {
    stop: Arc<AtomicBool>,
    expects_final: Arc<AtomicBool>,
    has_final: Arc<AtomicBool>,
    thread: JoinHandle<Vec<(Duration, Duration)>>,
}

impl StreamClient {
    pub fn start(address: SocketAddr, site: &str, bearer: &str) -> Self {
        let flags: [Arc<AtomicBool>; 3] = Default::default();
        let [stop, expects_final, has_final] = flags.clone();
        let (site, bearer) = (site.to_owned(), format!("authorization: Bearer {bearer}"));
        let thread = spawn(move || run_stream(address, &site, &bearer, flags));
        Self { stop, expects_final, has_final, thread }
    }

    /// The message "Final" is published next.
    pub fn expect_final(&self) {
        self.expects_final.store(true, Ordering::Relaxed);
    }

    /// Whether it was told of that message, or to look again.
    pub fn has_final(&self) -> bool {
        self.has_final.load(Ordering::Relaxed)
    }

    /// For each time that the stream ended, how long the client waited as it was told, and how long
    /// it took to open it again.
    pub fn stop(self) -> Vec<(Duration, Duration)> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn open(address: SocketAddr, site: &str, bearer: &str) -> Option<BufReader<TcpStream>> {
    let ticket = ask(address, "POST", &format!("/embed/{site}/ticket"), &[bearer], "")?;
    let ticket = ticket.json()["ticket"].as_str()?.to_owned();
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_millis(100))).ok()?;
    write!(stream, "GET /embed/{site}/events?ticket={ticket} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")
        .ok()?;
    Some(BufReader::new(stream))
}

fn run_stream(
    address: SocketAddr,
    site: &str,
    bearer: &str,
    [stop, expects_final, has_final]: [Arc<AtomicBool>; 3],
) -> Vec<(Duration, Duration)> {
    let mut interruptions = Vec::new();
    let mut ended: Option<(Instant, Duration)> = None;
    while !stop.load(Ordering::Relaxed) {
        let Some(mut stream) = open(address, site, bearer) else {
            sleep(Duration::from_millis(20));
            continue;
        };
        let (mut line, mut retry, mut event) = (String::new(), Duration::ZERO, String::new());
        loop {
            match stream.read_line(&mut line) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    if stop.load(Ordering::Relaxed) {
                        return interruptions;
                    }
                    continue;
                }
                Err(_) => break,
            }
            let text = std::mem::take(&mut line);
            let text = text.trim_end();
            if let Some(name) = text.strip_prefix("event: ") {
                name.clone_into(&mut event);
            }
            if let Some(millis) = text.strip_prefix("retry: ") {
                retry = Duration::from_millis(millis.parse().unwrap());
            }
            // The greeting ends with a heartbeat.
            if event == "beat"
                && let Some((at, wait)) = ended.take()
            {
                interruptions.push((wait, at.elapsed().saturating_sub(wait)));
            }
            if text.contains("Final") || event == "resync" && expects_final.load(Ordering::Relaxed)
            {
                has_final.store(true, Ordering::Relaxed);
            }
        }
        if retry > Duration::ZERO {
            ended = Some((Instant::now(), retry));
            sleep(retry);
        }
    }
    interruptions
}
