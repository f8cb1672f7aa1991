//! The tab "Messages": its forms, pages and parts.

mod access;
mod live_updates;
mod message_replies;

use super::{WidgetSession, attribute, open, widget_origin};
use crate::{
    channels::application::ApplicationFixture,
    support::{Answer, TestApp, TestSite},
};
use belfry_domain::{SiteSettings, channel::InboxSettings};
use serde_json::json;
use std::time::Duration;

/// Turns the tab on or off.
async fn switch(fixture: &ApplicationFixture<'_>, inbox: Option<i64>) {
    fixture
        .app
        .put("/v1/site/settings")
        .key(&fixture.site.key)
        .json(&json!({ "messagesInbox": inbox }))
        .send()
        .await
        .expect(200);
}

/// Adds an inbox and the tab to a site.
pub async fn add_tab(app: &TestApp, site: &TestSite) {
    let settings = InboxSettings { name: "Shop API".to_owned(), ..InboxSettings::default() };
    let inbox = app.app.create_inbox(site.site.id, settings).await.unwrap().inbox.id;
    let change = move |former: &SiteSettings| Ok(former.clone().with_messages_inbox(Some(inbox)));
    app.app.change_settings(site.site.id, change).await.unwrap();
}

/// A site with agents and the tab.
async fn office(app: &TestApp) -> ApplicationFixture<'_> {
    let fixture = ApplicationFixture::new(app).await;
    switch(&fixture, Some(fixture.inbox_id())).await;
    fixture
}

/// A form of the widget's own document.
async fn submit(
    app: &TestApp,
    widget: &WidgetSession,
    cookie: Option<&str>,
    origin: &str,
    body: &str,
) -> Answer {
    let call = app.post(&format!("{}/conversations", widget.base)).header("origin", origin);
    let call = cookie.into_iter().fold(call, |call, cookie| call.header("cookie", cookie));
    call.header("content-type", "application/x-www-form-urlencoded")
        .body(body.to_owned())
        .send()
        .await
}

async fn by_form(app: &TestApp, widget: &WidgetSession, body: &str) -> Answer {
    submit(
        app,
        widget,
        Some(&widget.cookie),
        widget_origin(),
        &format!("reader={}&language=en&scheme=auto&{body}", widget.reader),
    )
    .await
}

/// Follows the form's redirect; returns the page.
async fn follow(app: &TestApp, widget: &WidgetSession, answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page =
        app.get(answer.header("location").unwrap()).header("cookie", &widget.cookie).send().await;
    assert_eq!(page.status, 200, "{}", page.text());
    page.text().to_owned()
}

/// Starts a conversation; returns its number.
async fn write(app: &TestApp, widget: &WidgetSession, text: &str) -> i64 {
    let sent = by_form(app, widget, &format!("do=send&content={text}")).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let location = sent.header("location").unwrap();
    location.rsplit_once("conversation=").unwrap_or_else(|| panic!("{location}")).1.parse().unwrap()
}

async fn unread(app: &TestApp, widget: &WidgetSession) -> i64 {
    by_form(app, widget, "do=count").await.expect(200)["unread"].as_i64().unwrap()
}

#[tokio::test]
async fn site_without_the_tab_has_no_trace_of_it() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let widget = open(&app, &fixture.site, "42").await;
    for word in ["conversations", "answers", "messages-1", "data-tab", "class=\"tab\""] {
        assert!(!widget.html.contains(word), "{word}: {}", widget.html);
    }
    assert_eq!(
        widget.get(&app, &format!("/conversations?reader={}", widget.reader)).await.status,
        404
    );
    for form in ["do=show", "do=count", "do=send&content=hi"] {
        assert_eq!(by_form(&app, &widget, form).await.status, 404, "{form}");
    }
    switch(&fixture, Some(fixture.inbox_id())).await;
    let with = open(&app, &fixture.site, "42").await.html;
    assert!(
        with.contains("/conversations\"")
            && with.contains("id=\"answers\"")
            && with.contains("data-tab=\"/pkg/messages-1.js /pkg/messages-1.css\"")
    );
    // The document contains neither the tab's content nor its style.
    assert!(!with.contains("<textarea") && !with.contains(".bubble"));
    switch(&fixture, None).await;
    assert!(!open(&app, &fixture.site, "42").await.html.contains("conversations"));
}

/// Ids of inboxes are global.
#[tokio::test]
async fn tab_needs_an_inbox_of_the_site() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let other = ApplicationFixture::new(&app).await;
    for inbox in [json!(other.inbox_id()), json!(99_999), json!(0), json!("1")] {
        let response = app
            .put("/v1/site/settings")
            .key(&fixture.site.key)
            .json(&json!({ "messagesInbox": inbox }))
            .send()
            .await;
        assert_eq!(
            (response.status.as_u16(), response.json()["field"].as_str()),
            (400, Some("messagesInbox")),
            "{inbox}"
        );
    }
    switch(&fixture, Some(fixture.inbox_id())).await;
    let settings = app.get("/v1/site/settings").key(&fixture.site.key).send().await.expect(200);
    assert_eq!(settings["messagesInbox"], fixture.inbox_id());
    // Deleting the inbox removes the tab.
    assert_eq!(
        fixture.call("DELETE", &format!("/inboxes/{}", fixture.inbox_id())).send().await.status,
        200
    );
    app.clock.advance(Duration::from_secs(3));
    let site = app.app.site(fixture.site.site.id).await.unwrap();
    assert_eq!(site.messages, None);
}

#[tokio::test]
async fn reader_and_agent_exchange_messages_by_forms() {
    let app = TestApp::new().await;
    let fixture = office(&app).await;
    let widget = open(&app, &fixture.site, "42").await;
    let empty = follow(&app, &widget, &by_form(&app, &widget, "do=show").await).await;
    assert!(empty.contains("Write to us") && empty.contains("<textarea"), "{empty}");
    let number = write(&app, &widget, "Where+is+%3Cb%3Emy%3C%2Fb%3E+lamp%3F").await;
    let response = fixture.get(&format!("/conversations/{number}/messages")).await;
    assert_eq!(
        (
            response["payload"][0]["content"].as_str(),
            response["payload"][0]["message_type"].as_i64()
        ),
        (Some("Where is <b>my</b> lamp?"), Some(0))
    );
    let conversation = fixture.get(&format!("/conversations/{number}")).await;
    assert_eq!(conversation["meta"]["hmac_verified"], true);
    assert_eq!(unread(&app, &widget).await, 0);
    fixture.message(number, json!({"content": "On its **way**", "private": false})).await;
    fixture.message(number, json!({"content": "secret among agents", "private": true})).await;
    assert_eq!(unread(&app, &widget).await, 1);
    let with = open(&app, &fixture.site, "42").await.html;
    assert!(
        with.contains("aria-label=\"Notifications; 1 unread answer\"")
            && with.contains("data-answers-name=\"; 1 unread answer\""),
        "{with}"
    );
    // A single conversation is shown at once, and showing marks as seen.
    let page = follow(&app, &widget, &by_form(&app, &widget, "do=show").await).await;
    assert!(
        page.contains("On its <strong>way</strong>")
            && page.contains("Where is &lt;b&gt;my&lt;/b&gt; lamp?"),
        "{page}"
    );
    assert!(page.contains("Ann") && !page.contains("secret among agents"), "{page}");
    assert_eq!(unread(&app, &widget).await, 0);
    let messages = fixture.get(&format!("/conversations/{number}/messages")).await;
    assert_eq!(messages["payload"][1]["status"], "read");
    // And the other way round.
    assert!(page.contains(">Sent</p>"));
    fixture.post(&format!("/conversations/{number}/update_last_seen"), json!({})).await;
    let page = follow(
        &app,
        &widget,
        &by_form(&app, &widget, &format!("do=show&conversation={number}")).await,
    )
    .await;
    assert!(page.contains(">Seen</p>"), "{page}");
    let second =
        by_form(&app, &widget, &format!("do=send&conversation={number}&content=Thanks")).await;
    assert!(follow(&app, &widget, &second).await.contains("Thanks"));
    assert_ne!(write(&app, &widget, "Another+thing").await, number);
    let list = follow(&app, &widget, &by_form(&app, &widget, "do=show").await).await;
    assert_eq!(list.matches("name=\"conversation\"").count(), 2, "{list}");
    assert!(list.find("Another thing").unwrap() < list.find("Thanks").unwrap(), "the newest first");
    // All of it is in one session.
    let contact = conversation["meta"]["sender"]["id"].as_i64().unwrap();
    let profile = fixture.get(&format!("/contacts/{contact}")).await;
    assert_eq!(profile["payload"]["contact_inboxes"].as_array().unwrap().len(), 1, "{profile}");
}

#[tokio::test]
async fn locked_inbox_continues_the_conversation() {
    let app = TestApp::new().await;
    let fixture = office(&app).await;
    fixture
        .patch(
            &format!("/inboxes/{}", fixture.inbox_id()),
            json!({"lock_to_single_conversation": true}),
        )
        .await;
    let widget = open(&app, &fixture.site, "42").await;
    assert_eq!(write(&app, &widget, "One").await, write(&app, &widget, "Two").await);
}

#[tokio::test]
async fn automatic_messages_are_in_the_thread() {
    let app = TestApp::new().await;
    let fixture = ApplicationFixture::new(&app).await;
    let settings =
        json!({"greeting_enabled": true, "greeting_message": "We are here from nine to five"});
    fixture.patch(&format!("/inboxes/{}", fixture.inbox_id()), settings).await;
    switch(&fixture, Some(fixture.inbox_id())).await;
    let widget = open(&app, &fixture.site, "42").await;
    let number = write(&app, &widget, "Hello").await;
    let page = follow(
        &app,
        &widget,
        &by_form(&app, &widget, &format!("do=show&conversation={number}")).await,
    )
    .await;
    assert!(
        page.contains("We are here from nine to five") && page.contains("Automatic reply"),
        "{page}"
    );
}

#[tokio::test]
async fn script_part_equals_the_documents_part() {
    let app = TestApp::new().await;
    let fixture = office(&app).await;
    let widget = open(&app, &fixture.site, "42").await;
    let sent = by_form(&app, &widget, "part=1&do=send&content=Hello").await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    assert_eq!(sent.header("cache-control"), Some("private, no-store, no-transform"));
    let policy = "default-src 'none'; frame-ancestors 'none'";
    assert_eq!(sent.header("content-security-policy"), Some(policy));
    assert!(
        sent.text().contains("Hello")
            && !sent.text().contains("<html")
            && !sent.text().contains("<script"),
        "{}",
        sent.text()
    );
    assert_eq!(attribute(sent.text(), "data-unread"), "0");
    // A prefetched page doesn't mark messages as seen.
    let number: i64 = attribute(sent.text(), "data-conversation").parse().unwrap();
    fixture.message(number, json!({"content": "Hi"})).await;
    let ahead = format!("/conversations?reader={}&conversation={number}", widget.reader);
    assert_eq!(
        widget
            .call(&app, axum::http::Method::GET, &ahead)
            .header("sec-purpose", "prefetch")
            .send()
            .await
            .status,
        200
    );
    // A page embedded by another site, without the reader's identity, doesn't either.
    assert_eq!(
        app.get(&format!("{}/conversations?conversation={number}", widget.base))
            .header("cookie", &widget.cookie)
            .send()
            .await
            .status,
        200
    );
    assert_eq!(unread(&app, &widget).await, 1);
    assert_eq!(widget.get(&app, &ahead).await.status, 200);
    assert_eq!(unread(&app, &widget).await, 0);
}

#[tokio::test]
async fn older_messages_have_their_own_page() {
    let app = TestApp::new().await;
    let fixture = office(&app).await;
    let widget = open(&app, &fixture.site, "42").await;
    let number = write(&app, &widget, "first").await;
    for index in 0..25 {
        fixture.message(number, json!({"content": format!("answer {index}.")})).await;
    }
    assert_eq!(unread(&app, &widget).await, 25);
    let newest = by_form(&app, &widget, &format!("do=show&conversation={number}&part=1"))
        .await
        .text()
        .to_owned();
    assert!(newest.contains("answer 24.") && !newest.contains("answer 4."), "{newest}");
    let before = attribute(&newest[newest.find("name=\"before\"").unwrap()..], "value");
    let older =
        by_form(&app, &widget, &format!("do=show&conversation={number}&before={before}&part=1"))
            .await
            .text()
            .to_owned();
    assert!(
        older.contains("first")
            && older.contains("answer 4.")
            && !older.contains("answer 24.")
            && older.contains("data-past"),
        "{older}"
    );
}
