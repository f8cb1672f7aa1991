//! Canned responses: managed by the agents of a site, and inserted into their replies.

use super::fixture::ConversationFixture;
use crate::support::TestApp;
use belfry_domain::{Role, channel::CannedResponseDraft};

async fn create(fixture: &ConversationFixture<'_>, short_code: &str, content: &str) -> String {
    let draft = CannedResponseDraft::new(short_code, content).unwrap();
    fixture.app.app.create_canned_response(fixture.site, &draft).await.unwrap().id.to_string()
}

#[tokio::test]
async fn agent_creates_changes_and_deletes_a_canned_response() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    app.console().member("agent@example.com", fixture.site, Role::Agent).await;
    let mut agent = app.console().sign_in("agent@example.com").await;
    let list = fixture.path("/canned-responses");
    let new = format!("{list}/new");
    let empty = agent.get(&list).await;
    assert!(
        empty.text().contains("No canned responses yet") && empty.text().contains(&new),
        "{}",
        empty.text()
    );
    assert!(agent.get(&new).await.text().contains("{{contact.first_name}}"));

    let response = agent.post_form(&new, &[("short_code", "<b>"), ("text", " ")]).await;
    assert!(
        response.status == 422 && response.text().contains("id=\"text-error\""),
        "{}",
        response.text()
    );
    assert!(response.text().contains("value=\"&lt;b&gt;\""), "{}", response.text());
    let created = agent
        .post_form(
            &new,
            &[("short_code", " /hello "), ("text", "Hello!\r\n\r\n<b>Welcome</b>\r\n")],
        )
        .await;
    assert_eq!(
        (created.status.as_u16(), created.header("location")),
        (303, Some(list.as_str())),
        "{}",
        created.text()
    );
    let kept = app.app.canned_responses(fixture.site, None).await.unwrap().remove(0);
    assert_eq!(
        (kept.short_code.as_str(), kept.content.as_str()),
        ("hello", "Hello!\n\n<b>Welcome</b>")
    );
    let answer = agent.get(&list).await;
    assert!(
        answer.text().contains("Hello! &lt;b&gt;Welcome") && !answer.text().contains("<b>Welcome"),
        "{}",
        answer.text()
    );
    let taken = agent.post_form(&new, &[("short_code", "hello"), ("text", "Other")]).await;
    assert!(
        taken.status == 422 && taken.text().contains("has already been taken"),
        "{}",
        taken.text()
    );

    let own = format!("{list}/{}", kept.id);
    let saved = agent
        .post_form(&own, &[("short_code", "hello"), ("text", "Hi"), ("former", &kept.revision())])
        .await;
    assert_eq!(saved.header("location"), Some(list.as_str()), "{}", saved.text());
    // An agent who started to edit before that gets a conflict, and may save again.
    let stale = agent
        .post_form(&own, &[("short_code", "hello"), ("text", "Hey"), ("former", &kept.revision())])
        .await;
    assert!(
        stale.status == 409
            && stale.text().contains("currently saved: “Hi”")
            && stale.text().contains("\nHey</textarea>"),
        "{}",
        stale.text()
    );
    assert_eq!(app.app.canned_responses(fixture.site, None).await.unwrap()[0].content, "Hi");

    let delete = format!("{own}/delete");
    assert!(agent.get(&delete).await.text().contains("Delete this canned response?"));
    assert_eq!(agent.post_form(&delete, &[]).await.header("location"), Some(list.as_str()));
    assert_eq!(agent.get(&own).await.status, 404);
    let acts = app.app.audit(Some(fixture.site), None, 3).await.unwrap();
    let acts: Vec<_> = acts
        .iter()
        .map(|audited| (audited.entry.action.as_str(), audited.entry.subject.as_str()))
        .collect();
    assert_eq!(
        acts,
        [
            ("canned-response.deleted", "hello"),
            ("canned-response.updated", "hello"),
            ("canned-response.created", "hello")
        ]
    );
}

#[tokio::test]
async fn canned_responses_are_searched() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    for number in 0..12 {
        create(&fixture, &format!("code-{number}"), "Hello").await;
    }
    create(&fixture, "доставка", "Їде завтра").await;
    let mut browser = fixture.owner().await;
    let list = fixture.path("/canned-responses");
    assert!(browser.get(&list).await.text().contains("code-11"));
    let found = browser.get(&format!("{list}?q=%D0%B7%D0%90%D0%B2%D1%82%D1%80%D0%B0")).await;
    assert!(
        found.text().contains("доставка") && !found.text().contains("code-11"),
        "{}",
        found.text()
    );
    let nothing = browser.get(&format!("{list}?q=%3Cb%3E")).await;
    assert!(
        nothing.text().contains("No canned responses found")
            && nothing.text().contains("“&lt;b&gt;”"),
        "{}",
        nothing.text()
    );
}

#[tokio::test]
async fn button_inserts_after_the_typed_text() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    let id =
        create(&fixture, "hello", "Hello {{contact.first_name}}, this is {{ nothing }}.").await;
    let mut browser = fixture.owner().await;
    let page = fixture.path("/1");
    let thread = browser.get(&page).await;
    assert!(
        thread.text().contains(&format!("name=\"insert\" value=\"{id}\"")),
        "{}",
        thread.text()
    );
    let insert = fixture.path("/1/insert?tab=mine");
    for (typed, expected) in [
        ("", "\nHello Ann, this"),
        (
            "Dear </textarea>\r\n",
            "\nDear &lt;/textarea&gt;\nHello Ann, this is {{ nothing }}.</textarea>",
        ),
    ] {
        let inserted = browser
            .post_form_from(
                &page,
                &insert,
                &[("content", typed), ("kind", "note"), ("insert", &id)],
            )
            .await;
        assert!(
            inserted.status == 200 && inserted.text().contains(expected),
            "{typed:?}: {}",
            inserted.text()
        );
        assert!(inserted.text().contains("value=\"note\" checked"), "{}", inserted.text());
    }
    assert_eq!(fixture.messages(1).await.len(), 1);
    for odd in ["999", "x", ""] {
        assert!(
            [404, 422].contains(
                &browser
                    .post_form_from(&page, &insert, &[("content", "kept"), ("insert", odd)])
                    .await
                    .status
                    .as_u16()
            ),
            "{odd}"
        );
    }
}

#[tokio::test]
async fn options_match_the_typed_text() {
    let app = TestApp::new().await;
    let hostile = "\"><script>alert(1)</script>";
    let fixture = ConversationFixture::with(&app, hostile, "Hello").await;
    create(&fixture, "hello", "Hello {{contact.name}}\nand welcome").await;
    create(&fixture, "bye", "See you").await;
    let mut browser = fixture.owner().await;
    let mut options = async |path: &str| browser.get(&fixture.path(path)).await;
    let some = options("/1/canned?q=HEL").await;
    assert_eq!(some.text().matches("role=\"option\"").count(), 1, "{}", some.text());
    assert!(
        some.text().contains("and welcome\"") && !some.text().contains("<script>"),
        "{}",
        some.text()
    );
    assert_eq!(options("/1/canned?q=").await.text().matches("role=\"option\"").count(), 2);
    assert!(!options("/1/canned?q=zzz").await.text().contains("role="));
    assert_eq!(options("/9/canned?q=").await.status, 404);
    let other = app.create_site().await.site.id;
    app.console().member("stranger@example.com", other, Role::Owner).await;
    let mut stranger = app.console().sign_in("stranger@example.com").await;
    assert_eq!(stranger.get(&fixture.path("/1/canned?q=")).await.status, 404);
}
