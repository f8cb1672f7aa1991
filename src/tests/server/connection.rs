//! Clients that are slow, send too much, or send invalid requests.

use super::process::DataDir;
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

/// Everything until the server closes; a test that waits in vain fails by the client's own timeout.
fn until_closed(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("the server should have closed this connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The head of the next answer, whose body is read too.
fn read_answer(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (String::new(), [0]);
    while !head.ends_with("\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(char::from(byte[0]));
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    stream.read_exact(&mut vec![0; length.parse().unwrap()]).unwrap();
    head
}

#[test]
fn connection_without_a_complete_request_is_closed() {
    let home = DataDir::new();
    let server = home.serve(&["--limit-head", "300"]);
    for begun in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n", b"GET /healthz HTTP/1.1\r\nhost: x\r\n"] {
        let mut stream = server.connect();
        stream.write_all(begun).unwrap();
        let answer = until_closed(&mut stream);
        assert!(!answer.contains("200 OK"), "{answer}");
    }
    // The same after an answered request.
    let mut stream = server.connect();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /he").unwrap();
    assert_eq!(until_closed(&mut stream).matches("200 OK").count(), 1);
}

#[test]
fn idle_connection_and_slow_request_time_out() {
    let home = DataDir::new();
    let request = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let answered = |stream: &mut TcpStream| {
        stream.write_all(request).unwrap();
        read_answer(stream)
    };
    let server = home.serve(&["--keep-alive", "1"]);
    let mut stream = server.connect();
    answered(&mut stream);
    assert_eq!(until_closed(&mut stream), "");

    // The keep-alive of a day must not apply, or the test fails.
    let server = home.serve(&["--keep-alive", "86400", "--limit-head", "300"]);
    let mut stream = server.connect();
    answered(&mut stream);
    answered(&mut stream);
    stream.write_all(b"GET /he").unwrap();
    assert_eq!(until_closed(&mut stream), "");
}

#[test]
fn missing_body_times_out() {
    let home = DataDir::new();
    let (_, key) = home.site();
    let server = home.serve(&["--limit-body", "300"]);
    let mut stream = server.connect();
    let head = format!(
        "POST /v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{\"aud"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let answer = until_closed(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 40"), "{answer}");
}

#[test]
fn early_answer_keeps_the_connection_of_a_late_body() {
    let home = DataDir::new();
    let server = home.serve(&[]);
    let mut stream = server.connect();
    // Many clients write the head and the body apart, and the answer needs only the head.
    for _ in 0..3 {
        stream
            .write_all(b"POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n")
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        stream.write_all(b"body").unwrap();
        let head = read_answer(&mut stream);
        assert!(head.starts_with("HTTP/1.1 404 ") && !head.contains("connection: close"), "{head}");
    }
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    assert!(read_answer(&mut stream).starts_with("HTTP/1.1 200 "));
}

#[test]
fn unread_body_that_is_not_awaited_is_announced() {
    let home = DataDir::new();
    let server = home.serve(&[]);
    for headers in [
        "content-length: 4",
        "content-length: 1000000",
        "transfer-encoding: chunked",
        "content-length: 4\r\nexpect: 100-continue",
    ] {
        let mut stream = server.connect();
        let request = format!("POST /nowhere HTTP/1.1\r\nhost: x\r\n{headers}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let answer = until_closed(&mut stream);
        assert!(
            answer.starts_with("HTTP/1.1 404 ") && answer.contains("connection: close"),
            "{headers}: {answer}"
        );
    }
}

#[test]
fn oversized_requests_have_their_own_status() {
    let home = DataDir::new();
    let (_, key) = home.site();
    let server = home.serve(&[]);
    let long = "x".repeat(20 * 1024);
    let answer = server
        .raw(format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: {long}\r\n\r\n").as_bytes());
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let many: String =
        (0..150).map(|number| format!("x-{number}: y\r\n")).collect::<Vec<_>>().concat();
    let answer = server.raw(format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{many}\r\n").as_bytes());
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let authorization = format!("authorization: Bearer {key}");
    let body = " ".repeat(65 * 1024);
    let answer = super::process::ask(
        server.address,
        "POST",
        "/v1/messages",
        &[&authorization, "content-type: application/json"],
        &body,
    )
    .unwrap();
    assert_eq!(answer.status, 413);
    let huge = format!(
        "POST /embed/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        11 * 1024 * 1024
    );
    let answer = server.raw(huge.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn request_with_two_lengths_closes_the_connection() {
    let home = DataDir::new();
    let server = home.serve(&[]);
    // A proxy that used the other length would take the rest for another request (RFC 9112, section
    // 6.1).
    for headers in [
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 5",
    ] {
        let request = format!(
            "POST /v1/messages HTTP/1.1\r\nhost: x\r\n{headers}\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
        );
        let answer = server.raw(request.as_bytes());
        assert!(
            answer.starts_with("HTTP/1.1 40") && answer.contains("connection: close"),
            "{headers}: {answer}"
        );
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{headers}: {answer}");
    }
}

#[test]
fn forwarded_address_is_trusted_from_proxies_only() {
    let home = DataDir::new();
    let response = |server: &super::process::Server, header: &str| {
        server.get("/v1/contact/7", &[header]).status
    };
    let trusting = home.serve(&["--trusted-proxy", "192.0.2.0/24,127.0.0.1", "--limit-calls", "1"]);
    // The client's claim precedes the address that the proxy appends.
    for claimed in ["", "203.0.113.1, ", "203.0.113.2, "] {
        let status = response(&trusting, &format!("x-forwarded-for: {claimed}198.51.100.1"));
        assert_eq!(status, if claimed.ends_with("2, ") { 429 } else { 401 }, "{claimed}");
    }
    assert_eq!(response(&trusting, "x-forwarded-for: 198.51.100.2"), 401);
    let wary = home.serve(&["--limit-calls", "1"]);
    let statuses = ["198.51.100.1", "198.51.100.2", "198.51.100.3"]
        .map(|address| response(&wary, &format!("x-forwarded-for: {address}")));
    assert_eq!(statuses, [401, 401, 429]);
}
