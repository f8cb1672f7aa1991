//! The same frames over long polling.

use super::client::http;
use crate::channels::cable::server::TestServer;
use belfry::server::ConnectionLimits;
use belfry_channels::sdk::Limits;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

struct Poller {
    http: reqwest::Client,
    url: String,
}

impl Poller {
    fn new(address: SocketAddr, query: &str) -> Self {
        Self { http: http(), url: format!("http://{address}/socket/longpoll?vsn=2.0.0&{query}") }
    }

    async fn body(&self, request: reqwest::RequestBuilder) -> Value {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "the protocol's status is in the body");
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
    }

    async fn poll(&self, token: &str) -> Value {
        self.body(self.http.get(format!("{}&token={token}", self.url))).await
    }

    async fn send(&self, token: &str, frames: &[Value]) -> Value {
        let lines: Vec<String> = frames.iter().map(Value::to_string).collect();
        let request = self
            .http
            .post(format!("{}&token={token}", self.url))
            .header("content-type", "application/x-ndjson");
        self.body(request.body(lines.join("\n"))).await
    }

    async fn open(&self) -> String {
        let opened = self.body(self.http.get(&self.url)).await;
        assert_eq!((&opened["status"], &opened["messages"]), (&json!(410), &json!([])), "{opened}");
        opened["token"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn frames_go_both_ways() {
    let server = TestServer::start().await;
    let poller = Poller::new(server.address, "jwt=x");
    let token = poller.open().await;
    let waiting = poller.poll(&token);
    let heartbeat = [json!([null, "1", "phoenix", "heartbeat", {}])];
    let sent = poller.send(&token, &heartbeat);
    let (answer, sent) = tokio::join!(waiting, sent);
    assert_eq!(sent, json!({ "status": 200 }));
    let message = r#"[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(answer, json!({ "status": 200, "token": token, "messages": [message] }));
    // Frames between two polls wait for the next one.
    let frames = [
        json!(["1", "2", "room:1", "phx_join", {}]),
        json!([null, "3", "phoenix", "heartbeat", {}]),
    ];
    assert_eq!(poller.send(&token, &frames).await["status"], 200);
    let mut messages = Vec::new();
    while messages.len() < 2 {
        messages.extend(poller.poll(&token).await["messages"].as_array().unwrap().clone());
    }
    assert!(
        messages[0].as_str().unwrap().contains("unmatched topic")
            && messages[1].as_str().unwrap().contains(r#""3""#),
        "{messages:?}"
    );
}

#[tokio::test]
async fn idle_poll_returns_after_the_timeout() {
    let server = TestServer::start().await;
    let poller = Poller::new(server.address, "jwt=x");
    let token = poller.open().await;
    assert_eq!(poller.poll(&token).await, json!({ "status": 204, "token": token, "messages": [] }));
}

#[tokio::test]
async fn ended_session_makes_the_client_reconnect() {
    let server = TestServer::start().await;
    let poller = Poller::new(server.address, "jwt=x");
    assert_eq!(poller.poll("never").await, json!({ "status": 410, "token": null, "messages": [] }));
    assert_eq!(poller.send("never", &[]).await, json!({ "status": 410 }));
}

#[tokio::test]
async fn poll_does_not_block_shutdown() {
    let server = TestServer::start().await;
    let poller = Poller::new(server.address, "jwt=x");
    let token = poller.open().await;
    let began = Instant::now();
    let stop = async {
        server.stop();
        server.wait_stopped().await;
    };
    // Without a response, the connection was closed before it was read.
    let (answer, ()) =
        tokio::join!(poller.http.get(format!("{}&token={token}", poller.url)).send(), stop);
    if let Ok(answer) = answer {
        assert!(answer.text().await.unwrap().contains("410"));
    }
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
}

#[tokio::test]
async fn other_versions_and_large_bodies_are_rejected() {
    let server = TestServer::start().await;
    let old = Poller {
        http: http(),
        url: format!("http://{}/socket/longpoll?vsn=1.0.0", server.address),
    };
    assert_eq!(old.body(old.http.get(&old.url)).await["status"], 403);
    let poller = Poller::new(server.address, "jwt=x");
    let token = poller.open().await;
    for frames in [
        vec![json!("x".repeat(64 * 1_024))],
        vec![json!([]); 201],
        vec![json!("x".repeat(60 * 1_024)); 5],
    ] {
        assert_eq!(poller.send(&token, &frames).await, json!({ "status": 500 }));
    }
    assert_eq!(
        poller.send(&token, &[json!([null, "1", "phoenix", "heartbeat", {}])]).await["status"],
        200
    );
    assert_eq!(poller.poll(&token).await["status"], 200, "the session continues");
}

#[tokio::test]
async fn pages_of_every_origin_may_poll() {
    let server = TestServer::start().await;
    let poller = Poller::new(server.address, "jwt=x");
    let preflight = poller
        .http
        .request(reqwest::Method::OPTIONS, &poller.url)
        .header("origin", "https://shop.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "x-phoenix-authtoken");
    let answer = preflight.send().await.unwrap();
    assert_eq!(answer.status(), 204);
    let header = |name: &str| {
        answer
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    };
    assert_eq!(header("access-control-allow-origin"), "*");
    assert_eq!(header("access-control-allow-headers"), "x-phoenix-authtoken");
    let answer =
        poller.http.get(&poller.url).header("origin", "https://shop.example").send().await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert_eq!(answer.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn unpolled_session_is_ended() {
    let limits = Limits { idle: Duration::from_secs(4), ..Limits::default() };
    let server = TestServer::with_limits(ConnectionLimits::default(), limits).await;
    let poller = Poller::new(server.address, "jwt=x");
    let (forgotten, answer) = (poller.open().await, poller.open().await);
    let began = Instant::now();
    let heartbeat = [json!([null, "1", "phoenix", "heartbeat", {}])];
    // Sending doesn't count as polling.
    while poller.send(&forgotten, &heartbeat).await["status"] == 200 {
        assert!(began.elapsed() < Duration::from_secs(20), "the session is never ended");
        assert_eq!(poller.send(&answer, &heartbeat).await["status"], 200);
        assert_eq!(poller.poll(&answer).await["status"], 200);
    }
    assert_eq!(poller.poll(&forgotten).await["status"], 410);
}
