//! The overview page: setup steps, install issues, and the audit log.

use crate::support::{TestApp, TestSite};
use belfry_domain::{InstallIssue, InstallStep, Origin, Role};

async fn record_install_event(
    app: &TestApp,
    site: &TestSite,
    seen: InstallStep,
    origin: Option<&str>,
    issue: Option<InstallIssue>,
) {
    let origin: Option<Origin> = origin.map(|origin| origin.parse().unwrap());
    app.app.record_install_event(site.site.id, seen, origin.clone(), issue);
    // Written after the response, so that no reader waits for it.
    while !app
        .app
        .install_events(site.site.id)
        .await
        .unwrap()
        .iter()
        .any(|of| (of.step, &of.origin, of.issue) == (seen, &origin, issue))
    {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn setup_steps_complete_themselves() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let mut owner = app.console().sign_in_operator().await;
    let page = format!("/console/sites/{}", site.site.id);
    let done = |text: &str| text.matches("class=\"done\"").count();
    let start = owner.get(&page).await;
    assert_eq!(done(start.text()), 1, "{}", start.text());
    assert!(start.text().contains("aria-current=\"step\""));
    record_install_event(&app, &site, InstallStep::Widget, Some("https://shop.example"), None)
        .await;
    record_install_event(&app, &site, InstallStep::Token, None, None).await;
    assert_eq!(done(owner.get(&page).await.text()), 3);
}

#[tokio::test]
async fn rejected_origin_is_allowed_by_a_button() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.console().member("viewer@example.com", site.site.id, Role::Viewer).await;
    let mut owner = app.console().sign_in_operator().await;
    let page = format!("/console/sites/{}/snippet", site.site.id);
    assert!(owner.get(&page).await.text().contains("No activity yet"));
    record_install_event(
        &app,
        &site,
        InstallStep::Widget,
        Some("https://www.shop.example"),
        Some(InstallIssue::Origin),
    )
    .await;
    record_install_event(&app, &site, InstallStep::Token, None, Some(InstallIssue::Contact)).await;
    let response = owner.get(&page).await;
    for text in [
        "Allow https://www.shop.example",
        "Add the contact first",
        "/scripts/",
        "eS(&#39;init&#39;",
    ] {
        assert!(
            response.text().replace("eS('init'", "eS(&#39;init&#39;").contains(text),
            "{text}: {}",
            response.text()
        );
    }
    assert!(
        owner
            .get(&format!("/console/sites/{}", site.site.id))
            .await
            .text()
            .contains("Pages on addresses that are not allowed")
    );
    let mut viewer = app.console().sign_in("viewer@example.com").await;
    assert!(!viewer.get(&page).await.text().contains("Allow https"));
    let allowed = owner
        .post_form_from(&page, &format!("{page}/allow"), &[("origin", "https://www.shop.example")])
        .await;
    assert_eq!(allowed.status, 303);
    assert_eq!(app.app.site(site.site.id).await.unwrap().origins.len(), 2);
    assert!(!owner.get(&page).await.text().contains("Allow https"));
}

#[tokio::test]
async fn token_call_is_shown_in_three_languages() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let mut owner = app.console().sign_in_operator().await;
    let page = format!("/console/sites/{}/snippet", site.site.id);
    for (asked, text) in [
        ("", "curl_init"),
        ("?in=php", "curl_init"),
        ("?in=node", "Buffer.from"),
        ("?in=python", "import requests"),
        ("?in=x", "curl_init"),
    ] {
        assert!(owner.get(&format!("{page}{asked}")).await.text().contains(text), "{asked}");
    }
}

#[tokio::test]
async fn audit_log_is_paginated_in_sentences() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let marta = app.console().member("marta@example.com", site.site.id, Role::Viewer).await;
    let operator = app.console().operator().await;
    app.app.set_role(operator.id, site.site.id, marta, Role::Editor).await.unwrap();
    let mut owner = app.console().sign_in_operator().await;
    let page = format!("/console/sites/{}/audit", site.site.id);
    let response = owner.get(&page).await;
    for text in [
        "Changed the role of Marta (Editor)",
        "Joined the site",
        "Created an invitation (Viewer)",
        "Olha",
    ] {
        assert!(response.text().contains(text), "{text}: {}", response.text());
    }
    assert!(!response.text().contains("?before="));
    for number in 0..60 {
        app.app
            .record(
                belfry_domain::Actor::System,
                Some(site.site.id),
                "thing.done",
                &number.to_string(),
                None,
            )
            .await;
    }
    let first = owner.get(&page).await;
    assert!(
        first.text().contains("thing.done: 59") && !first.text().contains("thing.done: 9<"),
        "{}",
        first.text()
    );
    let (_, rest) = first.text().split_once("?before=").unwrap();
    let older = owner.get(&format!("{page}?before={}", rest.split('"').next().unwrap())).await;
    assert!(
        older.text().contains("thing.done: 9<") && older.text().contains("Joined the site"),
        "{}",
        older.text()
    );
    assert_eq!(owner.get(&format!("{page}?before=x")).await.status, 404);
}
