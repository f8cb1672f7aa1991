//! Themes: start from one, upload, errors by line, publish, roll back.

use crate::support::TestApp;
use belfry_domain::{Role, ThemeState, ThemeVersion};
use std::time::Duration;

#[tokio::test]
async fn builtin_theme_is_copied_published_and_rolled_back() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let mut browser = app.console().sign_in_operator().await;
    let themes = format!("/console/sites/{site}/themes");
    assert!(browser.get(&themes).await.text().contains("Standard look"));
    let response = browser
        .post_form_from(&themes, &format!("{themes}/shipped"), &[("theme", "midnight")])
        .await;
    let own = format!("{themes}/1");
    assert_eq!(response.header("location"), Some(own.as_str()), "{}", response.text());
    let page = browser.get(&own).await;
    assert!(
        page.text().contains("themes/publish")
            && page.text().contains("name=\"preview\"")
            && page.text().contains("files/theme.css"),
        "{}",
        page.text()
    );
    let file = browser.get(&format!("{own}/files/bell.svg")).await;
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"bell.svg\""));
    let link = browser.post_form_from(&own, &format!("{own}/preview"), &[]).await;
    let gallery = link.header("location").unwrap().to_owned();
    assert!(gallery.starts_with(&format!("/embed/{site}/preview?link=bfp_")), "{gallery}");
    assert_eq!(app.get(&gallery).send().await.status, 200);
    let frame = browser
        .post_form_from(&own, &format!("{own}/preview"), &[("part", "frame")])
        .await
        .header("location")
        .unwrap()
        .to_owned();
    assert!(
        app.get(&frame)
            .send()
            .await
            .header("content-security-policy")
            .unwrap()
            .contains("frame-ancestors 'self'")
    );

    assert_eq!(browser.post_form_from(&own, &format!("{themes}/publish"), &[]).await.status, 303);
    assert!(browser.get(&themes).await.text().contains("Readers see version 1 now."));
    assert_eq!(app.app.theme(site, ThemeVersion(1)).await.unwrap().state, ThemeState::Published);
    browser.post_form_from(&own, &format!("{themes}/publish"), &[]).await;
    assert!(browser.get(&themes).await.text().contains("no draft to publish"));
    browser.post_form_from(&own, &format!("{themes}/roll-back"), &[("to", "standard")]).await;
    assert_eq!(app.app.site(site).await.unwrap().theme, None);
    assert!(browser.get(&themes).await.text().contains("standard look again"));
    let deleted = browser.post_form(&format!("{own}/delete"), &[]).await;
    assert_eq!(deleted.status, 303, "{}", deleted.text());
    assert!(app.app.themes(site).await.unwrap().is_empty());
    let acts: Vec<String> = app
        .app
        .audit(Some(site), None, 9)
        .await
        .unwrap()
        .into_iter()
        .map(|act| act.entry.action)
        .collect();
    assert_eq!(acts, ["theme.deleted", "theme.rolledBack", "theme.published", "theme.uploaded"]);
}

#[tokio::test]
async fn css_is_edited_and_errors_shown_at_their_line() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let mut browser = app.console().sign_in_operator().await;
    let edit = format!("/console/sites/{site}/themes/edit");
    let css = ".belfry-card { color: red }\n@import url(//evil.example);\n";
    let response = browser.post_form(&edit, &[("css", css)]).await;
    assert_eq!(response.status, 422);
    assert!(
        response.text().contains("theme.css:2:")
            && response.text().contains("<mark>")
            && response.text().contains("@import url(//evil.example);"),
        "{}",
        response.text()
    );
    assert!(app.app.themes(site).await.unwrap().is_empty());

    let shipped = format!("/console/sites/{site}/themes/shipped");
    browser
        .post_form_from(&format!("/console/sites/{site}/themes"), &shipped, &[("theme", "quiet")])
        .await;
    let before = app.app.theme_sources(site, ThemeVersion(1)).await.unwrap();
    let changed = format!("{}\n/* ours */\n", before.css.clone().unwrap()).replace('\n', "\r\n");
    let saved = browser.post_form(&edit, &[("css", &changed)]).await;
    assert_eq!(saved.header("location"), Some(edit.as_str()), "{}", saved.text());
    let draft = app.app.themes(site).await.unwrap().remove(0);
    let after = app.app.theme_sources(site, draft.version).await.unwrap();
    assert_eq!((after.bell, after.css), (before.bell, Some(changed.replace("\r\n", "\n"))));
    assert!(browser.get(&edit).await.text().contains("/* ours */"));
}

/// Both have read the draft before either write is committed: the database is locked until then.
#[tokio::test]
async fn concurrent_file_uploads_keep_both_files() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let mut browser = app.console().sign_in_operator().await;
    let themes = format!("/console/sites/{site}/themes");
    browser
        .post_form_from(&themes, &format!("{themes}/edit"), &[("css", ".title { color: red }")])
        .await;
    let bell = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 20 20\"><path d=\"M1 1h9v9z\"/></svg>";
    let css = ".title { color: teal }";
    for edited in [false, true] {
        let upload = format!("{themes}/upload");
        let one = browser.form_of(&themes, &upload, &[("keep", "on")], &[("bell", bell)]).await;
        let other = if edited {
            browser.form_of(&themes, &format!("{themes}/edit"), &[("css", css)], &[]).await
        } else {
            browser.form_of(&themes, &upload, &[("keep", "on")], &[("css", css)]).await
        };
        let mut database = app.database().await;
        database.lock().await;
        let began = std::time::Instant::now();
        let release = async {
            while began.elapsed() < Duration::from_millis(400) {
                tokio::task::yield_now().await;
            }
            database.unlock().await;
        };
        let (one, other, ()) = tokio::join!(one.send(), other.send(), release);
        assert_eq!(
            (one.status.as_u16(), other.status.as_u16()),
            (303, 303),
            "{}{}",
            one.text(),
            other.text()
        );
        let draft = app.app.themes(site).await.unwrap().remove(0);
        let sources = app.app.theme_sources(site, draft.version).await.unwrap();
        assert_eq!((sources.bell.as_deref(), sources.css.as_deref()), (Some(bell), Some(css)));
        browser.post_form_from(&themes, &format!("{themes}/shipped"), &[("theme", "quiet")]).await;
    }
}

#[tokio::test]
async fn files_are_required_and_roles_are_enforced() {
    let app = TestApp::new().await;
    let (mine, other) = (app.create_site().await.site.id, app.create_site().await.site.id);
    let mut operator = app.console().sign_in_operator().await;
    let themes = format!("/console/sites/{mine}/themes");
    let nothing = operator.post_form_from(&themes, &format!("{themes}/upload"), &[]).await;
    assert!(
        nothing.status == 422 && nothing.text().contains("at least one of the three files"),
        "{}",
        nothing.text()
    );
    operator.post_form_from(&themes, &format!("{themes}/shipped"), &[("theme", "paper")]).await;
    app.console().member("marta@example.com", mine, Role::Viewer).await;
    let mut viewer = app.console().sign_in("marta@example.com").await;
    assert!(!viewer.get(&themes).await.text().contains("themes/shipped"));
    assert_eq!(viewer.get(&format!("{themes}/1")).await.status, 200);
    for act in ["publish", "roll-back", "shipped", "upload", "1/preview", "1/delete", "edit"] {
        assert_eq!(
            viewer.post_form_from("/console/account", &format!("{themes}/{act}"), &[]).await.status,
            403,
            "{act}"
        );
    }
    assert_eq!(viewer.get(&format!("/console/sites/{other}/themes")).await.status, 404);
    assert_eq!(viewer.get(&format!("{themes}/9")).await.status, 404);
}
