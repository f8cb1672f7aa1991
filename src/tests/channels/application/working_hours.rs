//! Working hours of inboxes, and automatic messages.

use super::{ApplicationFixture, assert_error};
use crate::support::TestApp;
use serde_json::{Value, json};
use std::time::Duration;

fn day(day: u8, open: (u8, u8), close: (u8, u8)) -> Value {
    json!({
        "day_of_week": day, "closed_all_day": false, "open_hour": open.0, "open_minutes": open.1, "close_hour": close.0, "close_minutes": close.1,
        "open_all_day": false,
    })
}

#[tokio::test]
async fn days_are_changed_one_by_one() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/inboxes/{}", fixture.inbox_id());
    let usual = fixture.get(&path).await["working_hours"].clone();
    let closed = json!({
        "day_of_week": 0, "closed_all_day": true, "open_hour": null, "open_minutes": null, "close_hour": null, "close_minutes": null, "open_all_day": false,
    });
    assert_eq!(
        (&usual[0], &usual[1], &usual[5]),
        (&closed, &day(1, (9, 0), (17, 0)), &day(5, (9, 0), (17, 0)))
    );
    assert_eq!(usual[6]["closed_all_day"], true);

    let said = json!({
        "working_hours_enabled": true, "timezone": "America/New_York", "out_of_office_message": "Tomorrow",
        "working_hours": [day(6, (10, 0), (14, 30)), {"day_of_week": "1", "close_hour": "18"}, {"day_of_week": 0, "open_all_day": true, "closed_all_day": false}],
    });
    let changed = fixture.patch(&path, said).await;
    assert_eq!(
        (
            &changed["working_hours_enabled"],
            &changed["timezone"],
            &changed["out_of_office_message"]
        ),
        (&json!(true), &json!("America/New_York"), &json!("Tomorrow"))
    );
    let hours = &changed["working_hours"];
    let whole = json!({
        "day_of_week": 0, "closed_all_day": false, "open_hour": 0, "open_minutes": 0, "close_hour": 23, "close_minutes": 59, "open_all_day": true,
    });
    assert_eq!(
        *hours,
        json!([
            whole,
            day(1, (9, 0), (18, 0)),
            usual[2],
            usual[3],
            usual[4],
            usual[5],
            day(6, (10, 0), (14, 30))
        ])
    );
    assert_eq!(fixture.get(&path).await, changed);
    for nothing in [
        json!({}),
        json!({"working_hours": []}),
        json!({"working_hours": null}),
        json!({"working_hours": "soon"}),
    ] {
        assert_eq!(fixture.patch(&path, nothing).await, changed);
    }
    let form = "working_hours[][day_of_week]=2&working_hours[][closed_all_day]=true&working_hours[][day_of_week]=3&working_hours[][open_hour]=8";
    let sent = fixture
        .call("PATCH", &path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned())
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&sent["working_hours"][2]["closed_all_day"], &sent["working_hours"][3]["open_hour"]),
        (&json!(true), &json!(8))
    );
    let public = format!("/public/api/v1/inboxes/{}", fixture.inbox.inbox.identifier.as_str());
    let public = app.get(&public).send().await.expect(200);
    assert_eq!(
        (&public["working_hours"], &public["timezone"]),
        (&sent["working_hours"], &json!("America/New_York"))
    );
}

#[tokio::test]
async fn inbox_is_created_with_working_hours() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let response = fixture.post("/inboxes", json!({"name": "Second", "channel": {"type": "api"}, "working_hours": [day(0, (12, 0), (23, 59))]})).await;
    assert_eq!(
        (&response["working_hours"][0], &response["working_hours"][6]["closed_all_day"]),
        (&day(0, (12, 0), (23, 59)), &json!(true))
    );
    let body =
        json!({"name": "Third", "channel": {"type": "api"}, "working_hours": [{"day_of_week": 7}]});
    let unknown = json!({"message": "Day of week is not included in the list", "attributes": ["day_of_week"]});
    assert_error(&fixture.call("POST", "/inboxes").json(&body).send().await, 422, &unknown);
    assert_eq!(fixture.get("/inboxes").await["payload"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn invalid_hours_are_rejected() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/inboxes/{}", fixture.inbox_id());
    let before = fixture.get(&path).await;
    let with = |member: &str, value: Value| {
        let mut day = day(1, (9, 0), (17, 0));
        day[member] = value;
        json!({ "working_hours": [day] })
    };
    let late = "Close hour Closing time cannot be before opening time";
    for (body, message, attributes) in [
        (
            with("open_hour", json!(24)),
            "Open hour is not included in the list",
            json!(["open_hour"]),
        ),
        (
            with("open_hour", json!(-1)),
            "Open hour is not included in the list",
            json!(["open_hour"]),
        ),
        (
            with("open_minutes", json!(60)),
            "Open minutes is not included in the list",
            json!(["open_minutes"]),
        ),
        (
            with("close_hour", json!("late")),
            "Close hour is not included in the list",
            json!(["close_hour"]),
        ),
        (
            with("close_minutes", json!(Value::Null)),
            "Close minutes can't be blank",
            json!(["close_minutes"]),
        ),
        (with("close_hour", json!(8)), late, json!(["close_hour"])),
        (with("close_hour", json!(9)), late, json!(["close_hour"])),
        (
            with("day_of_week", json!(-1)),
            "Day of week is not included in the list",
            json!(["day_of_week"]),
        ),
        (
            json!({"working_hours": [{"open_hour": 9}]}),
            "Day of week is not included in the list",
            json!(["day_of_week"]),
        ),
        (
            json!({"working_hours": [{"day_of_week": 0, "closed_all_day": false}]}),
            "Open hour can't be blank",
            json!(["open_hour"]),
        ),
        (
            json!({"working_hours": [{"day_of_week": 1, "closed_all_day": true, "open_all_day": true}]}),
            "open_all_day and closed_all_day cannot be true at the same time",
            json!([]),
        ),
        (
            json!({"timezone": "Mars/Olympus"}),
            "Timezone is not included in the list",
            json!(["timezone"]),
        ),
        (
            json!({"out_of_office_message": "x".repeat(10_001)}),
            "Out of office message must have at most 10,000 characters",
            json!(["out_of_office_message"]),
        ),
        (
            json!({"greeting_message": "😀".repeat(10_001)}),
            "Greeting message must have at most 10,000 characters",
            json!(["greeting_message"]),
        ),
    ] {
        let answer = fixture.call("PATCH", &path).json(&body).send().await;
        assert_error(&answer, 422, &json!({"message": message, "attributes": attributes}));
    }
    assert_eq!(fixture.get(&path).await, before);
}

#[tokio::test]
async fn first_message_is_answered_with_the_greeting() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/inboxes/{}", fixture.inbox_id());
    fixture.patch(&path, json!({"greeting_enabled": true, "greeting_message": "Welcome"})).await;
    let number = fixture.conversation().await;
    fixture.message(number, json!({"content": "hi", "message_type": "incoming"})).await;
    let listed = fixture.get(&format!("/conversations/{number}/messages")).await;
    let greeting = &listed["payload"][1];
    assert_eq!(
        (
            &greeting["content"],
            &greeting["message_type"],
            &greeting["private"],
            &greeting["status"],
            greeting.get("sender")
        ),
        (&json!("Welcome"), &json!(3), &json!(false), &json!("sent"), None)
    );
    assert_eq!(
        fixture.get(&format!("/conversations/{number}")).await["last_non_activity_message"]["content"],
        "Welcome"
    );
}

/// The tests' clock starts on a Tuesday, at 08:00 UTC.
#[tokio::test]
async fn message_out_of_hours_gets_the_away_message() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let path = format!("/inboxes/{}", fixture.inbox_id());
    let settings = json!({
        "greeting_enabled": true, "greeting_message": "Welcome", "working_hours_enabled": true, "out_of_office_message": "Later", "timezone": "Europe/Kyiv",
    });
    fixture.patch(&path, settings).await;
    let says = async |number: i64| {
        fixture.message(number, json!({"content": "hi", "message_type": "incoming"})).await;
        let listed = fixture.get(&format!("/conversations/{number}/messages")).await;
        listed["payload"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| message["content"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    // 10:00 in Kyiv.
    assert_eq!(says(fixture.conversation().await).await, ["hi", "Welcome"]);
    app.clock.advance(Duration::from_hours(7));
    let number = fixture.conversation().await;
    assert_eq!(says(number).await, ["hi", "Later"]);
    app.clock.advance(Duration::from_hours(2));
    assert_eq!(says(number).await, ["hi", "Later", "hi"]);
    app.clock.advance(Duration::from_hours(24));
    assert_eq!(says(number).await, ["hi", "Later", "hi", "hi", "Later"]);
}
