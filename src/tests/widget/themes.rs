//! Themes in the widget: the document's theme, the theme's files, drafts behind a preview link, and
//! a change while the widget is open.

use super::{SHOP, events::Stream, open, token};
use crate::support::{Answer, TestApp, TestSite};
use belfry_app::ThemeUpload;
use belfry_domain::{Theme, ThemeVersion};
use serde_json::json;
use std::time::Duration;

const BELL: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M4 4h16v16H4z" fill="teal"/></svg>"#;

/// A theme whose style sheet sets a colour.
async fn draft(app: &TestApp, site: &TestSite, colour: &str) -> Theme {
    let css = format!(".title {{ color: {colour} }}");
    let upload = ThemeUpload { bell: Some(BELL.into()), card: None, css: Some(css.into()) };
    app.app.upload_theme(site.site.id, upload).await.unwrap()
}

async fn publish(app: &TestApp, site: &TestSite, colour: &str) -> Theme {
    draft(app, site, colour).await;
    app.app.publish_theme(site.site.id).await.unwrap()
}

fn address(theme: &Theme) -> String {
    format!("/t/{}/{}", theme.site, theme.stylesheet)
}

/// Opens the page with a preview secret in its URL.
async fn open_with(app: &TestApp, site: &TestSite, preview: &str) -> Answer {
    app.contact(site, json!({ "externalCustomerId": "42" })).await;
    let token = token(app, site, "42").await;
    let call = app
        .post(&format!("/embed/{}", site.site.id))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", SHOP);
    call.body(format!("token={token}&language=en&scheme=light&preview={preview}")).send().await
}

async fn link(app: &TestApp, site: &TestSite, version: ThemeVersion) -> String {
    app.app.create_preview_link(site.site.id, version).await.unwrap().0.reveal().to_owned()
}

#[tokio::test]
async fn document_uses_the_published_theme_at_once() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let plain = open(&app, &site, "42").await.html;
    assert!(!plain.contains("/t/") && !plain.contains("theme-first"));
    let theme = publish(&app, &site, "teal").await;
    let html = open(&app, &site, "42").await.html;
    assert!(
        html.contains(&format!("<link rel=\"stylesheet\" href=\"{}\">", address(&theme))),
        "{html}"
    );
    assert!(
        html.contains("<style id=\"theme-first\" nonce="),
        "a small bell comes with the first response"
    );
    assert!(html.contains("data:image/svg+xml,"));
    assert!(
        !html.contains("teal }") && !html.contains("color: teal"),
        "a theme's own rules have their own file"
    );
    let other = publish(&app, &site, "navy").await;
    assert!(open(&app, &site, "42").await.html.contains(&address(&other)));
    app.app.roll_back_theme(site.site.id, Some(theme.version)).await.unwrap();
    assert!(open(&app, &site, "42").await.html.contains(&address(&theme)));
    app.app.roll_back_theme(site.site.id, None).await.unwrap();
    assert!(!open(&app, &site, "42").await.html.contains("/t/"));
}

#[tokio::test]
async fn theme_file_is_immutable_inert_and_per_site() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    // Large enough to become a separate file.
    let shape =
        |number: u32| format!("<path d=\"M{number} {number}h1v1z\" fill=\"#{number:03x}\"/>");
    let shapes = (0..200).map(shape).collect::<Vec<_>>().concat();
    let bell =
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240">{shapes}</svg>"#);
    let upload = ThemeUpload {
        bell: Some(bell.into()),
        card: None,
        css: Some(".title { color: teal }".into()),
    };
    let theme = app.app.upload_theme(site.site.id, upload).await.unwrap();
    let sheet = app.get(&address(&theme)).send().await;
    assert_eq!(sheet.status, 200);
    assert_eq!(sheet.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(
        sheet.header("content-security-policy"),
        Some("default-src 'none'; frame-ancestors 'none'")
    );
    let name = sheet.text().split("url(").nth(1).and_then(|rest| rest.split(')').next()).unwrap();
    assert!(name.strip_suffix(".svg").is_some_and(|hash| hash.len() >= 16), "{name}");
    let picture = app.get(&format!("/t/{}/{name}", theme.site)).send().await;
    assert_eq!(picture.status, 200);
    assert_eq!(picture.header("content-type"), Some("image/svg+xml; charset=utf-8"));
    assert_eq!(
        picture.header("content-security-policy"),
        Some("default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'")
    );
    for answer in [&sheet, &picture] {
        assert_eq!(
            answer.header("cache-control"),
            Some("public, max-age=31536000, immutable, no-transform")
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"));
        assert_eq!(answer.header("set-cookie"), None);
    }
    for missing in [
        format!("/t/{}/{}", other.site.id, theme.stylesheet),
        format!("/t/{}/{name}", other.site.id),
        format!("/t/{}/0123456789abcdef.svg", theme.site),
        "/t/x/y.css".to_owned(),
    ] {
        assert_eq!(app.get(&missing).send().await.status, 404, "{missing}");
    }
}

#[tokio::test]
async fn draft_theme_needs_its_preview_link() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    let shown = publish(&app, &site, "teal").await;
    let hidden = draft(&app, &site, "navy").await;
    let secret = link(&app, &site, hidden.version).await;
    let html = open_with(&app, &site, &secret).await.text().to_owned();
    assert!(html.contains(&address(&hidden)) && html.contains("data-draft"), "{html}");
    let theirs = draft(&app, &other, "red").await;
    let foreign = link(&app, &other, theirs.version).await;
    for odd in ["", "bfp_nonsense", "%00", &foreign, &site.key] {
        let html = open_with(&app, &site, odd).await.text().to_owned();
        assert!(html.contains(&address(&shown)) && !html.contains("data-draft"), "{odd}");
    }
    app.clock.advance(Duration::from_hours(8 * 24));
    assert!(
        open_with(&app, &site, &secret).await.text().contains(&address(&shown)),
        "the link expires after a week"
    );
}

#[tokio::test]
async fn gallery_shows_only_what_its_link_names() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    let theme = draft(&app, &site, "teal").await;
    let secret = link(&app, &site, theme.version).await;
    let gallery = app.get(&format!("/embed/{}/preview?link={secret}", site.site.id)).send().await;
    assert_eq!(gallery.status, 200, "{}", gallery.text());
    assert_eq!(gallery.header("cache-control"), Some("private, no-store, no-transform"));
    let policy = gallery.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'")
            && policy.contains("frame-ancestors 'none'")
            && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(gallery.text().contains(&format!("{SHOP}/#belfry-preview={secret}")));
    assert!(gallery.text().contains("Theme 1, draft"));
    let frame = |query: &str| {
        app.get(&format!("/embed/{}/preview/widget?link={secret}&{query}", site.site.id)).send()
    };
    let widget = frame("").await;
    assert!(widget.header("content-security-policy").unwrap().contains("frame-ancestors 'self'"));
    assert!(widget.text().contains(&address(&theme)) && widget.text().contains("data-open"));
    assert!(!widget.text().contains("<script"), "a preview has no script");
    assert_eq!(widget.text().matches("<li class=\"item").count(), 5);
    assert_eq!(frame("state=read").await.text().matches("item unread").count(), 0);
    assert_eq!(frame("pictures=none").await.text().matches("class=\"picture\"").count(), 0);
    assert!(frame("direction=rtl").await.text().contains("dir=\"rtl\""));
    assert!(frame("count=99").await.text().contains("99+"));
    assert_eq!(frame("count=0").await.text().matches("<li class=\"item").count(), 0);
    assert!(!frame("look=standard").await.text().contains(&address(&theme)));
    let picture =
        app.get(&format!("/embed/{}/preview/pictures/cup.svg", site.site.id)).send().await;
    assert_eq!(
        (picture.status.as_u16(), picture.header("content-type")),
        (200, Some("image/svg+xml; charset=utf-8"))
    );
    assert_eq!(
        app.get(&format!("/embed/{}/preview/pictures/no.svg", site.site.id)).send().await.status,
        404
    );

    let foreign = draft(&app, &other, "red").await;
    let foreign = link(&app, &other, foreign.version).await;
    for path in ["preview", "preview/widget"] {
        for odd in [
            "",
            "?link=",
            "?link=bfp_nonsense",
            &format!("?link={foreign}"),
            &format!("?link={}", site.key),
        ] {
            let answer = app.get(&format!("/embed/{}/{path}{odd}", site.site.id)).send().await;
            assert_eq!(answer.status, 404, "{path}{odd}");
            assert!(!answer.text().contains("/t/"));
        }
    }
}

#[tokio::test]
async fn theme_change_reaches_open_and_returning_readers() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let mut stream = Stream::open(&app, &widget, "since=99", None).await;
    let mut themed = async || loop {
        let event = stream.next_of_all().await.unwrap();
        if event.name == "themed" {
            assert_eq!(event.id, None);
            return event.data["sheet"].clone();
        }
    };
    assert_eq!(themed().await, json!(null));
    let theme = publish(&app, &site, "teal").await;
    assert_eq!(themed().await, json!(address(&theme)));
    app.app.roll_back_theme(site.site.id, None).await.unwrap();
    assert_eq!(themed().await, json!(null));
    app.app.roll_back_theme(site.site.id, Some(theme.version)).await.unwrap();
    let mut late = Stream::open(&app, &widget, "since=99", None).await;
    let greeting = late.next_of_all().await.unwrap();
    assert_eq!(
        (greeting.name.as_str(), &greeting.data["sheet"]),
        ("themed", &json!(address(&theme)))
    );
}
