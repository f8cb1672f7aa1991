//! Events of conversations in the stream of the widget.

use super::{
    super::{
        events::{Event, Stream},
        open,
    },
    by_form, office, switch, write,
};
use crate::{channels::application::ApplicationFixture, support::TestApp};
use serde_json::{Value, json};

async fn next(stream: &mut Stream) -> Event {
    loop {
        let event = stream.next_of_all().await.unwrap();
        if !matches!(event.name.as_str(), "beat" | "themed" | "resync") {
            return event;
        }
    }
}

/// The agent starts or stops typing.
async fn types(fixture: &ApplicationFixture<'_>, number: i64, how: Value) {
    let answer = fixture
        .call("POST", &format!("/conversations/{number}/toggle_typing_status"))
        .json(&how)
        .send()
        .await;
    assert_eq!(answer.status.as_u16(), 200);
}

#[tokio::test]
async fn stream_has_events_of_the_tabs_conversations_only() {
    let app = TestApp::new().await;
    let fixture = office(&app).await;
    let (widget, neighbour) =
        (open(&app, &fixture.site, "42").await, open(&app, &fixture.site, "43").await);
    let number = write(&app, &widget, "Hello").await;
    let other = write(&app, &neighbour, "Hello").await;
    let mut stream = Stream::open(&app, &widget, "", None).await;
    let greeting = next(&mut stream).await;
    assert_eq!((greeting.name.as_str(), greeting.data), ("conversation", json!({"unread": 0})));
    fixture.message(other, json!({"content": "not for you"})).await;
    fixture.message(number, json!({"content": "a note", "private": true})).await;
    types(&fixture, number, json!({"typing_status": "on", "is_private": true})).await;
    types(&fixture, number, json!({"typing_status": "on"})).await;
    assert_eq!(next(&mut stream).await.data, json!({"conversation": number, "typing": "Ann"}));
    fixture.message(number, json!({"content": "for you"})).await;
    assert_eq!(next(&mut stream).await.data, json!({"conversation": number, "counts": true}));
    fixture.post(&format!("/conversations/{number}/update_last_seen"), json!({})).await;
    assert_eq!(next(&mut stream).await.data, json!({"conversation": number, "counts": false}));
    fixture
        .post(&format!("/conversations/{number}/toggle_status"), json!({"status": "resolved"}))
        .await;
    assert_eq!(next(&mut stream).await.data, json!({"conversation": number, "counts": false}));
    // A message shown in another tab of the reader is read here, too.
    by_form(&app, &widget, &format!("do=show&part=1&conversation={number}")).await;
    assert_eq!(next(&mut stream).await.data, json!({"conversation": number, "counts": true}));
}

#[tokio::test]
async fn stream_without_the_tab_has_no_conversation_events() {
    let app = TestApp::new().await;
    let fixture = office(&app).await;
    let widget = open(&app, &fixture.site, "42").await;
    let number = write(&app, &widget, "Hello").await;
    switch(&fixture, None).await;
    let widget = open(&app, &fixture.site, "42").await;
    let mut stream = Stream::open(&app, &widget, "", None).await;
    fixture.message(number, json!({"content": "for you"})).await;
    super::super::publish(&app, &fixture.site, json!("everyone"), "A notification").await;
    assert_eq!(next(&mut stream).await.name, "message");
}
