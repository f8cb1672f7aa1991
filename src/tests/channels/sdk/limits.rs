//! Limits on one client.

use super::{
    agents::SdkFixture,
    client::{SdkClient, handshake},
};
use crate::channels::cable::server::TestServer;
use belfry::server::ConnectionLimits;
use belfry_channels::sdk::Limits;
use belfry_domain::channel::ConversationNumber;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn frame_beyond_the_limit_ends_the_socket() {
    let server = TestServer::start().await;
    let mut client = SdkClient::open(server.address, "x").await;
    client.send_text("x".repeat(64 * 1_024)).await;
    assert!(client.is_silent().await);
    client.send_text("x".repeat(64 * 1_024 + 1)).await;
    assert_eq!(client.remaining().await, (Vec::new(), Some(1009)));
}

#[tokio::test]
async fn frames_beyond_the_rate_are_delayed() {
    let server = TestServer::start().await;
    let mut client = SdkClient::open(server.address, "x").await;
    let began = Instant::now();
    for _ in 0..70 {
        client.send_text("[]").await;
    }
    assert!(client.is_silent().await);
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn client_guessing_topics_is_disconnected() {
    let server = TestServer::start().await;
    let mut client = SdkClient::open(server.address, "x").await;
    for _ in 0..50 {
        assert_eq!(client.expect_error("room:1", "phx_join", json!({})).await, "unmatched topic");
    }
    for reference in 0..20 {
        client.send(&json!(["1", reference, "room:1", "phx_join", {}])).await;
    }
    assert_eq!(client.remaining().await.1, Some(1008));
}

#[tokio::test]
async fn sockets_count_against_connections_per_address() {
    let server =
        TestServer::with(ConnectionLimits { per_address: Some(2), ..ConnectionLimits::default() })
            .await;
    let _first = SdkClient::open(server.address, "x").await;
    let second = SdkClient::open(server.address, "x").await;
    assert!(handshake(server.address, "", &[]).await.is_err());
    drop(second);
    // The connection ends when the server has noticed.
    let began = Instant::now();
    while handshake(server.address, "", &[]).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "a closed socket is still counted");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn silent_socket_is_closed() {
    let limits = Limits { idle: Duration::from_secs(4), ..Limits::default() };
    let server = TestServer::with_limits(ConnectionLimits::default(), limits).await;
    let (quiet, mut other) =
        (SdkClient::open(server.address, "x").await, SdkClient::open(server.address, "x").await);
    let talks = async {
        let mut heartbeats = tokio::time::interval(Duration::from_secs(1));
        for _ in 0..12 {
            heartbeats.tick().await;
            assert!(other.is_silent().await);
        }
    };
    let ((frames, code), ()) = tokio::join!(quiet.remaining(), talks);
    assert_eq!((frames, code), (Vec::new(), Some(1001)));
}

#[tokio::test]
async fn topics_are_limited_per_socket() {
    let server = TestServer::with_limits(ConnectionLimits::default(), Limits::unlimited()).await;
    let fixture = SdkFixture::open(&server).await;
    let session = fixture.site.session(None, false).await;
    let mut client = SdkClient::open(server.address, &fixture.jwt("ada")).await;
    let mut last = String::new();
    for _ in 0..50 {
        let number = fixture.site.conversation(&session).await;
        last =
            format!("conversation:{}", super::agents::uuid(&server, &fixture.site, number).await);
        client.join(&last, json!({})).await;
        client.events().await;
    }
    assert_eq!(client.expect_error(&fixture.topic(), "phx_join", json!({})).await, "rate_limited");
    // A rejoined topic replaces itself.
    client.send(&json!(["2", "2", last, "phx_join", {}])).await;
    assert!(
        client
            .events()
            .await
            .iter()
            .any(|frame| frame[3] == "phx_reply" && frame[4]["status"] == "ok")
    );
    client.send(&json!(["2", "3", last, "phx_leave", {}])).await;
    client.events().await;
    client.join(&fixture.topic(), json!({})).await;
}

#[tokio::test]
async fn client_that_reads_nothing_is_disconnected() {
    let limits = Limits { idle: Duration::from_hours(1), ..Limits::unlimited() };
    let server = TestServer::with_limits(ConnectionLimits::default(), limits).await;
    let fixture = SdkFixture::open(&server).await;
    let session = fixture.site.session(None, false).await;
    let mut slow = fixture.lists(&server, "slow", &["new"]).await;
    let mut quick = fixture.lists(&server, "quick", &["new"]).await;
    // More than the buffers of both systems and the queue hold: long messages first, then short
    // ones for the queue's limit on entries.
    let long = "x".repeat(150_000);
    let mut written = 0;
    for content in std::iter::repeat_n(long.as_str(), 100).chain(std::iter::repeat_n("short", 600))
    {
        if written % 150 == 0 {
            // Messages of one conversation are limited per minute.
            fixture.site.conversation(&session).await;
            quick.event(&fixture.topic(), "inbox_new").await;
        }
        fixture.site.write(ConversationNumber(written / 150 + 1), content).await;
        quick.event(&fixture.topic(), "inbox_update").await;
        written += 1;
    }
    // The rest for the slow client ends in the middle.
    let mut heard = 0;
    while let Some(message) = slow.message().await {
        heard += i64::from(matches!(message, Message::Text(_)));
    }
    assert!(heard < written, "{heard} of {written}");
    assert!(quick.is_silent().await);
}
