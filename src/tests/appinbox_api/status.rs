//! Opened and new messages.

use super::{LIST, ReaderClient, STATUS, publish, shop};
use crate::support::TestApp;
use serde_json::{Value, json};

/// Title, `newMessage` and `status` of each message.
async fn states(script: &mut ReaderClient<'_>) -> Vec<(String, bool, String)> {
    let list = script.get(LIST).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |message: &Value| {
        (
            text(&message["title"]),
            message["newMessage"].as_bool().unwrap(),
            text(&message["status"]),
        )
    };
    list["list"].as_array().unwrap().iter().map(of).collect()
}

fn state(title: &str, new: bool, status: &str) -> (String, bool, String) {
    (title.to_owned(), new, status.to_owned())
}

#[tokio::test]
async fn named_messages_are_opened_and_not_new() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let first = publish(&app, &site, "42", "1", json!({})).await;
    publish(&app, &site, "42", "2", json!({})).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    assert_eq!(script.count().await, 2);
    script.open(&json!({"status": "OPENED", "ids": [first]})).await;
    assert_eq!(
        states(&mut script).await,
        [state("2", true, "UNOPENED"), state("1", false, "OPENED")]
    );
    assert_eq!(script.count().await, 1);
    // Idempotent.
    script.open(&json!({"status": "OPENED", "ids": [first, first]})).await;
    assert_eq!(script.count().await, 1);
}

#[tokio::test]
async fn message_seen_in_the_widget_is_not_new_nor_opened() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    publish(&app, &site, "42", "1", json!({})).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    let granted = app.app.exchange_token(site.site.id, &script.token).await.unwrap();
    app.app
        .apply_reader_action(&granted.reader, &belfry_domain::ReaderAction::Seen(None))
        .await
        .unwrap();
    publish(&app, &site, "42", "2", json!({})).await;
    assert_eq!(
        states(&mut script).await,
        [state("2", true, "UNOPENED"), state("1", false, "UNOPENED")]
    );
    assert_eq!(script.count().await, 1);
}

#[tokio::test]
async fn missing_ids_mean_all_and_an_empty_list_none() {
    for all in [json!({"status": "OPENED"}), json!({"status": "OPENED", "ids": null})] {
        let app = TestApp::new().await;
        let site = shop(&app).await;
        for title in ["1", "2"] {
            publish(&app, &site, "42", title, json!({})).await;
        }
        let mut script = ReaderClient::new(&app, &site, "42").await;
        script.open(&json!({"status": "OPENED", "ids": []})).await;
        assert_eq!(script.count().await, 2);
        script.open(&all).await;
        assert_eq!(
            states(&mut script).await,
            [state("2", false, "OPENED"), state("1", false, "OPENED")]
        );
        assert_eq!(script.count().await, 0);
        publish(&app, &site, "42", "3", json!({})).await;
        assert_eq!(states(&mut script).await[0], state("3", true, "UNOPENED"));
    }
}

#[tokio::test]
async fn foreign_ids_are_ignored() {
    let app = TestApp::new().await;
    let (site, other) = (shop(&app).await, shop(&app).await);
    app.contact(&site, json!({"externalCustomerId": "7"})).await;
    let own = publish(&app, &site, "42", "own", json!({})).await;
    let strange = publish(&app, &site, "7", "strange", json!({})).await;
    let foreign = publish(&app, &other, "42", "foreign", json!({})).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    let missing = "01941f29-7c00-7000-8000-000000000000";
    let mut answers = Vec::new();
    for ids in [json!([strange]), json!([foreign]), json!([missing]), json!(["no id"])] {
        let call = app.post(STATUS).json(&json!({"status": "OPENED", "ids": ids}));
        let mut answer = script.send(call).await;
        answer.headers.remove("es-token");
        answers.push(answer);
    }
    assert!(
        answers.iter().all(|answer| answer.status.as_u16() == 200 && *answer == answers[0]),
        "{answers:?}"
    );
    script
        .open(&json!({"status": "OPENED", "ids": [strange, foreign, missing, "no id", own]}))
        .await;
    assert_eq!(states(&mut script).await, [state("own", false, "OPENED")]);
    for (site, reader) in [(&site, "7"), (&other, "42")] {
        let mut theirs = ReaderClient::new(&app, site, reader).await;
        assert_eq!(theirs.count().await, 1);
    }
}

#[tokio::test]
async fn unreadable_body_is_rejected_by_field() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    for (body, field) in [
        (json!({}), "status"),
        (json!({"status": "UNOPENED"}), "status"),
        (json!({"status": "OPENED", "ids": "x"}), "ids"),
        (json!([]), ""),
    ] {
        let call = app.post(STATUS).json(&body);
        assert_eq!(script.send(call).await.expect_error(400), field, "{body}");
    }
    let call = app.post(STATUS).header("content-type", "text/plain").body("{}");
    script.send(call).await.expect_error(415);
    let call =
        app.post(STATUS).json(&json!({"status": "OPENED"})).header("content-encoding", "gzip");
    script.send(call).await.expect_error(415);
    let call = app.post(STATUS).json(&json!({"status": "OPENED", "more": "x".repeat(70_000)}));
    script.send(call).await.expect_error(413);
}
