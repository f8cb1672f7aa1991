//! Segments in the console.

use crate::support::TestApp;
use belfry_domain::Role;
use serde_json::json;

const PRO: [(&str, &str); 6] = [
    ("name", "Pro"),
    ("match", "all"),
    ("rows", "3"),
    ("row1.path", "plan"),
    ("row1.operator", "equals"),
    ("row1.value", "pro"),
];

#[tokio::test]
async fn segment_is_created_counted_changed_used_and_deleted() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    for (id, plan) in [("1", "pro"), ("2", "pro"), ("3", "free")] {
        app.contact(&site, json!({ "externalCustomerId": id, "attributes": { "plan": plan } }))
            .await;
    }
    app.console().member("marta@example.com", site.site.id, Role::Editor).await;
    let mut browser = app.console().sign_in("marta@example.com").await;
    let base = format!("/console/sites/{}/segments", site.site.id);
    let new = format!("{base}/new");
    assert!(browser.get(&base).await.text().contains("No segments yet"));
    let counted = browser.post_form(&new, &[&PRO[..], &[("do", "count")]].concat()).await;
    assert!(
        counted.text().contains("Matches 2 contacts now")
            && counted.text().contains("value=\"plan\""),
        "{}",
        counted.text()
    );
    let live = browser.post_form_from(&new, &format!("{base}/count"), &PRO).await;
    assert_eq!(live.json()["reach"], "Matches 2 contacts now");
    let more = browser.post_form(&new, &[&PRO[..], &[("do", "add")]].concat()).await;
    assert!(more.status == 200 && more.text().contains("name=\"row3.value\""), "{}", more.text());

    let response = browser.post_form(&new, &[&PRO[..], &[("do", "save")]].concat()).await;
    let here =
        response.header("location").unwrap_or_else(|| panic!("{}", response.text())).to_owned();
    let page = browser.get(&here).await;
    assert!(
        page.text().contains("Segment created.") && page.text().contains("value=\"plan\""),
        "{}",
        page.text()
    );
    assert!(browser.get(&base).await.text().contains("plan = pro"));
    let twice = browser.post_form(&new, &[&PRO[..], &[("do", "save")]].concat()).await;
    assert!(twice.status == 422 && twice.text().contains("with this name"), "{}", twice.text());

    let advanced = [
        ("name", "Pro"),
        ("json", "{\"not\": {\"all\": [{\"attribute\": \"plan\", \"equals\": \"pro\"}]}}"),
        ("do", "save"),
    ];
    assert_eq!(browser.post_form(&here, &advanced).await.status, 303);
    let page = browser.get(&here).await;
    assert!(
        page.text().contains("Matches 1 contact now") && page.text().contains("<details open"),
        "{}",
        page.text()
    );

    let id = here.rsplit('/').next().unwrap();
    let message = [
        ("audience", "segment"),
        ("segment", id),
        ("content.en.title", "Only for you"),
        ("do", "send"),
    ];
    let compose = format!("/console/sites/{}/messages/new", site.site.id);
    assert!(browser.get(&format!("{compose}?segment={id}")).await.text().contains("selected"));
    let sent = browser.post_form(&compose, &message).await;
    let message = sent.header("location").unwrap_or_else(|| panic!("{}", sent.text())).to_owned();
    assert!(browser.get(&message).await.text().contains("Segment: Pro"));
    assert!(browser.get(&here).await.text().contains("Only for you"));
    assert!(
        browser
            .get(&format!("/console/sites/{}/messages", site.site.id))
            .await
            .text()
            .contains("Segment: Pro")
    );
    assert!(
        browser
            .get(&format!("{here}/delete"))
            .await
            .text()
            .contains("“Pro” is deleted permanently")
    );
    assert_eq!(
        browser.post_form(&format!("{here}/delete"), &[]).await.header("location"),
        Some(here.as_str())
    );
    assert!(browser.get(&here).await.text().contains("Recall them first"));
    browser.post_form_from(&here, &format!("{message}/cancel"), &[]).await;
    assert_eq!(
        browser.post_form(&format!("{here}/delete"), &[]).await.header("location"),
        Some(base.as_str())
    );
    assert_eq!(browser.get(&here).await.status, 404);
}

#[tokio::test]
async fn errors_are_shown_at_their_row_and_input_is_escaped() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let mut browser = app.console().sign_in_operator().await;
    let new = format!("/console/sites/{}/segments/new", site.site.id);
    let hostile = "</textarea><script>alert(1)</script>\"";
    let typed = [
        ("name", hostile),
        ("row2.kind", "lastSeenAt"),
        ("row2.operator", "withinDays"),
        ("row2.value", hostile),
        ("do", "save"),
    ];
    let answer = browser.post_form(&new, &typed).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.text().contains("id=\"row2.value-error\"")
            && !answer.text().contains("<script>alert"),
        "{}",
        answer.text()
    );
    let answer = browser.post_form(&new, &[("name", "x"), ("json", hostile), ("do", "save")]).await;
    assert!(
        answer.text().contains("id=\"json-error\"") && !answer.text().contains("<script>alert"),
        "{}",
        answer.text()
    );
    assert!(
        browser
            .post_form(&new, &[("name", "x"), ("do", "save")])
            .await
            .text()
            .contains("at least one condition")
    );
}

#[tokio::test]
async fn viewers_can_read_and_strangers_get_404() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    let mut operator = app.console().sign_in_operator().await;
    let base = format!("/console/sites/{}/segments", site.site.id);
    let response =
        operator.post_form(&format!("{base}/new"), &[&PRO[..], &[("do", "save")]].concat()).await;
    let here = response.header("location").unwrap().to_owned();
    app.console().member("marta@example.com", site.site.id, Role::Viewer).await;
    let mut browser = app.console().sign_in("marta@example.com").await;
    let page = browser.get(&here).await;
    assert!(
        page.status == 200
            && page.text().contains("plan = pro")
            && !page.text().contains("/delete"),
        "{}",
        page.text()
    );
    for path in [format!("{base}/new"), format!("{here}/delete")] {
        assert_eq!(browser.get(&path).await.status, 403);
        assert_eq!(browser.post_form_from("/console/account", &path, &PRO).await.status, 403);
    }
    let elsewhere = here.replace(&site.site.id.to_string(), &other.site.id.to_string());
    assert_eq!(browser.get(&elsewhere).await.status, 404);
    assert_eq!(operator.get(&elsewhere).await.status, 404);
}
