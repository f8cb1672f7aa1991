//! Limits on one client.

use super::{
    client::{CableClient, handshake, rejected},
    server::TestServer,
};
use crate::channels::site::identifier;
use belfry::server::ConnectionLimits;
use belfry_domain::channel::AgentRole;
use futures_util::SinkExt as _;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

#[tokio::test]
async fn frame_beyond_the_limit_ends_the_connection() {
    let server = TestServer::start().await;
    let mut client = CableClient::open(server.address).await;
    client.send_text("x".repeat(16 * 1_024)).await;
    assert!(client.is_silent().await);
    client.send_text("x".repeat(16 * 1_024 + 1)).await;
    assert_eq!(client.remaining().await, (Vec::new(), Some(1009)));
}

/// Bytes that are not UTF-8, and a frame marked as compressed without negotiation.
#[tokio::test]
async fn protocol_error_ends_only_its_own_connection() {
    let server = TestServer::start().await;
    let mut other = CableClient::open(server.address).await;
    let mut compressed = Frame::message("{}", OpCode::Data(Data::Text), true);
    compressed.header_mut().rsv1 = true;
    for frame in
        [Frame::message(vec![b'"', 0xff, 0xfe], OpCode::Data(Data::Text), true), compressed]
    {
        let mut client = CableClient::open(server.address).await;
        client.socket.send(Message::Frame(frame)).await.unwrap();
        assert_eq!(client.remaining().await.0, Vec::<serde_json::Value>::new());
    }
    let mut client = CableClient::open(server.address).await;
    client.socket.send(Message::binary(vec![0xff; 1_000])).await.unwrap();
    assert!(client.is_silent().await, "a binary frame is ignored");
    assert!(other.is_silent().await);
}

#[tokio::test]
async fn commands_beyond_the_rate_are_delayed() {
    let server = TestServer::start().await;
    let mut client = CableClient::open(server.address).await;
    let began = Instant::now();
    for _ in 0..70 {
        client.send_text("{}").await;
    }
    assert!(client.is_silent().await);
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn client_guessing_tokens_is_disconnected() {
    let server = TestServer::start().await;
    let mut client = CableClient::open(server.address).await;
    let mut rejections = 0;
    let last = loop {
        client
            .send(
                "subscribe",
                &format!(r#"{{"channel":"RoomChannel","pubsub_token":"{rejections}"}}"#),
            )
            .await;
        let answer = client.next().await;
        if answer["type"] != "reject_subscription" {
            break answer;
        }
        rejections += 1;
        assert!(rejections < 1_000, "nobody minds");
    };
    assert_eq!(last, json!({ "type": "disconnect", "reason": "unauthorized", "reconnect": false }));
    assert!(rejections >= 50, "{rejections}");
    assert_eq!(client.remaining().await, (Vec::new(), Some(1008)));
}

#[tokio::test]
async fn sockets_count_against_connections_per_address() {
    let server =
        TestServer::with(ConnectionLimits { per_address: Some(2), ..ConnectionLimits::default() })
            .await;
    let mut first = CableClient::open(server.address).await;
    let second = CableClient::open(server.address).await;
    assert!(handshake(server.address, "/cable", &[]).await.is_err());
    drop(second);
    // The connection ends when the server has noticed.
    let began = Instant::now();
    while handshake(server.address, "/cable", &[]).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "a closed socket is still counted");
        tokio::task::yield_now().await;
    }
    first.send("subscribe", "still here").await;
    assert_eq!(first.next().await, rejected("still here"));
}

#[tokio::test]
async fn close_frame_is_answered() {
    let server = TestServer::start().await;
    let mut client = CableClient::open(server.address).await;
    client.socket.close(None).await.unwrap();
    let mut closed = false;
    while let Some(message) = client.message().await {
        closed |= matches!(message, Message::Close(_));
    }
    assert!(closed);
}

#[tokio::test]
async fn client_that_reads_nothing_is_disconnected() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let ann = site.session(None, false).await;
    let agent = site.colleague("agent@shop.example", AgentRole::Administrator, false).await;
    let mut slow = server.listen(&identifier(&ann)).await;
    let mut quick = server.listen(&agent.identifier).await;
    // More than the buffers of both systems and the queue hold: long messages first, then short
    // ones for the queue's limit on entries.
    let long = "x".repeat(150_000);
    let mut written = 0;
    for content in std::iter::repeat_n(long.as_str(), 100).chain(std::iter::repeat_n("short", 600))
    {
        if written % 150 == 0 {
            // Messages of one conversation are limited per minute.
            site.conversation(&ann).await;
            quick.event(&agent.identifier).await;
        }
        site.write(belfry_domain::channel::ConversationNumber(written / 150 + 1), content).await;
        assert_eq!(quick.event(&agent.identifier).await["event"], "message.created");
        written += 1;
    }
    // The rest for the slow client ends in the middle.
    let mut heard = 0;
    while let Some(message) = slow.message().await {
        heard += i64::from(matches!(message, Message::Text(_)));
    }
    assert!(heard < written, "{heard} of {written}");
    assert!(quick.events().await.is_empty());
}

#[tokio::test]
async fn client_that_reads_nothing_does_not_block_shutdown() {
    let server = TestServer::start().await;
    let site = server.site().await;
    let ann = site.session(None, false).await;
    let number = site.conversation(&ann).await;
    let _slow = server.listen(&identifier(&ann)).await;
    let long = "x".repeat(150_000);
    for _ in 0..60 {
        site.write(number, &long).await;
    }
    let began = Instant::now();
    server.stop();
    server.wait_stopped().await;
    // Otherwise the connection is dropped with unsent data after ten seconds.
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
}
