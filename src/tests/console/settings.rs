//! What an owner sets of a site, its keys, and its installation.

use crate::support::{Answer, BELFRY, TestApp};
use belfry::domain::{Role, SiteId};

fn path(site: SiteId, rest: &str) -> String {
    format!("/console/sites/{site}/{rest}")
}

fn text_of<'a>(answer: &'a Answer, start: &str) -> &'a str {
    let (_, rest) = answer.text().split_once(start).unwrap_or_else(|| panic!("no {start}: {} {}", answer.status, answer.text()));
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn name_origins_and_languages_are_set_together_or_not_at_all() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let mut owner = app.console().sign_in_operator().await;
    let page = path(site.id, "settings");
    let fields = [("name", "Shop 2"), ("origin", "https://b.example\r\nhttps://a.example"), ("language", "uk"), ("languages", "en, pt-BR")];
    for (index, wrong, field) in [(1, "a.example", "origin"), (2, "?", "language"), (3, "klingon!", "languages"), (0, "", "name")] {
        let mut fields = fields;
        fields[index].1 = wrong;
        let answer = owner.post_form(&page, &fields).await;
        assert_eq!(answer.status, 422, "{field}");
        assert!(answer.text().contains(&format!("id=\"{field}-error\"")), "{field}: {}", answer.text());
    }
    assert_eq!(app.inbox.site(site.id).await.unwrap(), site);
    assert!(app.inbox.settings(site.id).await.unwrap().languages().is_empty());
    assert_eq!(owner.post_form(&page, &fields).await.status, 303);
    let changed = app.inbox.site(site.id).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.origins.len(), changed.language.as_str()), ("Shop 2", 2, "uk"));
    assert_eq!((changed.selector, changed.placement), (site.selector, site.placement));
    assert_eq!(app.inbox.settings(site.id).await.unwrap().languages().len(), 2);
    assert_eq!(app.inbox.audit(Some(site.id), None, 9).await.unwrap()[0].entry.action, "site.updated");
}

#[tokio::test]
async fn the_place_of_the_bell_is_set_and_a_copy_of_a_page_stands_in_a_fence() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let mut owner = app.console().sign_in_operator().await;
    let page = path(site.id, "settings/placement");
    assert_eq!(owner.post_form(&page, &[("selector", ""), ("position", "afterend")]).await.status, 422);
    assert_eq!(owner.post_form(&page, &[("selector", "#nav > .end"), ("position", "afterend")]).await.status, 303);
    assert_eq!(app.inbox.site(site.id).await.unwrap().selector, "#nav > .end");
    let shown = owner.get(&page).await;
    assert!(shown.text().contains("sandbox=\"allow-scripts\"") && shown.text().contains("href=\"javascript:("), "{}", shown.text());

    let html = "<body class=shop onload=alert(1)><script>alert(2)</script><nav id=nav></nav></body>";
    let copy = owner.post_form_from(&page, &format!("{page}/page"), &[("html", html)]).await;
    let policy = copy.header("content-security-policy").unwrap();
    let nonce = text_of(&copy, "<script nonce=\"");
    for part in [
        "default-src 'none'",
        &format!("script-src 'nonce-{nonce}'"),
        "sandbox allow-scripts",
        "form-action 'none'",
        &format!("frame-ancestors {BELFRY}"),
    ] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert!(!policy.contains("allow-same-origin") && !copy.text().contains("alert(1)") && !copy.text().contains("alert(2)"), "{}", copy.text());
    assert!(copy.text().ends_with("<body class=shop><nav id=nav></nav></body>"), "{}", copy.text());
    let again = owner.post_form_from(&page, &format!("{page}/page"), &[("html", html)]).await;
    assert_ne!(text_of(&again, "<script nonce=\""), nonce);
}

#[tokio::test]
async fn categories_are_kept_with_their_labels_and_what_is_wrong_is_named_by_its_row() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let mut owner = app.console().sign_in_operator().await;
    let page = path(site.id, "settings/categories");
    let rows = [("name-0", "news"), ("label-0-en", "News"), ("mutable-0", "on"), ("name-1", ""), ("label-1-en", "lost"), ("name-2", "orders")];
    assert_eq!(owner.post_form(&page, &rows).await.status, 303);
    let kept = app.inbox.settings(site.id).await.unwrap();
    let [news, orders] = kept.categories() else { panic!("{kept:?}") };
    assert_eq!((news.name.as_str(), news.mutable, news.labels.len()), ("news", true, 1));
    assert_eq!((orders.name.as_str(), orders.mutable, orders.labels.len()), ("orders", false, 0));
    let twice = owner.post_form(&page, &[("name-0", "news"), ("name-1", "news")]).await;
    assert_eq!(twice.status, 422);
    assert!(twice.text().contains("Row 2: is there twice"), "{}", twice.text());
}

#[tokio::test]
async fn messages_are_kept_for_as_long_as_is_set() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let mut owner = app.console().sign_in_operator().await;
    let page = path(site.id, "settings/retention");
    for wrong in ["0", "3651", "-1", "soon"] {
        assert_eq!(owner.post_form(&page, &[("retentionDays", wrong)]).await.status, 422, "{wrong}");
    }
    owner.post_form(&page, &[("retentionDays", "90")]).await;
    assert_eq!(app.inbox.settings(site.id).await.unwrap().retention_days(), Some(90));
    owner.post_form(&page, &[("retentionDays", "")]).await;
    assert_eq!(app.inbox.settings(site.id).await.unwrap().retention_days(), None);
}

#[tokio::test]
async fn a_key_is_shown_once_and_opens_until_it_is_revoked() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let mut owner = app.console().sign_in_operator().await;
    let page = path(site.id, "settings/keys");
    assert_eq!(owner.post_form(&page, &[("name", "Backend")]).await.status, 422);
    let made = owner.post_form(&page, &[("name", "Backend"), ("scope", "read"), ("scope", "send")]).await;
    let key = text_of(&made, "id=\"key\" value=\"").to_owned();
    let holder = app.inbox.authenticate_key(&key).await.unwrap();
    assert_eq!(holder.site, site.id);
    let listed = owner.get(&page).await;
    assert!(!listed.text().contains(&key) && listed.text().contains("read, send"), "{}", listed.text());
    let revoke = format!("{page}/{}/revoke", holder.key);
    assert!(owner.get(&revoke).await.text().contains("Revoke Backend?"));
    assert_eq!(owner.post_form(&revoke, &[]).await.status, 303);
    assert!(app.inbox.authenticate_key(&key).await.is_err());
    assert_eq!(owner.get(&revoke).await.status, 404);
    let other = app.create_site().await.site;
    let strange = app.inbox.keys(other.id).await.unwrap()[0].id.clone();
    assert_eq!(owner.get(&format!("{page}/{strange}/revoke")).await.status, 404);
}

#[tokio::test]
async fn settings_are_the_owners() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    for (email, role) in [("editor@example.com", Role::Editor), ("viewer@example.com", Role::Viewer)] {
        app.console().member(email, site.id, role).await;
        let mut browser = app.console().sign_in(email).await;
        let overview = format!("/console/sites/{}", site.id);
        for tab in ["settings", "settings/placement", "settings/categories", "settings/retention", "settings/keys"] {
            assert_eq!(browser.get(&path(site.id, tab)).await.status, 403, "{tab}");
            assert_eq!(browser.post_form_from(&overview, &path(site.id, tab), &[("name", "x")]).await.status, 403, "{tab}");
        }
        let allow = browser.post_form_from(&overview, &path(site.id, "snippet/allow"), &[("origin", "https://evil.example")]).await;
        assert_eq!(allow.status, 403);
        assert_eq!(browser.post_form_from(&overview, &path(site.id, "settings/placement/page"), &[("html", "<p>")]).await.status, 403);
        assert_eq!(browser.get(&path(site.id, "snippet")).await.status, 200);
    }
}
