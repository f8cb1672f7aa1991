//! A site's settings, API keys and installation pages.

mod placement;

use super::browser::Browser;
use crate::support::{Answer, TestApp};
use belfry_domain::{Role, SiteId, channel::InboxSettings};

fn path(site: SiteId, rest: &str) -> String {
    format!("/console/sites/{site}/{rest}")
}

fn text_of<'a>(answer: &'a Answer, start: &str) -> &'a str {
    let (_, rest) = answer
        .text()
        .split_once(start)
        .unwrap_or_else(|| panic!("no {start}: {} {}", answer.status, answer.text()));
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn name_origins_and_languages_are_saved_atomically() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let mut owner = app.console().sign_in_operator().await;
    let page = path(site.id, "settings");
    let fields = [
        ("name", "Shop 2"),
        ("origin", "https://b.example\r\nhttps://a.example"),
        ("language", "uk"),
        ("languages", "en, pt-BR"),
    ];
    for (index, wrong, field) in [
        (1, "a.example", "origin"),
        (2, "?", "language"),
        (3, "klingon!", "languages"),
        (0, "", "name"),
    ] {
        let mut fields = fields;
        fields[index].1 = wrong;
        let answer = owner.post_form(&page, &fields).await;
        assert_eq!(answer.status, 422, "{field}");
        assert!(
            answer.text().contains(&format!("id=\"{field}-error\"")),
            "{field}: {}",
            answer.text()
        );
    }
    assert_eq!(app.app.site(site.id).await.unwrap(), site);
    assert!(app.app.settings(site.id).await.unwrap().languages().is_empty());
    assert_eq!(owner.post_form(&page, &fields).await.status, 303);
    let changed = app.app.site(site.id).await.unwrap();
    assert_eq!(
        (changed.name.as_str(), changed.origins.len(), changed.language.as_str()),
        ("Shop 2", 2, "uk")
    );
    assert_eq!((changed.selector, changed.placement), (site.selector, site.placement));
    assert_eq!(app.app.settings(site.id).await.unwrap().languages().len(), 2);
    assert_eq!(
        app.app.audit(Some(site.id), None, 9).await.unwrap()[0].entry.action,
        "site.updated"
    );
}

#[tokio::test]
async fn app_schemes_are_saved_with_the_languages() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let mut owner = app.console().sign_in_operator().await;
    let page = path(site.id, "settings");
    let form = |schemes| {
        [
            ("name", "Shop"),
            ("origin", "https://a.example"),
            ("language", "en"),
            ("languages", ""),
            ("linkSchemes", schemes),
        ]
    };
    for odd in ["javascript", "myshop data:", "my/shop"] {
        let answer = owner.post_form(&page, &form(odd)).await;
        assert_eq!(answer.status, 422, "{odd}");
        assert!(answer.text().contains("id=\"linkSchemes-error\""), "{odd}");
    }
    assert_eq!(owner.post_form(&page, &form("myshop://, OtherShop")).await.status, 303);
    assert_eq!(app.app.settings(site.id).await.unwrap().link_schemes(), ["myshop", "othershop"]);
    assert!(owner.get(&page).await.text().contains("value=\"myshop othershop\""));
    // Saving another form keeps them.
    assert_eq!(owner.post_form(&page, &form("")[..4]).await.status, 303);
    assert_eq!(app.app.settings(site.id).await.unwrap().link_schemes().len(), 2);
    assert_eq!(owner.post_form(&page, &form("")).await.status, 303);
    assert!(app.app.settings(site.id).await.unwrap().link_schemes().is_empty());
}

#[tokio::test]
async fn categories_are_saved_and_errors_shown_by_row() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let mut owner = app.console().sign_in_operator().await;
    let page = path(site.id, "settings/categories");
    let rows = [
        ("name-0", "news"),
        ("label-0-en", "News"),
        ("mutable-0", "on"),
        ("name-1", ""),
        ("label-1-en", "lost"),
        ("name-2", "orders"),
    ];
    assert_eq!(owner.post_form(&page, &rows).await.status, 303);
    let settings = app.app.settings(site.id).await.unwrap();
    let [news, orders] = settings.categories() else { panic!("{settings:?}") };
    assert_eq!((news.name.as_str(), news.mutable, news.labels.len()), ("news", true, 1));
    assert_eq!((orders.name.as_str(), orders.mutable, orders.labels.len()), ("orders", false, 0));
    let twice = owner.post_form(&page, &[("name-0", "news"), ("name-1", "news")]).await;
    assert_eq!(twice.status, 422);
    assert!(twice.text().contains("Row 2: must not be repeated"), "{}", twice.text());
}

#[tokio::test]
async fn retention_period_is_set() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let mut owner = app.console().sign_in_operator().await;
    let page = path(site.id, "settings/retention");
    for wrong in ["0", "3651", "-1", "soon"] {
        assert_eq!(
            owner.post_form(&page, &[("retentionDays", wrong)]).await.status,
            422,
            "{wrong}"
        );
    }
    owner.post_form(&page, &[("retentionDays", "90")]).await;
    assert_eq!(app.app.settings(site.id).await.unwrap().retention_days(), Some(90));
    owner.post_form(&page, &[("retentionDays", "")]).await;
    assert_eq!(app.app.settings(site.id).await.unwrap().retention_days(), None);
}

#[tokio::test]
async fn history_for_new_contacts_is_set() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let mut owner = app.console().sign_in_operator().await;
    let page = path(site.site.id, "settings/retention");
    let before = app.app.settings(site.site.id).await.unwrap().history().as_str().to_owned();
    let selected = async |owner: &mut Browser<'_>| {
        let response = owner.get(&page).await;
        let options = response
            .text()
            .split_once("name=\"history\"")
            .unwrap()
            .1
            .split_once("</select>")
            .unwrap()
            .0
            .to_owned();
        options
            .split("<option")
            .find(|option| option.contains("selected"))
            .unwrap()
            .split('"')
            .nth(1)
            .unwrap()
            .to_owned()
    };
    assert_eq!(selected(&mut owner).await, before);
    let wrong = owner.post_form(&page, &[("retentionDays", "90"), ("history", "everything")]).await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.text().contains("id=\"history-error\"") && wrong.text().contains("value=\"90\""),
        "{}",
        wrong.text()
    );
    assert_eq!(
        app.app.settings(site.site.id).await.unwrap().retention_days(),
        None,
        "none of it is stored"
    );
    crate::widget::publish(&app, &site, serde_json::json!("everyone"), "Before").await;
    for (number, (history, unread, listed)) in
        [("hidden", 0, false), ("unread", 1, true), ("read", 0, true)].into_iter().enumerate()
    {
        assert_eq!(
            owner.post_form(&page, &[("retentionDays", "90"), ("history", history)]).await.status,
            303
        );
        assert_eq!(selected(&mut owner).await, history);
        let settings = app.app.settings(site.site.id).await.unwrap();
        assert_eq!((settings.history().as_str(), settings.retention_days()), (history, Some(90)));
        let widget = crate::widget::open(&app, &site, &number.to_string()).await;
        assert_eq!(widget.get(&app, "/counts").await.expect(200)["unread"], unread, "{history}");
        assert_eq!(
            widget.get(&app, "/messages").await.expect(200)["html"]
                .as_str()
                .unwrap()
                .contains("Before"),
            listed,
            "{history}"
        );
    }
    // A form without the field, and other forms, keep it.
    owner.post_form(&page, &[("history", "hidden")]).await;
    owner.post_form(&page, &[("retentionDays", "")]).await;
    owner.post_form(&path(site.site.id, "settings/categories"), &[("name-0", "news")]).await;
    assert_eq!(selected(&mut owner).await, "hidden");
}

#[tokio::test]
async fn key_is_shown_once_and_valid_until_revoked() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let mut owner = app.console().sign_in_operator().await;
    let page = path(site.id, "settings/keys");
    assert_eq!(owner.post_form(&page, &[("name", "Backend")]).await.status, 422);
    let response =
        owner.post_form(&page, &[("name", "Backend"), ("scope", "read"), ("scope", "send")]).await;
    let key = text_of(&response, "id=\"key\" value=\"").to_owned();
    let holder = app.app.authenticate_key(&key).await.unwrap();
    assert_eq!(holder.site, site.id);
    let listed = owner.get(&page).await;
    assert!(
        !listed.text().contains(&key) && listed.text().contains("read, send"),
        "{}",
        listed.text()
    );
    let revoke = format!("{page}/{}/revoke", holder.key);
    assert!(owner.get(&revoke).await.text().contains("Revoke Backend?"));
    assert_eq!(owner.post_form(&revoke, &[]).await.status, 303);
    assert!(app.app.authenticate_key(&key).await.is_err());
    assert_eq!(owner.get(&revoke).await.status, 404);
    let other = app.create_site().await.site;
    let strange = app.app.keys(other.id).await.unwrap()[0].id.clone();
    assert_eq!(owner.get(&format!("{page}/{strange}/revoke")).await.status, 404);
}

#[tokio::test]
async fn only_owners_change_settings() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    for (email, role) in
        [("editor@example.com", Role::Editor), ("viewer@example.com", Role::Viewer)]
    {
        app.console().member(email, site.id, role).await;
        let mut browser = app.console().sign_in(email).await;
        let overview = format!("/console/sites/{}", site.id);
        for tab in [
            "settings",
            "settings/placement",
            "settings/categories",
            "settings/retention",
            "settings/keys",
            "settings/sdk",
        ] {
            assert_eq!(browser.get(&path(site.id, tab)).await.status, 403, "{tab}");
            assert_eq!(
                browser
                    .post_form_from(&overview, &path(site.id, tab), &[("name", "x")])
                    .await
                    .status,
                403,
                "{tab}"
            );
        }
        let allow = browser
            .post_form_from(
                &overview,
                &path(site.id, "snippet/allow"),
                &[("origin", "https://evil.example")],
            )
            .await;
        assert_eq!(allow.status, 403);
        assert_eq!(
            browser
                .post_form_from(
                    &overview,
                    &path(site.id, "settings/placement/page"),
                    &[("html", "<p>")]
                )
                .await
                .status,
            403
        );
        assert_eq!(browser.get(&path(site.id, "snippet")).await.status, 200);
    }
}

#[tokio::test]
async fn messages_tab_uses_one_of_the_inboxes_or_none() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let settings = InboxSettings { name: "Support <b>".to_owned(), ..InboxSettings::default() };
    let inbox = app.app.create_inbox(site.id, settings).await.unwrap().inbox.id.to_string();
    let mut owner = app.console().sign_in_operator().await;
    let page = path(site.id, "settings/messages");
    let response = owner.get(&page).await;
    assert!(
        response.text().contains("Support &lt;b&gt;") && response.text().contains("None (no tab)"),
        "{}",
        response.text()
    );
    assert_eq!(owner.post_form(&page, &[("messagesInbox", "99")]).await.status, 422);
    assert_eq!(owner.post_form(&page, &[("messagesInbox", &inbox)]).await.status, 303);
    assert_eq!(
        app.app.site(site.id).await.unwrap().messages.map(|inbox| inbox.to_string()),
        Some(inbox)
    );
    let recorded = &app.app.audit(Some(site.id), None, 9).await.unwrap()[0].entry;
    assert_eq!(
        (recorded.action.as_str(), recorded.subject.as_str()),
        ("settings.updated", "messages")
    );
    // Saving another form keeps it.
    owner.post_form(&path(site.id, "settings/retention"), &[("retentionDays", "90")]).await;
    assert!(app.app.site(site.id).await.unwrap().messages.is_some());
    assert_eq!(owner.post_form(&page, &[("messagesInbox", "")]).await.status, 303);
    assert_eq!(app.app.site(site.id).await.unwrap().messages, None);
}
