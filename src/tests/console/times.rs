//! Times are shown and entered in the member's time zone.

use super::browser::Browser;
use crate::support::{TestApp, TestSite};
use belfry_domain::{MessageQuery, Role};

struct Place<'a> {
    site: TestSite,
    browser: Browser<'a>,
    base: String,
}

/// An editor whose browser is in a time zone.
async fn editor<'a>(app: &'a TestApp, zone: &str) -> Place<'a> {
    let site = app.create_site().await;
    app.console().member("marta@example.com", site.site.id, Role::Editor).await;
    let mut browser = app.console().sign_in("marta@example.com").await;
    browser.known_cookie = Some(format!("belfry-time-zone={zone}"));
    let base = format!("/console/sites/{}", site.site.id);
    Place { site, browser, base }
}

async fn schedule(place: &mut Place<'_>, at: &str, zone: &str) -> crate::support::Answer {
    let fields = [
        ("audience", "everyone"),
        ("content.en.title", "Sale"),
        ("publishAt", at),
        ("timeZone", zone),
        ("do", "send"),
    ];
    place.browser.post_form(&format!("{}/messages/new", place.base), &fields).await
}

#[tokio::test]
async fn message_is_scheduled_and_shown_in_the_browsers_zone() {
    let app = TestApp::new().await;
    let mut place = editor(&app, "Asia/Tokyo").await;
    let new = place.browser.get(&format!("{}/messages/new", place.base)).await;
    assert!(
        new.text().contains("Send at (Asia/Tokyo)")
            && new.text().contains("Show until (Asia/Tokyo)"),
        "{}",
        new.text()
    );
    let sent = schedule(&mut place, "2026-12-02T09:30", "Asia/Tokyo").await;
    let here = sent.header("location").unwrap_or_else(|| panic!("{}", sent.text())).to_owned();
    let message =
        &app.app.messages(place.site.site.id, &MessageQuery::newest(1)).await.unwrap().items[0]
            .message;
    assert_eq!(message.publish_at.millis(), 1_796_171_400_000, "2026-12-02T00:30:00Z");
    let page = place.browser.get(&here).await;
    assert!(page.text().contains("2 December 2026, 09:30 UTC+9"), "{}", page.text());
    let edit = place.browser.get(&format!("{here}/edit")).await;
    assert!(edit.text().contains("value=\"2026-12-02T09:30\""), "{}", edit.text());

    // A form is read in the zone in which it was shown, whatever the browser's is by then.
    place.browser.known_cookie = Some("belfry-time-zone=Europe/Kyiv".to_owned());
    let page = place.browser.get(&here).await;
    assert!(page.text().contains("2 December 2026, 02:30 UTC+2"), "{}", page.text());
    schedule(&mut place, "2026-12-03T09:30", "Asia/Tokyo").await;
    let message =
        &app.app.messages(place.site.site.id, &MessageQuery::newest(1)).await.unwrap().items[0]
            .message;
    assert_eq!(message.publish_at.millis(), 1_796_257_800_000);
}

#[tokio::test]
async fn time_that_clocks_skip_is_an_error_at_its_field() {
    let app = TestApp::new().await;
    let mut place = editor(&app, "Europe/Kyiv").await;
    let refused = schedule(&mut place, "2027-03-28T03:30", "Europe/Kyiv").await;
    assert_eq!(refused.status, 422);
    for part in [
        "id=\"publishAt-error\"",
        "does not exist in the time zone Europe/Kyiv",
        "value=\"2027-03-28T03:30\"",
    ] {
        assert!(refused.text().contains(part), "{part} in {}", refused.text());
    }
}

#[tokio::test]
async fn zone_is_the_accounts_then_the_browsers_then_utc() {
    let app = TestApp::new().await;
    let mut place = editor(&app, "Mars/Olympus").await;
    let new = format!("{}/messages/new", place.base);
    assert!(place.browser.get(&new).await.text().contains("Send at (UTC)"));
    place.browser.known_cookie = Some("belfry-time-zone=Asia/Tokyo".to_owned());
    let account = place.browser.get("/console/account").await;
    assert!(
        account.text().contains("Automatic, from your browser (Asia/Tokyo)"),
        "{}",
        account.text()
    );
    let wrong = place
        .browser
        .post_form(
            "/console/account",
            &[("name", "Marta"), ("language", "en"), ("time_zone", "Mars/Olympus")],
        )
        .await;
    assert!(
        wrong.status == 422 && wrong.text().contains("id=\"time_zone-error\""),
        "{}",
        wrong.text()
    );
    let fields = [("name", "Marta"), ("language", "en"), ("time_zone", "America/New_York")];
    assert_eq!(place.browser.post_form("/console/account", &fields).await.status, 303);
    assert!(place.browser.get(&new).await.text().contains("Send at (America/New York)"));
    assert!(
        place
            .browser
            .get("/console/account")
            .await
            .text()
            .contains("value=\"America/New_York\" selected")
    );
    let fields = [("name", "Marta"), ("language", "en"), ("time_zone", "")];
    assert_eq!(place.browser.post_form("/console/account", &fields).await.status, 303);
    assert!(place.browser.get(&new).await.text().contains("Send at (Asia/Tokyo)"));
}
