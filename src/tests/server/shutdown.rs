//! Graceful shutdown: streams close, started requests are finished, a second signal stops at once.

use super::process::{DataDir, Server, ask};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

fn exit_code(server: &mut Server) -> Option<i32> {
    server.child.wait().unwrap().code()
}

/// Opens a reader's stream, and reads its first event.
fn open_stream(home: &DataDir, server: &Server, site: &str, key: &str) -> BufReader<TcpStream> {
    home.json(&["contact", "upsert", site], r#"{"externalCustomerId":"42"}"#);
    let bearer = bearer(server, site, key, "42");
    let ticket = ask(
        server.address,
        "POST",
        &format!("/embed/{site}/ticket"),
        &[&format!("authorization: Bearer {bearer}")],
        "",
    )
    .unwrap();
    let ticket = ticket.json()["ticket"].as_str().unwrap().to_owned();
    let mut stream = server.connect();
    write!(stream, "GET /embed/{site}/events?ticket={ticket} HTTP/1.1\r\nhost: x\r\naccept-encoding: br, gzip\r\n\r\n").unwrap();
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "{head}");
    }
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/event-stream"), "{head}");
    assert!(!head.contains("content-encoding"), "a compressed stream would wait for more: {head}");
    reader
}

/// A reader's bearer token, by the token call and its exchange.
pub fn bearer(server: &Server, site: &str, key: &str, external_id: &str) -> String {
    let body = format!(r#"{{"externalCustomerId":"{external_id}"}}"#);
    let headers = [&format!("authorization: Bearer {key}")[..], "content-type: application/json"];
    let token = ask(server.address, "POST", "/v1/auth/contact/token", &headers, &body)
        .unwrap()
        .json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let headers = ["sec-fetch-site: same-origin", "content-type: application/json"];
    let session = ask(
        server.address,
        "POST",
        &format!("/embed/{site}/session"),
        &headers,
        &format!(r#"{{"token":"{token}"}}"#),
    )
    .unwrap();
    session.json()["bearer"]
        .as_str()
        .unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&session.body)))
        .to_owned()
}

#[test]
fn first_signal_ends_streams_and_finishes_requests() {
    let home = DataDir::new();
    let (site, key) = home.site();
    let mut server = home.serve(&[]);
    let mut stream = open_stream(&home, &server, &site, &key);

    // A request that is half sent when the signal arrives.
    let body = r#"{"audience":"everyone","content":{"en":{"title":"Hello"}}}"#;
    let (first, second) = body.split_at(20);
    let mut begun = server.connect();
    let length = body.len();
    write!(
        begun,
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    )
    .unwrap();
    // "100 Continue" shows that the handler has started to read.
    let mut continued = [0; 25];
    begun.read_exact(&mut continued).unwrap();
    assert!(continued.starts_with(b"HTTP/1.1 100"));
    begun.write_all(first.as_bytes()).unwrap();

    server.signal("TERM");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).expect("the stream ends gracefully");
    assert!(rest.ends_with("0\r\n\r\n"), "with its last chunk: {rest:?}");

    begun.write_all(second.as_bytes()).unwrap();
    let mut answer = String::new();
    begun.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(exit_code(&mut server), Some(0));
    assert!(TcpStream::connect(server.address).is_err());
}

#[test]
fn endless_request_is_dropped_after_the_limit() {
    let home = DataDir::new();
    let (_, key) = home.site();
    let mut server = home.serve(&["--limit-drain", "200"]);
    let begun = begin(&server, &key);
    server.signal("TERM");
    assert_eq!(exit_code(&mut server), Some(0));
    drop(begun);
}

#[test]
fn second_signal_stops_at_once() {
    let home = DataDir::new();
    let (_, key) = home.site();
    let mut server = home.serve(&["--limit-drain", "600000", "--limit-body", "600000"]);
    let begun = begin(&server, &key);
    server.signal("INT");
    // The listener closes first; only then is the second signal distinct from the first.
    while TcpStream::connect(server.address).is_ok() {
        std::thread::yield_now();
    }
    let told = Instant::now();
    server.signal("INT");
    assert_eq!(exit_code(&mut server), Some(0));
    assert!(told.elapsed() < Duration::from_secs(20), "shutdown didn't wait for the request");
    drop(begun);
}

/// A request whose body never arrives, once its handler reads.
fn begin(server: &Server, key: &str) -> TcpStream {
    let mut begun = server.connect();
    write!(
        begun,
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n"
    )
    .unwrap();
    let mut continued = [0; 25];
    begun.read_exact(&mut continued).unwrap();
    begun
}
