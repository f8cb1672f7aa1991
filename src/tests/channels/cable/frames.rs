//! The protocol without a valid token.

use super::{
    client::{CableClient, handshake, rejected},
    server::TestServer,
};
use futures_util::SinkExt as _;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::{Bytes, Message};

const PROTOCOLS: &str = "actioncable-v1-json, actioncable-unsupported";

#[tokio::test]
async fn subprotocol_is_selected_if_offered() {
    let server = TestServer::start().await;
    for (offered, chosen) in [
        (Some(PROTOCOLS), Some("actioncable-v1-json")),
        (Some("actioncable-unsupported"), None),
        (None, None),
    ] {
        let headers: Vec<_> =
            offered.map(|offered| ("sec-websocket-protocol", offered)).into_iter().collect();
        // The client library rejects a response without one of the offered protocols.
        if offered.is_some() && chosen.is_none() {
            continue;
        }
        let mut client = handshake(server.address, "/cable", &headers).await.unwrap();
        assert_eq!(
            client.headers.get("sec-websocket-protocol").map(|value| value.to_str().unwrap()),
            chosen
        );
        assert_eq!(client.next().await, json!({ "type": "welcome" }));
    }
    let foreign = [
        ("origin", "https://elsewhere.example"),
        ("accept-encoding", "br, gzip"),
        ("cookie", "a=b"),
    ];
    assert_eq!(
        handshake(server.address, "/cable/", &foreign).await.unwrap().next().await,
        json!({ "type": "welcome" })
    );
}

#[tokio::test]
async fn request_without_upgrade_is_404() {
    let server = TestServer::start().await;
    let answer = |request: &'static str| {
        let address = server.address;
        tokio::task::spawn_blocking(move || {
            use std::io::{Read as _, Write as _};
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text
        })
    };
    for request in [
        "GET /cable HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        "POST /cable HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        "GET /cable HTTP/1.1\r\nhost: x\r\nconnection: close\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "GET /cables HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    ] {
        let answer = answer(request).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 404 "), "{request}: {answer}");
    }
    let old = answer(
        "GET /cable HTTP/1.1\r\nhost: x\r\nconnection: close, upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 8\r\nsec-websocket-key: x\r\n\r\n",
    );
    let old = old.await.unwrap();
    assert!(old.starts_with("HTTP/1.1 426 ") && old.contains("sec-websocket-version: 13"), "{old}");
}

#[tokio::test]
async fn pings_every_three_seconds_with_the_time() {
    let server = TestServer::start().await;
    let mut client = CableClient::open(server.address).await;
    let mut times = vec![Instant::now()];
    let mut seconds = Vec::new();
    while seconds.len() < 2 {
        if let Some(Message::Text(text)) = client.message().await {
            let ping: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(ping["type"], "ping");
            seconds.push(ping["message"].as_i64().unwrap());
            times.push(Instant::now());
        }
    }
    // Clients give up after six seconds; a busy machine may be late by any amount.
    assert!(times[2] - times[1] >= Duration::from_millis(2_500), "{times:?}");
    assert!(seconds[0] > 1_700_000_000 && seconds[1] >= seconds[0] + 2, "{seconds:?}");
}

#[tokio::test]
async fn rejections_echo_unknown_and_odd_identifiers() {
    let server = TestServer::start().await;
    let mut client = CableClient::open(server.address).await;
    for identifier in [
        r#"{"channel":"RoomChannel","pubsub_token":"unknown"}"#,
        r#"{ "pubsub_token" : "unknown", "channel":"RoomChannel" }"#,
        r#"{"channel":"RoomChannel","pubsub_token":"unknown","account_id":1,"user_id":1}"#,
        r#"{"channel":"OtherChannel","pubsub_token":"unknown"}"#,
        r#"{"channel":"RoomChannel"}"#,
        "RoomChannel \u{1F514} \"\\ \u{7}",
        "",
    ] {
        client.send("subscribe", identifier).await;
        assert_eq!(client.next().await, rejected(identifier));
    }
    let long = "x".repeat(2_000);
    client.send("subscribe", &long).await;
    assert_eq!(client.next().await, rejected(&long));
}

#[tokio::test]
async fn unknown_commands_are_ignored() {
    let server = TestServer::start().await;
    let mut client = CableClient::open(server.address).await;
    for text in [
        "",
        "{",
        "null",
        "[]",
        "7",
        "{}",
        r#"{"command":"subscribe"}"#,
        r#"{"command":"open","identifier":"x"}"#,
        r#"{"type":"pong"}"#,
    ] {
        client.send_text(text).await;
    }
    client.send("unsubscribe", "nobody").await;
    client.perform("nobody", &json!({ "action": "update_presence" })).await;
    client
        .socket
        .send(Message::binary(r#"{"command":"subscribe","identifier":"binary"}"#))
        .await
        .unwrap();
    assert!(client.is_silent().await);
    client.socket.send(Message::Ping(Bytes::from_static(b"?"))).await.unwrap();
    let pong = loop {
        match client.message().await {
            Some(Message::Text(_)) => {}
            other => break other,
        }
    };
    assert_eq!(pong, Some(Message::Pong(Bytes::from_static(b"?"))));
}

#[tokio::test]
async fn commands_may_come_before_the_welcome_is_read() {
    let server = TestServer::start().await;
    let mut client = handshake(server.address, "/cable", &[]).await.unwrap();
    client.send("subscribe", "early").await;
    assert_eq!(client.next().await, json!({ "type": "welcome" }));
    assert_eq!(client.next().await, rejected("early"));
}

#[tokio::test]
async fn stopping_server_sends_disconnect_and_closes() {
    let server = TestServer::start().await;
    let clients =
        [CableClient::open(server.address).await, CableClient::open(server.address).await];
    server.stop();
    for client in clients {
        let (frames, code) = client.remaining().await;
        assert_eq!(
            frames,
            [json!({ "type": "disconnect", "reason": "server_restart", "reconnect": true })]
        );
        assert_eq!(code, Some(1012));
    }
    server.wait_stopped().await;
}
