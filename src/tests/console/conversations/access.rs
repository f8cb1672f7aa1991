//! Who reads and answers conversations, by role, inbox and site.

use super::fixture::{self, ConversationFixture};
use crate::support::TestApp;
use belfry_domain::{Role, channel::ConversationStatus};

/// Owners of the instance are no members of the site.
#[tokio::test]
async fn operator_answers_as_an_administrator() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    let mut browser = app.console().sign_in_operator().await;
    assert_eq!(browser.get(&fixture.path("")).await.status, 200);
    assert!(browser.get(&fixture.path("/1")).await.text().contains("Hello"));
    let sent = browser
        .post_form_from(
            &fixture.path("/1"),
            &fixture.path("/1/messages"),
            &[("kind", "reply"), ("content", "Good day")],
        )
        .await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    assert_eq!(
        fixture.messages(1).await.last().and_then(|message| message.content.clone()).as_deref(),
        Some("Good day")
    );
}

#[tokio::test]
async fn agents_see_their_inboxes_and_viewers_none() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    app.console().member("viewer@example.com", fixture.site, Role::Viewer).await;
    let account = app.console().member("editor@example.com", fixture.site, Role::Editor).await;
    let mut viewer = app.console().sign_in("viewer@example.com").await;
    for path in ["", "/1", "/events", "/1?part=list"] {
        assert_eq!(viewer.get(&fixture.path(path)).await.status, 403, "{path}");
    }
    assert!(
        !viewer
            .get(&format!("/console/sites/{}", fixture.site))
            .await
            .text()
            .contains("/conversations")
    );
    let mut editor = app.console().sign_in("editor@example.com").await;
    assert!(editor.get(&fixture.path("")).await.text().contains("No inboxes yet"));
    for path in ["/1", "/1?part=list", "/1?part=thread", "/1/messages/1"] {
        assert_eq!(editor.get(&fixture.path(path)).await.status, 404, "{path}");
    }
    for (path, fields) in fixture::ACTS {
        let answer = editor.post_form_from("/console/account", &fixture.path(path), fields).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(
            viewer.post_form_from("/console/account", &fixture.path(path), fields).await.status,
            403,
            "{path}"
        );
    }
    fixture.join(account).await;
    assert_eq!(editor.get(&fixture.path("/1")).await.status, 200);
    assert!(editor.get(&fixture.path("")).await.text().contains("data-number=\"1\""));
}

#[tokio::test]
async fn other_sites_and_tokenless_forms_are_rejected() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "Hello").await;
    let other = app.create_site().await.site.id;
    app.console().member("stranger@example.com", other, Role::Owner).await;
    let mut stranger = app.console().sign_in("stranger@example.com").await;
    let theirs = |path: &str| format!("/console/sites/{other}/conversations{path}");
    for path in ["/1", "/1?part=list", "/1/messages/1", "/x", "/1/messages/x"] {
        assert_eq!(stranger.get(&theirs(path)).await.status, 404, "{path}");
    }
    for path in ["", "/1", "/events"] {
        assert_eq!(stranger.get(&fixture.path(path)).await.status, 404, "{path}");
        assert_eq!(
            app.console().browser().get(&fixture.path(path)).await.header("location"),
            Some("/console/sign-in"),
            "{path}"
        );
    }
    let mut owner = fixture.owner().await;
    for (path, fields) in fixture::ACTS {
        for address in [fixture.path(path), theirs(path)] {
            assert_eq!(
                stranger.post_form_from("/console/account", &address, fields).await.status,
                404,
                "{address}"
            );
        }
        let ours = [("origin", crate::support::PUBLIC_URL), ("sec-fetch-site", "same-origin")];
        assert_eq!(owner.post_raw(&fixture.path(path), fields, &ours).await.status, 403, "{path}");
        assert_eq!(
            owner
                .post_raw(&fixture.path(path), &[&[("token", "x")], *fields].concat(), &ours)
                .await
                .status,
            403,
            "{path}"
        );
    }
    assert_eq!(fixture.messages(1).await.len(), 1);
    assert_eq!(fixture.view(1).await.conversation.status, ConversationStatus::Open);
}
