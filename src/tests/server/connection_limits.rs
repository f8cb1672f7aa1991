//! Many connections at once: limits in total and per address.

use super::process::{DataDir, Server};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

/// The start of the response; empty if the server closed without one.
fn answer(stream: &mut TcpStream) -> String {
    let _ = stream.write_all(REQUEST);
    let mut bytes = [0; 12];
    match stream.read_exact(&mut bytes) {
        Ok(()) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => String::new(),
    }
}

/// Opens a connection and checks that it is served; `None` if not.
fn open(server: &Server) -> Option<TcpStream> {
    let mut stream = server.connect();
    (answer(&mut stream) == "HTTP/1.1 200").then_some(stream)
}

/// Waits until a new connection is served.
fn open_in_the_end(server: &Server) -> TcpStream {
    let begun = Instant::now();
    loop {
        if let Some(stream) = open(server) {
            return stream;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "closed connections are still counted");
    }
}

/// A connection from another local address.
fn open_from(server: &Server, address: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let mut stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(format!("{address}:0").parse().unwrap()).unwrap();
        socket.connect(server.address).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    answer(&mut stream)
}

#[test]
fn connections_are_limited_per_address() {
    let home = DataDir::new();
    let server = home.serve(&["--max-connections-per-address", "3"]);
    let mut open: Vec<_> = (0..3).map(|_| open(&server).unwrap()).collect();
    let refused = answer(&mut server.connect());
    assert!(refused.is_empty() || refused == "HTTP/1.1 503", "{refused}");
    assert_eq!(open_from(&server, "127.0.0.2"), "HTTP/1.1 200");
    open.pop();
    open_in_the_end(&server);
    drop(open);
    assert!(server.log().contains("too many connections from one address"), "{}", server.log());

    let trusting =
        home.serve(&["--max-connections-per-address", "1", "--trusted-proxy", "127.0.0.1"]);
    let open: Vec<_> = (0..5).map(|_| self::open(&trusting).unwrap()).collect();
    drop(open);
}

#[test]
fn excess_connections_are_refused_and_logged_briefly() {
    let home = DataDir::new();
    let server = home.serve_after("ulimit -n 100", &[]);
    let open: Vec<_> = (0..90).filter_map(|_| open(&server)).collect();
    assert!((20..=50).contains(&open.len()), "{} of 90 with 100 files", open.len());
    let lines = server
        .log()
        .lines()
        .filter(|line| line.contains("\"WARN\"") && line.contains("connection"))
        .count();
    assert!((1..=3).contains(&lines), "{lines} lines for some 40 connections: {}", server.log());
    drop(open);
    open_in_the_end(&server);
}

#[test]
fn open_file_limit_is_raised_to_the_maximum() {
    let home = DataDir::new();
    let server = home.serve_after("ulimit -Sn 64", &[]);
    let open: Vec<_> =
        (0..120).map(|_| open(&server).expect("room for more than 64 files")).collect();
    drop(open);
}
