//! What one client may not do.

use super::{
    client::{Client, handshake, rejected},
    server::Running,
};
use belfry::server::ConnectionLimits;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn frame_beyond_its_bound_ends_the_connection() {
    let server = Running::start().await;
    let mut client = Client::open(server.address).await;
    client.send_text("x".repeat(16 * 1_024)).await;
    assert!(client.is_silent().await);
    client.send_text("x".repeat(16 * 1_024 + 1)).await;
    assert_eq!(client.rest().await, (Vec::new(), Some(1009)));
}

#[tokio::test]
async fn commands_beyond_the_rate_are_read_later() {
    let server = Running::start().await;
    let mut client = Client::open(server.address).await;
    let began = Instant::now();
    for _ in 0..70 {
        client.send_text("{}").await;
    }
    assert!(client.is_silent().await);
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn client_that_tries_token_after_token_is_sent_away() {
    let server = Running::start().await;
    let mut client = Client::open(server.address).await;
    let mut rejections = 0;
    let last = loop {
        client.send("subscribe", &format!(r#"{{"channel":"RoomChannel","pubsub_token":"{rejections}"}}"#)).await;
        let answer = client.next().await;
        if answer["type"] != "reject_subscription" {
            break answer;
        }
        rejections += 1;
        assert!(rejections < 1_000, "nobody minds");
    };
    assert_eq!(last, json!({ "type": "disconnect", "reason": "unauthorized", "reconnect": false }));
    assert!(rejections >= 50, "{rejections}");
    assert_eq!(client.rest().await, (Vec::new(), Some(1008)));
}

#[tokio::test]
async fn sockets_count_as_connections_of_their_address() {
    let server = Running::with(ConnectionLimits { per_address: Some(2), ..ConnectionLimits::default() }).await;
    let mut first = Client::open(server.address).await;
    let second = Client::open(server.address).await;
    assert!(handshake(server.address, "/cable", &[]).await.is_err());
    drop(second);
    // It is over when the server has noticed.
    let began = Instant::now();
    while handshake(server.address, "/cable", &[]).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "a socket that ended makes no room");
        tokio::task::yield_now().await;
    }
    first.send("subscribe", "still here").await;
    assert_eq!(first.next().await, rejected("still here"));
}

#[tokio::test]
async fn client_that_says_goodbye_is_answered() {
    let server = Running::start().await;
    let mut client = Client::open(server.address).await;
    client.socket.close(None).await.unwrap();
    let mut closed = false;
    while let Some(message) = client.message().await {
        closed |= matches!(message, Message::Close(_));
    }
    assert!(closed);
}
