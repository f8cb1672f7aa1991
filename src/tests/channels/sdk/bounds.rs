//! What one client may not do.

use super::client::{Client, handshake};
use crate::channels::cable::server::Running;
use belfry::server::ConnectionLimits;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn frame_beyond_its_bound_ends_the_socket() {
    let server = Running::start().await;
    let mut client = Client::open(server.address, "x").await;
    client.send_text("x".repeat(64 * 1_024)).await;
    assert!(client.is_silent().await);
    client.send_text("x".repeat(64 * 1_024 + 1)).await;
    assert_eq!(client.rest().await, (Vec::new(), Some(1009)));
}

#[tokio::test]
async fn frames_beyond_the_rate_are_read_later() {
    let server = Running::start().await;
    let mut client = Client::open(server.address, "x").await;
    let began = Instant::now();
    for _ in 0..70 {
        client.send_text("[]").await;
    }
    assert!(client.is_silent().await);
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn client_that_tries_topic_after_topic_is_sent_away() {
    let server = Running::start().await;
    let mut client = Client::open(server.address, "x").await;
    for _ in 0..50 {
        assert_eq!(client.refused("room:1", "phx_join", json!({})).await, "unmatched topic");
    }
    for reference in 0..20 {
        client.send(&json!(["1", reference, "room:1", "phx_join", {}])).await;
    }
    assert_eq!(client.rest().await.1, Some(1008));
}

#[tokio::test]
async fn sockets_count_as_connections_of_their_address() {
    let server = Running::with(ConnectionLimits { per_address: Some(2), ..ConnectionLimits::default() }).await;
    let _first = Client::open(server.address, "x").await;
    let second = Client::open(server.address, "x").await;
    assert!(handshake(server.address, "", &[]).await.is_err());
    drop(second);
    // It is over when the server has noticed.
    let began = Instant::now();
    while handshake(server.address, "", &[]).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "a socket that ended makes no room");
        tokio::task::yield_now().await;
    }
}
