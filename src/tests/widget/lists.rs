//! The inbox, the unread list, and the archive: as parts for the script, and as pages without it.

use super::{WidgetSession, attribute, open, publish};
use crate::support::TestApp;
use serde_json::json;

/// The listed ids, read part by part.
async fn listed(app: &TestApp, widget: &WidgetSession, filter: &str) -> Vec<String> {
    let (mut ids, mut before) = (Vec::new(), String::new());
    loop {
        let part = widget
            .get(app, &format!("/messages?language=en&filter={filter}{before}"))
            .await
            .expect(200);
        let html = part["html"].as_str().unwrap();
        ids.extend(
            html.split("data-id=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()),
        );
        let Some(next) = part["next"].as_i64() else { return ids };
        before = format!("&before={next}");
    }
}

#[tokio::test]
async fn each_filter_lists_its_messages_and_changes() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let mut ids = Vec::new();
    for number in 0..23 {
        ids.insert(0, publish(&app, &site, json!("everyone"), &format!("Message {number}")).await);
    }
    // Requested twice each time, so that the cache is tested as well.
    let expect = async |filter: &str, expected: &[String]| {
        for _ in 0..2 {
            assert_eq!(listed(&app, &widget, filter).await, expected, "{filter}");
        }
    };
    expect("all", &ids).await;
    expect("unread", &ids).await;
    expect("archived", &[]).await;
    widget.mark(&app, json!({ "read": [ids[0]] })).await.expect(200);
    widget.mark(&app, json!({ "archive": [ids[1], ids[2]] })).await.expect(200);
    expect("all", &[&ids[..1], &ids[3..]].concat()).await;
    expect("unread", &ids[3..]).await;
    expect("archived", &ids[1..3]).await;
    widget.mark(&app, json!({ "delete": [ids[1]] })).await.expect(200);
    expect("archived", &ids[2..3]).await;
    widget.mark(&app, json!({ "undelete": [ids[1]] })).await.expect(200);
    expect("archived", &ids[1..3]).await;
    widget.mark(&app, json!({ "restore": [ids[1], ids[2]] })).await.expect(200);
    expect("unread", &ids[1..]).await;
    expect("archived", &[]).await;
    assert_eq!(widget.get(&app, "/messages?filter=other").await.status, 400);
    assert_eq!(widget.get(&app, "/page?filter=other").await.status, 400);
}

#[tokio::test]
async fn page_shows_the_filtered_messages() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let archived = publish(&app, &site, json!("everyone"), "Put away").await;
    publish(&app, &site, json!("everyone"), "Stays").await;
    widget.mark(&app, json!({ "archive": [archived] })).await.expect(200);
    for (filter, shown, hidden) in [
        ("all", "Stays", "Put away"),
        ("unread", "Stays", "Put away"),
        ("archived", "Put away", "Stays"),
    ] {
        let page = widget.get(&app, &format!("/page?filter={filter}")).await;
        assert!(page.text().contains(shown) && !page.text().contains(hidden), "{filter}");
        assert_eq!(attribute(page.text(), "data-filter"), filter);
        assert_eq!(attribute(page.text(), "data-unread"), "1");
    }
    assert_eq!(
        widget.get(&app, "/counts").await.expect(200)["unseen"],
        1,
        "the panel's state is unknown"
    );
}
