//! Messages in the console: write, preview, send, undo, and report.

use super::browser::Browser;
use crate::support::{TestApp, TestSite};
use belfry_domain::{MessageQuery, MessageState, Position, Role};
use serde_json::json;
use std::time::Duration;

struct MessagesFixture<'a> {
    site: TestSite,
    browser: Browser<'a>,
    base: String,
}

async fn shop(app: &TestApp, role: Role) -> MessagesFixture<'_> {
    let site = app.create_site().await;
    app.console().member("marta@example.com", site.site.id, role).await;
    let browser = app.console().sign_in("marta@example.com").await;
    let base = format!("/console/sites/{}/messages", site.site.id);
    MessagesFixture { site, browser, base }
}

const SALE: [(&str, &str); 6] = [
    ("audience", "everyone"),
    ("content.en.title", "Sale {{firstName|there}}"),
    ("content.en.body", "Until **Sunday**"),
    ("content.en.link", "https://shop.example/u/{{externalCustomerId}}"),
    ("content.en.actions[1].label", "Look"),
    ("content.en.actions[1].link", "https://shop.example/"),
];

fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name} in {page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// Presses a button of the editor's page.
async fn press(
    shop: &mut MessagesFixture<'_>,
    fields: &[(&str, &str)],
    button: &str,
) -> crate::support::Answer {
    let path = format!("{}/new", shop.base);
    shop.browser.post_form(&path, &[fields, &[("do", button)]].concat()).await
}

#[tokio::test]
async fn message_is_drafted_reviewed_sent_and_undone() {
    let app = TestApp::new().await;
    let mut shop = shop(&app, Role::Editor).await;
    app.contact(&shop.site, json!({ "externalCustomerId": "42", "firstName": "Anna" })).await;
    let empty = shop.browser.get(&shop.base).await;
    assert!(
        empty.text().contains("No messages yet") && empty.text().contains("/messages/new"),
        "{}",
        empty.text()
    );

    let review = press(&mut shop, &SALE, "review").await;
    assert_eq!(review.status, 200, "{}", review.text());
    assert!(
        review.text().contains("<dd class=\"big\">1</dd>") && review.text().contains("10 seconds"),
        "{}",
        review.text()
    );
    assert_eq!(hidden(review.text(), "content.en.body"), "Until **Sunday**");
    let once = hidden(review.text(), "once");

    let sent = press(&mut shop, &[&SALE[..], &[("once", &once)]].concat(), "send").await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let here = sent.header("location").unwrap().to_owned();
    let again = press(&mut shop, &[&SALE[..], &[("once", &once)]].concat(), "send").await;
    assert_eq!(again.header("location"), Some(here.as_str()), "pressing twice sends once");
    let page = shop.browser.get(&here).await;
    assert!(page.text().contains("Undo") && page.header("refresh").is_some(), "{}", page.text());

    let undone =
        shop.browser.post_form_from(&here, &format!("{here}/cancel"), &[("undo", "1")]).await;
    assert_eq!(undone.header("location"), Some(format!("{here}/duplicate").as_str()));
    let back = shop.browser.get(&format!("{here}/duplicate")).await;
    assert!(
        back.text().contains("value=\"Sale {{firstName|there}}\"")
            && back.text().contains("Nothing was sent"),
        "{}",
        back.text()
    );
    assert!(
        back.text().contains("https://shop.example/u/{{externalCustomerId}}"),
        "{}",
        back.text()
    );
    let acts: Vec<_> = app
        .app
        .audit(Some(shop.site.site.id), None, 9)
        .await
        .unwrap()
        .into_iter()
        .map(|audited| audited.entry.action)
        .collect();
    assert!(
        acts.starts_with(&["message.cancelled".to_owned(), "message.published".to_owned()]),
        "{acts:?}"
    );
}

#[tokio::test]
async fn sent_message_shows_counts_and_can_be_edited_or_recalled() {
    let app = TestApp::new().await;
    let mut shop = shop(&app, Role::Editor).await;
    let anna =
        app.contact(&shop.site, json!({ "externalCustomerId": "42", "language": "en" })).await;
    let sent = press(&mut shop, &SALE, "send").await;
    let here = sent.header("location").unwrap_or_else(|| panic!("{}", sent.text())).to_owned();
    app.clock.advance(Duration::from_secs(11));
    app.app.advance().await.unwrap();
    let late =
        shop.browser.post_form_from(&here, &format!("{here}/cancel"), &[("undo", "1")]).await;
    assert_eq!(late.header("location"), Some(here.as_str()));
    let page = shop.browser.get(&here).await;
    assert!(
        page.text().contains("already sent")
            && page.text().contains("Reached")
            && !page.text().contains("Undo"),
        "{}",
        page.text()
    );
    assert!(
        page.text().contains("Count by segment") && !page.text().contains("No segments yet."),
        "{}",
        page.text()
    );
    let by_segment = format!("{here}?by=segment");
    let page = shop.browser.get(&by_segment).await;
    assert!(page.text().contains("No segments yet."), "{}", page.text());

    let segment = json!({"name": "<English>", "condition": {"language": "en"}});
    let response =
        app.post("/v1/segments").key(&shop.site.key).json(&segment).send().await.expect(201)["id"]
            .clone();
    app.app.record_delivered(shop.site.site.id, &[(anna, Position::MAX)]).await.unwrap();
    let page = shop.browser.get(&by_segment).await;
    let row = page
        .text()
        .split_once(&format!("/segments/{response}\""))
        .unwrap_or_else(|| panic!("{}", page.text()))
        .1;
    let row = row.split_once("</tr>").unwrap().0;
    assert!(row.contains("&lt;English&gt;"), "{row}");
    let numbers: Vec<&str> =
        row.split("<td>").skip(1).map(|cell| cell.split_once('<').unwrap().0).collect();
    assert_eq!(numbers, ["1", "0", "0", "0", "0"], "{row}");
    assert!(
        page.text().contains("match today") && !page.text().contains("Only the newest"),
        "{}",
        page.text()
    );
    for number in 1..=100 {
        let segment = json!({"name": number.to_string(), "condition": {"language": "uk"}});
        app.post("/v1/segments").key(&shop.site.key).json(&segment).send().await.expect(201);
    }
    let page = shop.browser.get(&by_segment).await;
    assert!(
        page.text().contains("Only the newest 100 segments")
            && !page.text().contains("&lt;English&gt;"),
        "{}",
        page.text()
    );

    let edit = shop.browser.get(&format!("{here}/edit")).await;
    assert!(
        edit.text().contains("Until **Sunday**</textarea>")
            && !edit.text().contains("name=\"audience\""),
        "{}",
        edit.text()
    );
    let changed = [("content.en.title", "Sale prolonged"), ("do", "save")];
    let saved = shop.browser.post_form(&format!("{here}/edit"), &changed).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let listed = shop.browser.get(&format!("{}?q=PROLONGED&state=live", shop.base)).await;
    assert!(
        listed.text().contains("Sale prolonged") && listed.text().contains("Everyone"),
        "{}",
        listed.text()
    );
    assert!(
        shop.browser
            .get(&format!("{}?q=nothing", shop.base))
            .await
            .text()
            .contains("No messages found")
    );

    assert!(
        shop.browser
            .get(&format!("{here}/recall"))
            .await
            .text()
            .contains("“Sale prolonged” disappears")
    );
    assert_eq!(shop.browser.post_form(&format!("{here}/recall"), &[]).await.status, 303);
    assert!(shop.browser.get(&here).await.text().contains("Recalled. Readers"));
    let again = shop.browser.post_form(&format!("{here}/resend"), &[]).await;
    assert_ne!(again.header("location"), Some(here.as_str()));
    let live = MessageQuery { state: Some(MessageState::Live), ..MessageQuery::newest(9) };
    assert_eq!(app.app.messages(shop.site.site.id, &live).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn invalid_input_is_kept_and_escaped() {
    let app = TestApp::new().await;
    let mut shop = shop(&app, Role::Editor).await;
    let hostile = "</textarea><script>alert(1)</script>\"";
    let typed = [
        ("audience", "contacts"),
        ("contacts", "42\nnobody@example.com"),
        ("content.en.body", hostile),
        ("name", hostile),
        ("category", "news"),
    ];
    let answer = press(&mut shop, &typed, "review").await;
    assert_eq!(answer.status, 422);
    assert!(
        !answer.text().contains("<script>alert")
            && answer.text().contains("&lt;/textarea&gt;&lt;script&gt;"),
        "{}",
        answer.text()
    );
    assert!(
        answer.text().contains("id=\"content.en.title-error\"")
            && answer.text().contains("value=\"news\""),
        "{}",
        answer.text()
    );

    let titled = [&typed[..], &[("content.en.title", hostile)]].concat();
    let answer = press(&mut shop, &titled, "send").await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.text().contains("id=\"contacts-error\"") && answer.text().contains("line 1 (42)"),
        "{}",
        answer.text()
    );
    app.contact(&shop.site, json!({ "externalCustomerId": "42", "email": "nobody@example.com" }))
        .await;
    let answer = press(&mut shop, &titled, "review").await;
    assert!(answer.status == 200 && !answer.text().contains("<script>alert"), "{}", answer.text());
    let sent = press(&mut shop, &titled, "send").await;
    let page = shop.browser.get(sent.header("location").unwrap()).await;
    assert!(page.status == 200 && !page.text().contains("<script>alert"), "{}", page.text());
    assert!(!shop.browser.get(&shop.base).await.text().contains("<script>alert"));

    let rows = [
        ("audience", "everyone"),
        ("content.en.title", "x"),
        ("content.en.actions[2].label", "Go"),
        ("content.en.actions[2].link", "shop"),
    ];
    let answer = press(&mut shop, &rows, "review").await;
    assert!(answer.text().contains("id=\"content.en.actions[2].link-error\""), "{}", answer.text());
    let past =
        [("audience", "everyone"), ("content.en.title", "x"), ("expiresAt", "2020-01-01T00:00")];
    assert!(press(&mut shop, &past, "review").await.text().contains("id=\"expiresAt-error\""));
    assert_eq!(
        press(&mut shop, &[("audience", "segment"), ("content.en.title", "x")], "review")
            .await
            .status,
        422
    );
}

#[tokio::test]
async fn message_is_previewed_counted_tested_and_scheduled() {
    let app = TestApp::new().await;
    let mut shop = shop(&app, Role::Editor).await;
    app.contact(
        &shop.site,
        json!({ "externalCustomerId": "42", "email": "anna@example.com", "firstName": "Anna" }),
    )
    .await;
    let preview = press(&mut shop, &SALE, "preview").await;
    let secret = hidden(preview.text(), "secret");
    let look = app
        .post(&format!("/embed/{}/preview/messages", shop.site.site.id))
        .header("content-type", "application/x-www-form-urlencoded");
    assert!(
        look.body(format!("secret={secret}&language=en&scheme=dark"))
            .send()
            .await
            .text()
            .contains("<strong>Sunday</strong>")
    );
    let id = shop.site.site.id;
    let look = |secret: &str| {
        let call = app
            .post(&format!("/embed/{id}/preview/messages"))
            .header("content-type", "application/x-www-form-urlencoded");
        call.body(format!("secret={secret}&language=en&scheme=light")).send()
    };
    assert!(look(&secret).await.text().contains("Sale there"));
    for (typed, title, note) in [
        ("anna@example.com", "Sale Anna", "As anna@example.com sees it."),
        (" 42 ", "Sale Anna", "As 42 sees it."),
        ("nobody@example.com", "Sale there", "No contact of the site has this ID"),
        ("<b>", "Sale there", "No contact of the site has this ID"),
        ("", "Sale there", ""),
    ] {
        let page = press(&mut shop, &[&SALE[..], &[("as", typed)]].concat(), "preview").await;
        assert!(page.status == 200 && page.text().contains(note), "{typed}: {}", page.text());
        assert_eq!(
            hidden(page.text(), "as\" form=\"compose"),
            typed.replace('<', "&lt;").replace('>', "&gt;")
        );
        assert!(look(&hidden(page.text(), "secret")).await.text().contains(title), "{typed}");
        let review = press(&mut shop, &[&SALE[..], &[("as", typed)]].concat(), "review").await;
        assert!(look(&hidden(review.text(), "secret")).await.text().contains(title), "{typed}");
        let path = format!("{}/check", shop.base);
        let checked = shop
            .browser
            .post_form_from(
                &format!("{}/new", shop.base),
                &path,
                &[&SALE[..], &[("as", typed)]].concat(),
            )
            .await
            .json();
        assert!(checked["note"].as_str().unwrap().starts_with(note), "{checked}");
        assert!(look(checked["secret"].as_str().unwrap()).await.text().contains(title), "{typed}");
    }
    assert!(
        preview.text().contains("target=\"preview\"")
            && preview.text().contains("<iframe name=\"preview\""),
        "{}",
        preview.text()
    );
    assert!(press(&mut shop, &SALE, "count").await.text().contains("Reaches 1 contact now"));

    let page = format!("{}/new", shop.base);
    let checked = shop
        .browser
        .post_form_from(
            &page,
            &format!("{}/check", shop.base),
            &[&SALE[..], &[("count", "1")]].concat(),
        )
        .await;
    let checked = checked.json();
    assert!(
        checked["secret"].is_string()
            && checked["reach"] == "Reaches 1 contact now"
            && checked["problem"].is_null(),
        "{checked}"
    );

    let tried =
        press(&mut shop, &[&SALE[..], &[("test", "anna@example.com")]].concat(), "test").await;
    assert!(
        tried.text().contains("Test sent to anna@example.com")
            && tried.text().contains("value=\"anna@example.com\""),
        "{}",
        tried.text()
    );
    assert!(
        press(&mut shop, &[&SALE[..], &[("test", "43")]].concat(), "test")
            .await
            .text()
            .contains("id=\"test-error\"")
    );
    assert!(
        app.app
            .messages(shop.site.site.id, &MessageQuery::newest(9))
            .await
            .unwrap()
            .items
            .is_empty()
    );

    let later = [&SALE[..], &[("publishAt", "2026-12-02T09:30"), ("name", "Winter")]].concat();
    let sent = press(&mut shop, &later, "send").await;
    let here = sent.header("location").unwrap_or_else(|| panic!("{}", sent.text())).to_owned();
    let page = shop.browser.get(&here).await;
    assert!(
        page.text().contains("2 December 2026, 09:30 UTC")
            && page.text().contains("Cancel sending"),
        "{}",
        page.text()
    );
    let edit = shop.browser.get(&format!("{here}/edit")).await;
    assert!(
        edit.text().contains("value=\"2026-12-02T09:30\"")
            && edit.text().contains("value=\"Winter\""),
        "{}",
        edit.text()
    );
    let moved = [&later[..], &[("do", "save")]].concat();
    assert_eq!(shop.browser.post_form(&format!("{here}/edit"), &moved).await.status, 303);
}

#[tokio::test]
async fn viewers_can_read_and_strangers_get_404() {
    let app = TestApp::new().await;
    let other = app.create_site().await;
    let mut shop = shop(&app, Role::Viewer).await;
    let message = crate::widget::publish(&app, &shop.site, json!("everyone"), "Hello").await;
    let list = shop.browser.get(&shop.base).await;
    assert!(
        list.text().contains("Hello") && !list.text().contains("/messages/new"),
        "{}",
        list.text()
    );
    let here = format!("{}/{message}", shop.base);
    let page = shop.browser.get(&here).await;
    assert!(page.status == 200 && !page.text().contains("/recall"), "{}", page.text());
    for path in [
        format!("{}/new", shop.base),
        format!("{here}/edit"),
        format!("{here}/duplicate"),
        format!("{here}/recall"),
        format!("{here}/resend"),
    ] {
        assert_eq!(shop.browser.get(&path).await.status, 403, "{path}");
    }
    for path in [
        format!("{}/new", shop.base),
        format!("{here}/recall"),
        format!("{here}/cancel"),
        format!("{}/check", shop.base),
    ] {
        assert_eq!(
            shop.browser.post_form_from("/console/account", &path, &SALE).await.status,
            403,
            "{path}"
        );
    }
    let strange = format!("/console/sites/{}/messages", other.site.id);
    for path in [
        strange.clone(),
        format!("{strange}/new"),
        format!("{strange}/{message}"),
        format!("{}/{}", shop.base, other.site.id),
        format!("{}/x", shop.base),
    ] {
        assert_eq!(shop.browser.get(&path).await.status, 404, "{path}");
    }
    let mut operator = app.console().sign_in_operator().await;
    assert_eq!(
        operator.get(&format!("{strange}/{message}")).await.status,
        404,
        "another site's message"
    );
}
