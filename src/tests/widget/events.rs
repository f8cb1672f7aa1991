//! The event stream: the events of each change, their recipients, and resync after a disconnect.

use super::{WidgetSession, attribute, open, publish};
use crate::support::TestApp;
use axum::{
    body::{Body, BodyDataStream},
    http::{Method, Request},
};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt;

/// An open stream, read event by event.
pub struct Stream {
    body: BodyDataStream,
    buffer: String,
}

/// An event: its name, id and data.
#[derive(Debug, PartialEq)]
pub struct Event {
    pub name: String,
    pub id: Option<i64>,
    pub data: Value,
}

impl Stream {
    pub async fn open(
        app: &TestApp,
        widget: &WidgetSession,
        query: &str,
        last: Option<i64>,
    ) -> Self {
        let mut request =
            Request::get(format!("{}/events?reader={}&{query}", widget.base, widget.reader))
                .header("cookie", &widget.cookie);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response =
            app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "private, no-store, no-transform");
        Self { body: response.into_body().into_data_stream(), buffer: String::new() }
    }

    /// The next event other than heartbeats and theme announcements; `None` at the end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let event = self.next_of_all().await;
            if event.as_ref().is_none_or(|event| !matches!(event.name.as_str(), "beat" | "themed"))
            {
                return event;
            }
        }
    }

    /// The next event of any kind; `None` at the end. The limit only ends a test that would hang.
    pub async fn next_of_all(&mut self) -> Option<Event> {
        loop {
            while let Some((block, rest)) = self
                .buffer
                .split_once("\n\n")
                .map(|(block, rest)| (block.to_owned(), rest.to_owned()))
            {
                self.buffer = rest;
                let field = |name: &str| {
                    block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned)
                };
                if let Some(name) = field("event: ") {
                    let data = serde_json::from_str(&field("data: ").unwrap()).unwrap();
                    return Some(Event {
                        name,
                        id: field("id: ").map(|id| id.parse().unwrap()),
                        data,
                    });
                }
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.body.next())
                .await
                .expect("an event in time")?;
            self.buffer.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }
}

fn version(widget: &WidgetSession) -> i64 {
    attribute(&widget.html, "data-version").parse().unwrap()
}

#[tokio::test]
async fn events_reach_the_readers_concerned() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let (anna, olena) = (open(&app, &site, "anna").await, open(&app, &site, "olena").await);
    let mut stream = Stream::open(&app, &anna, &format!("since={}", version(&anna)), None).await;
    let mut other = Stream::open(&app, &olena, &format!("since={}", version(&olena)), None).await;
    // The greeting is the first thing in the body; it is consumed with the first event.
    let mine = publish(
        &app,
        &site,
        json!({ "contact": { "externalCustomerId": "anna" } }),
        "For Anna\r\n\r\nevent: ended",
    )
    .await;
    let arrived = stream.next().await.unwrap();
    assert_eq!((arrived.name.as_str(), &arrived.data["id"]), ("message", &json!(mine)));
    assert!(arrived.data["html"].as_str().unwrap().contains("For Anna"));
    assert_eq!(
        arrived.data["position"],
        attribute(arrived.data["html"].as_str().unwrap(), "data-position").parse::<i64>().unwrap()
    );
    assert_eq!(arrived.id, arrived.data["version"].as_i64());

    app.patch(&format!("/v1/messages/{mine}"))
        .key(&site.key)
        .json(&json!({ "content": { "en": { "title": "Edited" } } }))
        .send()
        .await
        .expect(200);
    let edited = stream.next().await.unwrap();
    assert_eq!(edited.name, "edited");
    assert!(edited.data["html"].as_str().unwrap().contains("Edited") && edited.id > arrived.id);

    anna.mark(&app, json!({ "read": [mine] })).await.expect(200);
    let counted = stream.next().await.unwrap();
    assert_eq!(counted.name, "counts");
    assert_eq!(
        (&counted.data["unread"], &counted.data["mark"], &counted.data["ids"]),
        (&json!(0), &json!("read"), &json!([mine]))
    );

    assert_eq!(app.delete(&format!("/v1/messages/{mine}")).key(&site.key).send().await.status, 204);
    let removed = stream.next().await.unwrap();
    assert_eq!((removed.name.as_str(), &removed.data["id"]), ("removed", &json!(mine)));

    let all = publish(&app, &site, json!("everyone"), "For all").await;
    assert_eq!(stream.next().await.unwrap().data["id"], json!(all));
    assert_eq!(
        other.next().await.unwrap().data["id"],
        json!(all),
        "the other reader received no earlier event"
    );
}

#[tokio::test]
async fn opening_the_panel_clears_the_badge_in_other_tabs() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    publish(&app, &site, json!("everyone"), "First").await;
    let widget = open(&app, &site, "42").await;
    let mut stream =
        Stream::open(&app, &widget, &format!("since={}", version(&widget)), None).await;
    widget.mark(&app, json!({ "seen": true })).await.expect(200);
    let counted = stream.next().await.unwrap();
    assert_eq!(
        (&counted.data["unread"], &counted.data["unseen"], &counted.data["mark"]),
        (&json!(1), &json!(0), &json!("seen"))
    );
    widget.mark(&app, json!({ "allRead": true })).await.expect(200);
    let counted = stream.next().await.unwrap();
    assert_eq!((&counted.data["unread"], &counted.data["mark"]), (&json!(0), &json!("allRead")));
}

#[tokio::test]
async fn every_action_event_has_its_changes() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let id = publish(&app, &site, json!("everyone"), "First").await;
    let second = publish(&app, &site, json!("everyone"), "Second").await;
    let widget = open(&app, &site, "42").await;
    let mut stream =
        Stream::open(&app, &widget, &format!("since={}", version(&widget)), None).await;
    for (mark, word, ids, counts) in [
        (json!({ "seen": true }), "seen", json!([]), (2, 0)),
        (json!({ "clicked": id }), "read", json!([id]), (1, 0)),
        (json!({ "unread": [id, second] }), "unread", json!([id]), (2, 0)),
        (json!({ "read": [id] }), "read", json!([id]), (1, 0)),
        (json!({ "archive": [second] }), "archive", json!([second]), (0, 0)),
        (json!({ "delete": [second] }), "delete", json!([second]), (0, 0)),
        (json!({ "undelete": [second, id] }), "undelete", json!([second]), (0, 0)),
        (json!({ "restore": [second, id] }), "restore", json!([second]), (1, 0)),
        (json!({ "allRead": true }), "allRead", json!([]), (0, 0)),
    ] {
        widget.mark(&app, mark.clone()).await.expect(200);
        widget.mark(&app, mark).await.expect(200);
        let counted = stream.next().await.unwrap();
        assert_eq!(
            (counted.name.as_str(), &counted.data["mark"], &counted.data["ids"]),
            ("counts", &json!(word), &ids)
        );
        assert_eq!(
            (&counted.data["unread"], &counted.data["unseen"]),
            (&json!(counts.0), &json!(counts.1)),
            "{word}"
        );
        assert_eq!(counted.id, counted.data["version"].as_i64());
    }
}

#[tokio::test]
async fn stream_announces_its_first_version() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let now = version(&widget);
    let mut stream = Stream::open(&app, &widget, &format!("since={now}"), None).await;
    assert_eq!(
        stream.next_of_all().await.unwrap().name,
        "themed",
        "the theme announcement comes first"
    );
    let heartbeat = stream.next_of_all().await.unwrap();
    assert_eq!(
        (heartbeat.name.as_str(), heartbeat.id, heartbeat.data),
        ("beat", None, json!({ "version": now }))
    );
    publish(&app, &site, json!("everyone"), "Missed").await;
    let mut away = Stream::open(&app, &widget, &format!("since={now}"), None).await;
    let resync = away.next().await.unwrap();
    assert_eq!(resync.name, "resync");
    assert_eq!(away.next_of_all().await.unwrap().data, resync.data, "events after the resync");
}

#[tokio::test]
async fn resync_is_sent_only_after_missed_events() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let since = version(&widget);
    publish(&app, &site, json!("everyone"), "Missed").await;
    let mut away = Stream::open(&app, &widget, &format!("since={since}"), None).await;
    assert_eq!(away.next().await.unwrap().name, "resync");
    let now = widget.get(&app, "/messages").await.expect(200);
    assert!(now["html"].as_str().unwrap().contains("Missed"));
    let current = now["version"].as_i64().unwrap();
    // On an automatic reconnect, `Last-Event-ID` is newer than the version in the URL.
    let mut back = Stream::open(&app, &widget, &format!("since={since}"), Some(current)).await;
    publish(&app, &site, json!("everyone"), "Next").await;
    assert_eq!(back.next().await.unwrap().name, "message");
}

#[tokio::test]
async fn due_messages_appear_and_expired_ones_disappear() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let mut stream =
        Stream::open(&app, &widget, &format!("since={}", version(&widget)), None).await;
    let body = json!({ "audience": "everyone", "content": { "en": { "title": "Later" } }, "publishAt": "2026-12-01T09:00:00Z", "expiresAt": "2026-12-01T10:00:00Z" });
    let id =
        app.post("/v1/messages").key(&site.key).json(&body).send().await.expect(201)["id"].clone();
    assert_eq!(widget.get(&app, "/counts").await.expect(200)["unread"], 0);
    app.clock.advance(Duration::from_hours(1));
    app.app.advance().await.unwrap();
    let arrived = stream.next().await.unwrap();
    assert_eq!((arrived.name.as_str(), &arrived.data["id"]), ("message", &id));
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(
        widget.get(&app, "/counts").await.expect(200)["unread"],
        0,
        "expired before the cleanup job has run"
    );
    app.app.advance().await.unwrap();
    assert_eq!(stream.next().await.unwrap().name, "removed");
}

#[tokio::test]
async fn ended_session_closes_its_stream() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let mut stream =
        Stream::open(&app, &widget, &format!("since={}", version(&widget)), None).await;
    assert_eq!(
        app.delete("/v1/contact?externalCustomerId=42").key(&site.key).send().await.status,
        200
    );
    assert_eq!(stream.next().await.unwrap().name, "ended");
    assert_eq!(stream.next().await, None);
    assert_eq!(app.hub.open_streams(), 0);
}

#[tokio::test]
async fn closed_stream_is_released_and_streams_are_limited() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(Stream::open(&app, &widget, "", None).await);
    }
    let response = widget.call(&app, Method::GET, "/events").send().await;
    assert_eq!((response.status.as_u16(), response.header("retry-after")), (429, Some("5")));
    drop(streams);
    assert_eq!(app.hub.open_streams(), 0);
    app.hub.close();
    assert_eq!(widget.call(&app, Method::GET, "/events").send().await.status, 503);
}

#[tokio::test]
async fn ticket_opens_a_stream_without_a_cookie() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let mut widget = open(&app, &site, "42").await;
    let call = app
        .post(&format!("{}/ticket", widget.base))
        .header("authorization", &format!("Bearer {}", widget.bearer));
    let ticket = call.send().await.expect(200)["ticket"].as_str().unwrap().to_owned();
    widget.cookie = String::new();
    let mut stream =
        Stream::open(&app, &widget, &format!("ticket={ticket}&since={}", version(&widget)), None)
            .await;
    publish(&app, &site, json!("everyone"), "Hello").await;
    assert_eq!(stream.next().await.unwrap().name, "message");
}
