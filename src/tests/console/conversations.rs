//! Conversations: read, reply and resolve.

mod access;
mod canned;
pub mod fixture;
mod list;
mod live_updates;

use crate::support::TestApp;
use belfry_domain::channel::{ConversationStatus, MessageKind, MessageStatus, Priority};
use fixture::ConversationFixture;

#[tokio::test]
async fn message_is_read_and_answered_without_scripts() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(
        &app,
        "Is the green lamp in stock? See https://shop.example/lamp",
    )
    .await;
    let mut browser = fixture.owner().await;
    let list = browser.get(&fixture.path("")).await;
    assert_eq!(list.status, 200);
    for part in
        ["Ann Lee", "Is the green lamp in stock?", "1 unread", "All 1", "Unassigned 1", "Mine 0"]
    {
        assert!(list.text().contains(part), "{part}: {}", list.text());
    }
    assert!(!list.text().contains("Shop chat"), "a single inbox is not named in each row");
    fixture::inbox(&app, fixture.site, "Returns").await;
    let list = browser.get(&fixture.path("")).await;
    assert!(
        list.text().contains("<span>Shop chat</span>") && list.text().contains("Returns</option>"),
        "{}",
        list.text()
    );
    let thread = browser.get(&fixture.path("/1")).await;
    assert!(thread.text().contains("href=\"https://shop.example/lamp\""), "{}", thread.text());
    assert_eq!(fixture.view(1).await.unread_count, 0, "opening it marks as seen");

    let fields = [("kind", "reply"), ("content", "Yes, **three** of them.\r\nCome in.")];
    let sent =
        browser.post_form_from(&fixture.path("/1"), &fixture.path("/1/messages"), &fields).await;
    assert_eq!(
        (sent.status.as_u16(), sent.header("location")),
        (303, Some(fixture.path("/1").as_str())),
        "{}",
        sent.text()
    );
    let note = [("kind", "note"), ("content", "She is a **regular**")];
    browser.post_form_from(&fixture.path("/1"), &fixture.path("/1/messages"), &note).await;
    let messages = fixture.messages(1).await;
    let said: Vec<_> = messages
        .iter()
        .map(|message| (message.kind, message.private, message.content.as_deref().unwrap()))
        .collect();
    assert_eq!(
        said[1..],
        [
            (MessageKind::Outgoing, false, "Yes, **three** of them.\nCome in."),
            (MessageKind::Outgoing, true, "She is a **regular**")
        ]
    );
    let thread = browser.get(&fixture.path("/1")).await;
    assert!(
        thread.text().contains("<strong>three</strong>") && thread.text().contains("Private note"),
        "{}",
        thread.text()
    );
    assert!(browser.get(&fixture.path("")).await.text().contains("Note: "));
}

#[tokio::test]
async fn rejected_message_stays_in_the_composer() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    let mut browser = fixture.owner().await;
    let empty = browser
        .post_form_from(
            &fixture.path("/1"),
            &fixture.path("/1/messages"),
            &[("kind", "note"), ("content", " \n ")],
        )
        .await;
    assert_eq!(empty.status, 422);
    assert!(empty.text().contains("write something, or attach a file"), "{}", empty.text());
    let long = "</textarea><script>".to_owned() + &"x".repeat(150_000);
    let response = browser
        .post_form_from(
            &fixture.path("/1"),
            &fixture.path("/1/messages"),
            &[("kind", "note"), ("content", &long)],
        )
        .await;
    assert_eq!(response.status, 422);
    assert!(
        response.text().contains("&lt;/textarea&gt;&lt;script&gt;")
            && !response.text().contains("<script>x"),
        "{:.600}",
        response.text()
    );
    assert_eq!(fixture.messages(1).await.len(), 1);
}

#[tokio::test]
async fn files_are_sent_with_a_reply() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    let mut browser = fixture.owner().await;
    let call = browser
        .form_of(
            &fixture.path("/1"),
            &fixture.path("/1/messages"),
            &[("kind", "reply"), ("content", "")],
            &[("attachments", "a text")],
        )
        .await;
    assert_eq!(call.send().await.status, 303);
    let message = fixture.messages(1).await.pop().unwrap();
    assert_eq!(
        (message.content, message.attachments.len(), message.attachments[0].size),
        (None, 1, 6)
    );
    let thread = browser.get(&fixture.path("/1")).await;
    assert!(
        thread.text().contains(&format!("/attachments/{}/", message.attachments[0].key))
            && thread.text().contains("6 B"),
        "{}",
        thread.text()
    );
    let large = "x".repeat(6 * 1_024 * 1_024);
    let call = browser
        .form_of(
            &fixture.path("/1"),
            &fixture.path("/1/messages"),
            &[("content", "kept")],
            &[("attachments", &large)],
        )
        .await;
    let response = call.send().await;
    assert!(
        response.status == 422
            && response.text().contains("Choose the files again")
            && response.text().contains("\nkept"),
        "{}",
        response.status
    );
}

#[tokio::test]
async fn status_assignee_priority_and_labels_change_by_forms() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    let mut browser = fixture.owner().await;
    let page = fixture.path("/1");
    let me = fixture.owner_agent().await;
    let act = async |browser: &mut crate::console::Browser<'_>,
                     rest: &str,
                     fields: &[(&str, &str)]| {
        let answer = browser
            .post_form_from(&page, &fixture.path(&format!("/1/{rest}?tab=mine&status=all")), fields)
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, Some(format!("{page}?tab=mine&status=all").as_str()))
        );
        fixture.view(1).await.conversation
    };
    let me = me.to_string();
    let changed = act(&mut browser, "details", &[("was.assignee", ""), ("assignee", &me)]).await;
    assert_eq!(changed.assignee.map(|agent| agent.to_string()).as_deref(), Some(me.as_str()));
    let fields = [
        ("was.assignee", me.as_str()),
        ("assignee", me.as_str()),
        ("was.priority", ""),
        ("priority", "urgent"),
        ("labels", "VIP, lamps , vip"),
    ];
    let changed = act(&mut browser, "details", &fields).await;
    assert_eq!(
        (changed.priority, changed.labels.as_slice()),
        (Some(Priority::Urgent), &["lamps".to_owned(), "vip".to_owned()][..])
    );
    // A field that somebody else changed since the page was loaded stays unchanged.
    let stale = act(
        &mut browser,
        "details",
        &[("was.priority", ""), ("priority", ""), ("was.assignee", ""), ("assignee", "")],
    )
    .await;
    assert_eq!((stale.priority, stale.assignee.is_some()), (Some(Priority::Urgent), true));

    assert_eq!(
        act(&mut browser, "status", &[("status", "resolved")]).await.status,
        ConversationStatus::Resolved
    );
    assert_eq!(
        act(&mut browser, "status", &[("status", "open")]).await.status,
        ConversationStatus::Open
    );
    assert_eq!(
        act(&mut browser, "status", &[("status", "pending")]).await.status,
        ConversationStatus::Pending
    );
    let snoozed = act(&mut browser, "status", &[("status", "snoozed"), ("for", "24")]).await;
    assert_eq!(
        snoozed.snoozed_until,
        Some(app.app.now().plus(std::time::Duration::from_hours(24)))
    );
    let past = act(
        &mut browser,
        "status",
        &[("status", "snoozed"), ("for", "until"), ("until", "2001-01-01T00:00")],
    )
    .await;
    assert_eq!(past.snoozed_until, snoozed.snoozed_until);
    assert!(browser.get(&page).await.text().contains("must be in the future"));
    let thread = browser.get(&page).await;
    for part in [
        "self-assigned this conversation",
        "set the priority to urgent",
        "Operator",
        "Snoozed until",
    ] {
        assert!(part == "Operator" || thread.text().contains(part), "{part}: {}", thread.text());
    }
    assert_eq!(
        browser
            .post_form_from(&page, &fixture.path("/1/status"), &[("status", "nonsense")])
            .await
            .status,
        422
    );
    assert_eq!(
        browser
            .post_form_from(&page, &fixture.path("/1/details"), &[("assignee", "999")])
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn failed_message_shows_the_reason_and_is_retried() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    let mut browser = fixture.owner().await;
    browser
        .post_form_from(&fixture.path("/1"), &fixture.path("/1/messages"), &[("content", "Hi")])
        .await;
    let message = fixture.messages(1).await.pop().unwrap().id;
    fixture.fail(1, message, "the shop answered <500>").await;
    let thread = browser.get(&fixture.path("/1")).await;
    assert!(
        thread.text().contains("Not delivered: the shop answered &lt;500&gt;"),
        "{}",
        thread.text()
    );
    let again = browser
        .post_form_from(
            &fixture.path("/1"),
            &fixture.path(&format!("/1/messages/{message}/retry")),
            &[],
        )
        .await;
    assert_eq!(again.status, 303);
    assert_eq!(fixture.messages(1).await.pop().unwrap().status, MessageStatus::Sent);
}

#[tokio::test]
async fn older_messages_and_long_ones_are_behind_links() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "the very first").await;
    for number in 0..25 {
        fixture.write(1, &format!("line {number}")).await;
    }
    let long = format!("<b>{}END", "word ".repeat(3_000));
    fixture.write(1, &long).await;
    let mut browser = fixture.owner().await;
    let newest = browser.get(&fixture.path("/1")).await;
    assert!(
        !newest.text().contains("<p>the very first")
            && newest.text().contains("<p>line 24")
            && !newest.text().contains("END"),
        "{}",
        newest.text()
    );
    let (_, rest) = newest.text().split_once("?before=").unwrap();
    let before = rest.split('"').next().unwrap().to_owned();
    let older = browser.get(&fixture.path(&format!("/1?before={before}"))).await;
    assert!(
        older.text().contains("<p>the very first") && older.text().contains("Newest messages"),
        "{}",
        older.text()
    );
    let id = fixture.messages(1).await.pop().unwrap().id;
    let whole = browser.get(&fixture.path(&format!("/1/messages/{id}"))).await;
    assert_eq!(
        (whole.text(), whole.header("content-type")),
        (long.as_str(), Some("text/plain; charset=utf-8"))
    );
    assert_eq!(browser.get(&fixture.path("/1/messages/9999")).await.status, 404);
}

#[tokio::test]
async fn hostile_names_and_messages_are_escaped() {
    let app = TestApp::new().await;
    let hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";
    let fixture = ConversationFixture::with(
        &app,
        hostile,
        &format!("{hostile} [x](javascript:alert(1)) javascript:alert(1)"),
    )
    .await;
    let mut browser = fixture.owner().await;
    let fields = [
        (
            "content",
            "<script>alert(2)</script> [y](javascript:alert(2)) ![z](https://evil.example/p.png)",
        ),
        ("kind", "reply"),
    ];
    browser.post_form_from(&fixture.path("/1"), &fixture.path("/1/messages"), &fields).await;
    browser
        .post_form_from(&fixture.path("/1"), &fixture.path("/1/details"), &[("labels", hostile)])
        .await;
    for path in ["", "/1", "/1?part=thread", "/1?part=list"] {
        let page = browser.get(&fixture.path(path)).await;
        let text = page.text();
        assert!(
            !text.contains("<script>alert")
                && !text.contains("<img src=x")
                && !text.contains("href=\"javascript")
                && !text.contains("evil.example/p.png\""),
            "{text}"
        );
        assert!(text.contains("&lt;script&gt;alert(1)"), "{text}");
    }
}
