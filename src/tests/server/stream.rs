//! Event streams over real sockets: requests before one on its connection, requests after it, and
//! disconnects.

use super::{
    process::{DataDir, Server, ask},
    shutdown::bearer,
};
use serde_json::json;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

/// A server with a site and a reader.
struct StreamFixture {
    home: DataDir,
    server: Server,
    site: String,
    key: String,
    bearer: String,
}

impl StreamFixture {
    fn new() -> Self {
        let home = DataDir::new();
        let (site, key) = home.site();
        let server = home.serve(&[]);
        home.json(&["contact", "upsert", &site], r#"{"externalCustomerId":"42"}"#);
        let bearer = bearer(&server, &site, &key, "42");
        Self { home, server, site, key, bearer }
    }

    /// A stream request with this method and version.
    fn request(&self, method: &str, version: &str) -> String {
        let authorization = format!("authorization: Bearer {}", self.bearer);
        let ticket = ask(
            self.server.address,
            "POST",
            &format!("/embed/{}/ticket", self.site),
            &[&authorization],
            "",
        )
        .unwrap();
        let ticket = ticket.json()["ticket"].as_str().unwrap().to_owned();
        format!("{method} /embed/{}/events?ticket={ticket} {version}\r\nhost: x\r\n\r\n", self.site)
    }

    fn publish(&self, title: &str) {
        let message = json!({ "audience": "everyone", "content": { "en": { "title": title } } });
        let authorization = format!("authorization: Bearer {}", self.key);
        let headers = [authorization.as_str(), "content-type: application/json"];
        assert_eq!(
            ask(self.server.address, "POST", "/v1/messages", &headers, &message.to_string())
                .unwrap()
                .status,
            201
        );
    }
}

fn head(stream: &mut BufReader<TcpStream>) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).unwrap(), 0, "{head}");
    }
    head
}

/// Reads lines up to one that contains this.
fn until(stream: &mut impl std::io::BufRead, wanted: &str) {
    let mut line = String::new();
    while !line.contains(wanted) {
        line.clear();
        assert_ne!(stream.read_line(&mut line).unwrap(), 0, "the stream ended before {wanted}");
    }
}

#[test]
fn stream_is_the_last_request_on_its_connection() {
    let scene = StreamFixture::new();
    let mut stream = BufReader::new(scene.server.connect());
    // Sent at once: nothing of the responses before the stream may be lost, and later requests
    // aren't answered.
    let health = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let requests = format!("{health}{health}{}{health}", scene.request("GET", "HTTP/1.1"));
    stream.get_mut().write_all(requests.as_bytes()).unwrap();
    for _ in 0..2 {
        let head = head(&mut stream);
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap()
            .parse()
            .unwrap();
        stream.read_exact(&mut vec![0; length]).unwrap();
    }
    let head = head(&mut stream);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    for line in [
        "content-type: text/event-stream",
        "transfer-encoding: chunked",
        "connection: close",
        "x-request-id: ",
        "x-accel-buffering: no",
        "date: ",
    ] {
        assert!(head.contains(&format!("\r\n{line}")), "{line}: {head}");
    }
    until(&mut stream, "event: beat");
    scene.publish("Fresh from the oven");
    until(&mut stream, "event: message");
    until(&mut stream, "Fresh from the oven");
    assert!(
        scene
            .server
            .log()
            .lines()
            .any(|line| line.contains("/events") && line.contains("\"status\":200")),
        "the request is logged"
    );
    drop(scene.server);
    let mut rest = String::new();
    let _ = stream.read_to_string(&mut rest);
    assert!(!rest.contains("HTTP/1.1"), "{rest}");
}

#[test]
fn streams_of_disconnected_clients_are_released() {
    let scene = StreamFixture::new();
    let open = || {
        let mut stream = BufReader::new(scene.server.connect());
        stream.get_mut().write_all(scene.request("GET", "HTTP/1.1").as_bytes()).unwrap();
        let head = head(&mut stream);
        (head.starts_with("HTTP/1.1 200"), stream)
    };
    let streams: Vec<_> = (0..20).map(|_| open()).collect();
    assert!(streams.iter().all(|(opened, _)| *opened));
    assert!(!open().0, "up to twenty per reader");
    drop(streams);
    let began = Instant::now();
    while !open().0 {
        assert!(began.elapsed() < Duration::from_secs(20), "closed streams are still counted");
        std::thread::yield_now();
    }
}

#[test]
fn other_methods_and_http_1_0_clients_are_answered() {
    let scene = StreamFixture::new();
    let mut stream = BufReader::new(scene.server.connect());
    stream.get_mut().write_all(scene.request("HEAD", "HTTP/1.1").as_bytes()).unwrap();
    assert!(head(&mut stream).contains("text/event-stream"));
    stream.get_mut().write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    assert!(
        head(&mut stream).starts_with("HTTP/1.1 200"),
        "the connection continues after a HEAD request"
    );

    let mut stream = BufReader::new(scene.server.connect());
    stream.get_mut().write_all(scene.request("GET", "HTTP/1.0").as_bytes()).unwrap();
    let head = head(&mut stream);
    assert!(head.starts_with("HTTP/1.0 200") && !head.contains("transfer-encoding"), "{head}");
    until(&mut stream, "event: beat");
    assert!(scene.home.path().exists());
}
