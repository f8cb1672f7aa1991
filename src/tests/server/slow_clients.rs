//! Clients that request much and read slowly.

use super::process::{DataDir, Server};
use std::{
    io::{Read as _, Write as _},
    time::{Duration, Instant},
};

/// The largest response without a key.
const LARGE: &str = "/openapi.json";

fn served(server: &Server) -> bool {
    server
        .raw(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .starts_with("HTTP/1.1 200")
}

#[test]
fn slow_http_1_reader_is_disconnected() {
    let home = DataDir::new();
    let (site, _) = home.site();
    // While the client holds the only connection of its address, no other is served.
    let server = home.serve(&["--limit-answer", "300", "--max-connections-per-address", "1"]);
    let mut slow = server.connect();
    // Far more than the buffers of both systems; each response is short, because a long one has a
    // longer timeout.
    slow.write_all(
        format!("GET /scripts/{site}.js HTTP/1.1\r\nhost: x\r\n\r\n").repeat(3_000).as_bytes(),
    )
    .unwrap();
    let mut byte = [0];
    slow.read_exact(&mut byte).unwrap();
    assert!(!served(&server), "the slow client is being served");
    let begun = Instant::now();
    while !served(&server) {
        assert!(begun.elapsed() < Duration::from_secs(20), "a slow client is never disconnected");
        let _ = slow.read(&mut byte);
    }
}

#[test]
fn slow_request_does_not_time_out_the_previous_response() {
    let home = DataDir::new();
    let (site, _) = home.site();
    let server = home.serve(&["--limit-answer", "200"]);
    let mut stream = server.connect();
    let form = "content-type: application/x-www-form-urlencoded\r\ncontent-length: 7\r\nconnection: close\r\n";
    let first = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    stream
        .write_all(
            format!("{first}POST /embed/{site} HTTP/1.1\r\nhost: x\r\n{form}\r\ntoken=").as_bytes(),
        )
        .unwrap();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(600) {
        assert!(served(&server));
    }
    stream.write_all(b"x").unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert!(answers.contains("HTTP/1.1 200") && answers.contains("HTTP/1.1 401"), "{answers}");
}

/// Sends a request on an HTTP/2 connection with this window size.
async fn ask(
    client: &mut h2::client::SendRequest<bytes::Bytes>,
    method: &str,
    path: &str,
) -> axum::http::Response<h2::RecvStream> {
    let request = axum::http::Request::builder()
        .method(method)
        .uri(format!("http://x{path}"))
        .body(())
        .unwrap();
    std::future::poll_fn(|context| client.poll_ready(context)).await.unwrap();
    client.send_request(request, true).unwrap().0.await.unwrap()
}

#[tokio::test]
async fn http_2_stream_with_a_closed_window_is_reset() {
    let home = DataDir::new();
    let server =
        tokio::task::spawn_blocking(move || home.serve(&["--limit-answer", "300"])).await.unwrap();
    let socket = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) = h2::client::Builder::new()
        .initial_window_size(0)
        .handshake::<_, bytes::Bytes>(socket)
        .await
        .unwrap();
    let driver = tokio::spawn(connection);
    let mut stalled = Vec::new();
    for _ in 0..8 {
        let response = ask(&mut client, "GET", LARGE).await;
        assert_eq!(response.status(), 200);
        stalled.push(response.into_body());
    }
    for mut body in stalled {
        let outcome = tokio::time::timeout(Duration::from_secs(20), body.data())
            .await
            .expect("a stalled response should end");
        assert!(outcome.unwrap().unwrap_err().is_reset());
    }
    assert_eq!(ask(&mut client, "HEAD", "/healthz").await.status(), 200);
    driver.abort();
}

#[tokio::test]
async fn steady_http_2_reader_gets_the_whole_response() {
    let home = DataDir::new();
    let server = tokio::task::spawn_blocking(move || home.serve(&[])).await.unwrap();
    let socket = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) = h2::client::handshake(socket).await.unwrap();
    let driver = tokio::spawn(connection);
    let response = ask(&mut client, "GET", LARGE).await;
    let length: usize = response.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let mut body = response.into_body();
    let mut received = Vec::new();
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        body.flow_control().release_capacity(data.len()).unwrap();
        received.extend_from_slice(&data);
    }
    assert_eq!(received.len(), length);
    assert!(serde_json::from_slice::<serde_json::Value>(&received).unwrap()["openapi"].is_string());
    driver.abort();
}
