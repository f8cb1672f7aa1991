//! The list of conversations: its filters, and what it says when it is empty.

use super::fixture::{self, ConversationFixture};
use crate::support::TestApp;
use belfry_domain::Role;

#[tokio::test]
async fn list_is_filtered_by_tab_status_inbox_label_and_text() {
    let app = TestApp::new().await;
    let fixture = ConversationFixture::begin(&app, "green lamp").await;
    fixture.another("Bo", "red chair").await;
    let mut browser = fixture.owner().await;
    let me = fixture.owner_agent().await.to_string();
    browser
        .post_form_from(
            &fixture.path("/2"),
            &fixture.path("/2/details"),
            &[("assignee", &me), ("labels", "chairs")],
        )
        .await;
    let mut shows = async |query: &str| {
        let list = browser.get(&fixture.path(query)).await;
        assert_eq!(list.status, 200, "{query}");
        (
            list.text().contains("data-number=\"1\" class="),
            list.text().contains("data-number=\"2\" class="),
        )
    };
    for (query, expected) in [
        ("", (true, true)),
        ("?tab=mine", (false, true)),
        ("?tab=unassigned", (true, false)),
        ("?status=resolved", (false, false)),
        ("?status=all", (true, true)),
        ("?status=nonsense&inbox=nonsense&page=nonsense", (true, true)),
        ("?label=Chairs", (false, true)),
        ("?q=lamp", (true, false)),
        ("?q=bo", (false, true)),
        ("?inbox=999", (false, false)),
        ("?page=2", (false, false)),
        ("/1?tab=mine", (false, true)),
        ("/1?part=list", (true, true)),
    ] {
        assert_eq!(shows(query).await, expected, "{query}");
    }
    let nothing = browser.get(&fixture.path("?q=%3Cb%3Ezzz")).await;
    assert!(
        nothing.text().contains("No conversations found")
            && nothing.text().contains("value=\"&lt;b&gt;zzz\""),
        "{}",
        nothing.text()
    );
    assert!(browser.get(&fixture.path("?tab=mine")).await.text().contains("data-number=\"2\""));
}

#[tokio::test]
async fn empty_list_explains_the_next_step() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    app.console().member("owner@example.com", site, Role::Owner).await;
    let mut owner = app.console().sign_in("owner@example.com").await;
    let path = format!("/console/sites/{site}/conversations");
    let none = owner.get(&path).await;
    assert!(
        none.text().contains("No inboxes yet")
            && none.text().contains(&format!("/console/sites/{site}/inboxes")),
        "{}",
        none.text()
    );
    app.console().member("marta@example.com", site, Role::Editor).await;
    let mut editor = app.console().sign_in("marta@example.com").await;
    assert!(editor.get(&path).await.text().contains("Ask an owner of the site"));
    let inbox = fixture::inbox(&app, site, "Shop chat").await;
    let empty = owner.get(&path).await;
    let call = format!("/public/api/v1/inboxes/{}/contacts", inbox.identifier.as_str());
    assert!(
        empty.text().contains("No conversations yet") && empty.text().contains(&call),
        "{}",
        empty.text()
    );
    assert!(
        owner
            .get(&format!("{path}?tab=mine"))
            .await
            .text()
            .contains("You have answered everything")
    );
}
