//! The protocol without a valid credential.

use super::client::{SdkClient, handshake, heartbeat, http};
use crate::channels::cable::server::TestServer;
use futures_util::SinkExt as _;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error, Message};

#[tokio::test]
async fn subprotocol_is_selected_if_offered() {
    let server = TestServer::start().await;
    let chosen = |client: &SdkClient| {
        client.headers.get("sec-websocket-protocol").map(|value| value.to_str().unwrap().to_owned())
    };
    let plain = handshake(server.address, "vsn=2.0.0", &[]).await.unwrap();
    assert_eq!(chosen(&plain), None);
    let offered = [("sec-websocket-protocol", "phoenix, base64url.bearer.phx.YS5iLmM")];
    assert_eq!(
        chosen(&handshake(server.address, "vsn=2.0.0", &offered).await.unwrap()),
        Some("phoenix".into())
    );
}

#[tokio::test]
async fn handshake_of_another_version_is_rejected() {
    let server = TestServer::start().await;
    let status = |result: Result<SdkClient, Error>| match result {
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
        Ok(_) => 101,
    };
    assert_eq!(status(handshake(server.address, "vsn=1.0.0", &[]).await), 403);
    assert_eq!(status(handshake(server.address, "", &[]).await), 101);
    let plain =
        http().get(format!("http://{}/socket/websocket", server.address)).send().await.unwrap();
    assert_eq!(plain.status(), 404, "no upgrade is requested");
}

#[tokio::test]
async fn heartbeat_is_answered() {
    let server = TestServer::start().await;
    let mut client = SdkClient::open(server.address, "x").await;
    client.send(&json!([null, "12", "phoenix", "heartbeat", {}])).await;
    assert_eq!(client.next().await, heartbeat("12"));
    client.send(&json!([null, 13, "phoenix", "other", {}])).await;
    assert_eq!(
        client.next().await,
        json!([null, 13, "phoenix", "phx_reply", { "status": "error", "response": { "reason": "unmatched topic" } }])
    );
}

#[tokio::test]
async fn pushes_to_unjoined_topics_are_answered() {
    let server = TestServer::start().await;
    let mut client = SdkClient::open(server.address, "x").await;
    for topic in ["room:1", "", "inbox", "room:", "phoenix:1", "conversation"] {
        for (event, payload) in
            [("phx_join", json!({})), ("subscribe", json!({ "inbox": "mine" })), ("x", Value::Null)]
        {
            assert_eq!(
                client.expect_error(topic, event, payload).await,
                "unmatched topic",
                "{topic} {event}"
            );
        }
        // Leaving a topic that isn't joined succeeds.
        assert_eq!(
            client.push(topic, "phx_leave", json!({})).await,
            json!({ "status": "ok", "response": {} })
        );
    }
}

#[tokio::test]
async fn invalid_frames_are_ignored() {
    let server = TestServer::start().await;
    let mut client = SdkClient::open(server.address, "x").await;
    for text in [
        "",
        "x",
        "{}",
        "[]",
        "null",
        r#"["1","1","room:1","phx_join"]"#,
        r#"[["1"],"1","room:1","phx_join",{}]"#,
    ] {
        client.send_text(text).await;
    }
    client.socket.send(Message::binary(vec![0, 1, 1, 1, 1])).await.unwrap();
    assert!(client.is_silent().await);
}

#[tokio::test]
async fn clients_reconnect_after_a_server_restart() {
    let server = TestServer::start().await;
    let mut client = SdkClient::open(server.address, "x").await;
    assert!(client.is_silent().await);
    server.stop();
    assert_eq!(client.remaining().await, (Vec::new(), Some(1012)));
    server.wait_stopped().await;
}
