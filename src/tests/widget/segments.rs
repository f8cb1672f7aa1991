//! Messages to a segment, from a backend's request to the readers' lists and streams.

use super::{
    WidgetSession, attribute,
    events::{Event, Stream},
    open, publish,
};
use crate::support::{TestApp, TestSite};
use axum::http::Method;
use serde_json::{Value, json};

fn pro() -> Value {
    json!({ "segment": { "attributes": { "plan": "pro" } } })
}

async fn on_plan(app: &TestApp, site: &TestSite, customer: &str, plan: &str) {
    app.contact(site, json!({ "externalCustomerId": customer, "attributes": { "plan": plan } }))
        .await;
}

async fn reader(
    app: &TestApp,
    site: &TestSite,
    customer: &str,
    plan: &str,
) -> (WidgetSession, Stream) {
    on_plan(app, site, customer, plan).await;
    let widget = open(app, site, customer).await;
    let since = attribute(&widget.html, "data-version");
    let stream = Stream::open(app, &widget, &format!("since={since}"), None).await;
    (widget, stream)
}

async fn next(stream: &mut Stream) -> Event {
    loop {
        let event = stream.next_of_all().await.unwrap();
        if !matches!(event.name.as_str(), "beat" | "themed") {
            return event;
        }
    }
}

async fn lists(app: &TestApp, widget: &WidgetSession, title: &str) -> bool {
    let answer = widget.get(app, "/messages").await.expect(200);
    answer["html"].as_str().unwrap().contains(title)
}

#[tokio::test]
async fn message_is_pushed_to_segment_members_only() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let (anna, mut hers) = reader(&app, &site, "anna", "pro").await;
    let (olena, mut others) = reader(&app, &site, "olena", "free").await;
    let sent = publish(&app, &site, pro(), "For professionals").await;
    let arrived = next(&mut hers).await;
    assert_eq!((arrived.name.as_str(), &arrived.data["id"]), ("message", &json!(sent)));
    app.patch(&format!("/v1/messages/{sent}"))
        .key(&site.key)
        .json(&json!({ "pinned": true }))
        .send()
        .await
        .expect(200);
    assert_eq!(next(&mut hers).await.name, "edited");
    assert!(lists(&app, &anna, "For professionals").await);
    assert!(!lists(&app, &olena, "For professionals").await);
    assert_eq!(app.delete(&format!("/v1/messages/{sent}")).key(&site.key).send().await.status, 204);
    assert_eq!(next(&mut hers).await.name, "removed");
    let all = publish(&app, &site, json!("everyone"), "For all").await;
    assert_eq!(next(&mut others).await.data["id"], json!(all), "she received no earlier event");
}

#[tokio::test]
async fn new_segment_member_gets_the_list_and_events() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let (olena, mut stream) = reader(&app, &site, "olena", "free").await;
    publish(&app, &site, pro(), "For professionals").await;
    assert!(!lists(&app, &olena, "For professionals").await);
    on_plan(&app, &site, "olena", "pro").await;
    assert_eq!(next(&mut stream).await.name, "resync");
    assert!(lists(&app, &olena, "For professionals").await);
    let second = publish(&app, &site, pro(), "Second").await;
    assert_eq!(next(&mut stream).await.data["id"], json!(second));
    on_plan(&app, &site, "olena", "free").await;
    assert_eq!(next(&mut stream).await.name, "resync");
    assert!(!lists(&app, &olena, "Second").await);
}

#[tokio::test]
async fn changed_segment_rule_applies_at_once() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let (olena, mut stream) = reader(&app, &site, "olena", "free").await;
    let condition = |plan: &str| json!({ "name": "some", "condition": { "attribute": "plan", "equals": plan } });
    let response =
        app.post("/v1/segments").key(&site.key).json(&condition("pro")).send().await.expect(201);
    let sent = publish(&app, &site, json!({ "segment": "some" }), "For some").await;
    let message = app.get(&format!("/v1/messages/{sent}")).key(&site.key).send().await.expect(200);
    assert_eq!(message["audience"], json!({ "segment": { "id": response["id"] } }));
    assert!(!lists(&app, &olena, "For some").await);
    app.call(Method::PUT, &format!("/v1/segments/{}", response["id"]))
        .key(&site.key)
        .json(&condition("free"))
        .send()
        .await
        .expect(200);
    assert_eq!(next(&mut stream).await.name, "resync");
    assert!(lists(&app, &olena, "For some").await);
}

#[tokio::test]
async fn message_variables_are_filled_per_reader() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let (anna, mut hers) = reader(&app, &site, "anna", "pro").await;
    let (olena, mut others) = reader(&app, &site, "olena", "<b>free</b>").await;
    publish(&app, &site, json!("everyone"), "Plan {{attributes.plan}} of {{firstName|you}}").await;
    for (stream, title) in
        [(&mut hers, "Plan pro of you"), (&mut others, "Plan &lt;b&gt;free&lt;/b&gt; of you")]
    {
        let html = next(stream).await.data["html"].as_str().unwrap().to_owned();
        assert!(html.contains(title), "{html}");
    }
    assert!(lists(&app, &anna, "Plan pro of you").await);
    assert!(lists(&app, &olena, "Plan &lt;b&gt;free&lt;/b&gt; of you").await);
    on_plan(&app, &site, "anna", "team").await;
    assert!(lists(&app, &anna, "Plan team of you").await);
    let unknown =
        json!({ "audience": "everyone", "content": { "en": { "title": "Hi {{surname}}" } } });
    let response = app.post("/v1/messages").key(&site.key).json(&unknown).send().await;
    assert_eq!(response.expect_error(400), "content.en.title");
}
