//! Live updates of an open page.

use super::fixture::ConversationFixture;
use crate::support::TestApp;
use axum::body::Body;
use axum::http::{Request, header};
use belfry_domain::{Role, channel::InboxSettings};
use futures_util::StreamExt as _;
use tower::ServiceExt as _;

/// The event stream of a browser's page.
struct Stream {
    body: axum::body::BodyDataStream,
    read: String,
}

impl Stream {
    async fn open(
        fixture: &ConversationFixture<'_>,
        browser: &crate::console::Browser<'_>,
    ) -> Self {
        let request = Request::get(fixture.path("/events"))
            .header(header::COOKIE, browser.cookie.clone().unwrap())
            .body(Body::empty())
            .unwrap();
        let response = fixture.app.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        let mut stream =
            Self { body: response.into_body().into_data_stream(), read: String::new() };
        stream.read_until("event: ready").await;
        stream
    }

    /// Reads until this text, and returns everything before it.
    async fn read_until(&mut self, text: &str) -> String {
        while !self.read.contains(text) {
            let part = self
                .body
                .next()
                .await
                .unwrap_or_else(|| panic!("ended before {text}: {}", self.read))
                .unwrap();
            self.read.push_str(std::str::from_utf8(&part).unwrap());
        }
        let end = self.read.find(text).unwrap() + text.len();
        self.read.drain(..end).collect()
    }
}

#[tokio::test]
async fn page_gets_messages_and_typing_events() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    let browser = fixture.owner().await;
    let mut stream = Stream::open(&fixture, &browser).await;
    fixture.write(1, "secret words").await;
    let frame = stream.read_until("event: changed\ndata: {\"number\":1}").await;
    assert!(!frame.contains("secret words"), "{frame}");
    fixture.publish_typing(1).await;
    let typing = stream.read_until("\"who\":\"Ann Lee\"").await;
    assert!(typing.contains("event: typing") && typing.contains("\"on\":true"), "{typing}");
}

/// A page fetches changes and reports them as seen; an event about that would cause an endless
/// loop.
#[tokio::test]
async fn marking_as_seen_is_no_change() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    let mut browser = fixture.owner().await;
    let mut stream = Stream::open(&fixture, &browser).await;
    assert!(
        browser.get(&fixture.path("/1?part=thread")).await.text().contains("data-unread=\"1\"")
    );
    browser.post_form_from(&fixture.path(""), &fixture.path("/1/seen"), &[]).await;
    let frame = stream.read_until("event: read\ndata: {\"number\":1}").await;
    assert!(!frame.contains("changed"), "{frame}");
    assert!(
        browser.get(&fixture.path("/1?part=thread")).await.text().contains("data-unread=\"0\"")
    );
}

#[tokio::test]
async fn agent_is_notified_of_messages_to_answer() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    let mut owner = fixture.owner().await;
    let account = app.console().member("editor@example.com", fixture.site, Role::Editor).await;
    fixture.join(account).await;
    let mut editor = app.console().sign_in("editor@example.com").await;
    assert_eq!(editor.get(&fixture.path("")).await.status, 200);
    let mut stream = Stream::open(&fixture, &owner).await;
    fixture.write(1, "to anybody").await;
    stream.read_until("event: incoming\ndata: {\"number\":1}").await;
    let notice = owner.get(&fixture.path("/1?part=notice")).await;
    assert!(
        notice.text().contains("data-who=\"Ann Lee\"") && notice.text().contains(">to anybody<"),
        "{}",
        notice.text()
    );
    assert_eq!(fixture.view(1).await.unread_count, 2, "a notification doesn't mark as seen");

    // The conversation is assigned to another agent, who is then the one to be notified.
    let me = app
        .app
        .agent_of_account(fixture.site, account)
        .await
        .unwrap()
        .unwrap()
        .agent
        .id
        .to_string();
    owner
        .post_form_from(
            &fixture.path("/1"),
            &fixture.path("/1/details"),
            &[("was.assignee", ""), ("assignee", &me)],
        )
        .await;
    let mut theirs = Stream::open(&fixture, &editor).await;
    fixture.write(1, "to the editor").await;
    theirs.read_until("event: incoming\ndata: {\"number\":1}").await;
    let number = fixture.another("Bo", "Second").await;
    let frame = stream.read_until(&format!("event: incoming\ndata: {{\"number\":{number}}}")).await;
    assert!(!frame.contains("event: incoming\ndata: {\"number\":1}"), "{frame}");

    // A message that an agent has answered meanwhile needs no notification.
    owner
        .post_form_from(&fixture.path("/1"), &fixture.path("/1/messages"), &[("content", "Hi")])
        .await;
    assert!(!owner.get(&fixture.path("/1?part=notice")).await.text().contains("data-message"));
}

#[tokio::test]
async fn automatic_message_is_pushed_and_marked() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    let greet = |settings: &InboxSettings| InboxSettings {
        greeting_enabled: true,
        greeting_message: Some("Welcome".into()),
        ..settings.clone()
    };
    app.app.update_inbox(fixture.site, fixture.inbox, greet).await.unwrap();
    let mut browser = fixture.owner().await;
    let mut stream = Stream::open(&fixture, &browser).await;
    fixture.write(1, "Anybody there?").await;
    for _ in 0..2 {
        stream.read_until("event: changed\ndata: {\"number\":1}").await;
    }
    let greeting = fixture.messages(1).await.pop().unwrap();
    assert_eq!(greeting.content.as_deref(), Some("Welcome"));
    let notice = browser.get(&fixture.path("/1?part=notice")).await;
    assert!(
        notice.text().contains(">Anybody there?<"),
        "nobody has answered yet: {}",
        notice.text()
    );
    let page = browser.get(&fixture.path("/1")).await;
    let item =
        page.text().split(&format!("id=\"message-{}\"", greeting.id)).nth(1).unwrap().to_owned();
    assert!(
        page.text().contains("class=\"message ours automatic\"")
            && item.contains("Automatic message")
            && item.contains("Welcome"),
        "{item}"
    );
}

#[tokio::test]
async fn agent_gets_events_of_their_inboxes_only() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    let account = app.console().member("editor@example.com", fixture.site, Role::Editor).await;
    let other = ConversationFixture {
        app: &app,
        site: fixture.site,
        inbox: super::fixture::inbox(&app, fixture.site, "Other").await.id,
    };
    other.join(account).await;
    let mut editor = app.console().sign_in("editor@example.com").await;
    assert_eq!(editor.get(&fixture.path("")).await.status, 200);
    let mut stream = Stream::open(&fixture, &editor).await;
    fixture.write(1, "for others").await;
    let number = other.another("Bo", "for us").await;
    let frame = stream.read_until(&format!("data: {{\"number\":{number}}}")).await;
    assert!(!frame.contains("{\"number\":1}"), "{frame}");
}

#[tokio::test]
async fn fetching_page_parts_does_not_mark_as_seen() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    let mut browser = fixture.owner().await;
    let part = browser.get(&fixture.path("/1?part=thread")).await;
    assert!(part.text().contains("<p>Hello") && !part.text().contains("<html"), "{}", part.text());
    assert_eq!(fixture.view(1).await.unread_count, 1);
    assert_eq!(
        browser
            .post_form_from(&fixture.path("?tab=mine"), &fixture.path("/1/seen"), &[])
            .await
            .status,
        204
    );
    assert_eq!(fixture.view(1).await.unread_count, 0);
    assert_eq!(
        browser
            .post_form_from(
                &fixture.path("?tab=mine"),
                &fixture.path("/1/typing"),
                &[("typing", "on"), ("kind", "note")]
            )
            .await
            .status,
        204
    );
}
