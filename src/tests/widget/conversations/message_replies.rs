//! Conversations that begin as a reply to a message.

use super::{super::open, by_form, follow, switch};
use crate::{
    channels::application::ApplicationFixture,
    support::{TestApp, TestSite},
};
use serde_json::{Value, json};

async fn publish_with_reply(app: &TestApp, site: &TestSite, audience: Value) -> String {
    let actions = json!([{"type": "reply", "label": "Ask <us>"}, {"label": "Track", "link": "https://shop.example/7"}]);
    let body = json!({ "audience": audience, "content": { "en": { "title": "Hello {{firstName|friend}}", "actions": actions } } });
    app.post("/v1/messages").key(&site.key).json(&body).send().await.expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn reply_starts_a_conversation_about_the_message() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    app.contact(&fixture.site, json!({"externalCustomerId": "42"})).await;
    let message =
        publish_with_reply(&app, &fixture.site, json!({"contact": {"externalCustomerId": "42"}}))
            .await;
    let before = open(&app, &fixture.site, "42").await;
    assert!(
        before.html.contains("Track") && !before.html.contains("Ask &lt;us&gt;"),
        "{}",
        before.html
    );
    assert!(before.get(&app, "/messages").await.text().contains("Track"));
    switch(&fixture, Some(fixture.inbox_id())).await;
    let widget = open(&app, &fixture.site, "42").await;
    let button = format!(
        "form=\"of-{message}\" formaction=\"{}/conversations\" name=\"do\" value=\"show\">Ask &lt;us&gt;</button>",
        widget.base
    );
    assert!(widget.html.contains(&button), "{}", widget.html);
    assert!(
        widget.get(&app, "/messages").await.json()["html"]
            .as_str()
            .unwrap()
            .contains("Ask &lt;us&gt;"),
        "not from the cache"
    );
    let page =
        follow(&app, &widget, &by_form(&app, &widget, &format!("do=show&of={message}")).await)
            .await;
    assert!(
        page.contains("Hello friend</bdi></blockquote>") && page.contains("<textarea"),
        "{page}"
    );
    let sent = by_form(&app, &widget, &format!("do=send&of={message}&content=A+question")).await;
    let thread = follow(&app, &widget, &sent).await;
    assert!(
        thread.contains("A question") && thread.contains("Hello friend</bdi></blockquote>"),
        "{thread}"
    );
    let number: i64 =
        sent.header("location").unwrap().rsplit_once("conversation=").unwrap().1.parse().unwrap();
    let response = fixture.get(&format!("/conversations/{number}/messages")).await;
    assert_eq!(
        response["payload"][0]["content_attributes"],
        json!({"notification": {"id": message, "title": "Hello friend"}})
    );
    assert_eq!(response["payload"][0]["content"], "A question");
    // Another reader's message is answered like an unknown one.
    let neighbour = open(&app, &fixture.site, "43").await;
    for form in [format!("do=show&part=1&of={message}"), format!("do=send&content=hi&of={message}")]
    {
        assert_eq!(by_form(&app, &neighbour, &form).await.status, 404, "{form}");
    }
}
