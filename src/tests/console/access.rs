//! CSRF protection, access by role, and response headers.

use crate::{
    support::{Call, PUBLIC_URL, TestApp},
    tenant_isolation::routes::{self, Surface},
};
use belfry_domain::Role;
use std::time::Duration;

#[tokio::test]
async fn cross_origin_or_tokenless_form_changes_nothing() {
    let app = TestApp::new().await;
    let mut browser = app.console().sign_in_operator().await;
    let token = browser.token("/console/sites/new").await;
    let fields = [
        ("token", token.as_str()),
        ("name", "Shop"),
        ("origin", "https://shop.example"),
        ("language", "en"),
    ];
    for headers in [
        &[("origin", "https://evil.example")][..],
        &[("origin", PUBLIC_URL), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "null")],
        &[],
    ] {
        assert_eq!(
            browser.post_raw("/console/sites/new", &fields, headers).await.status,
            403,
            "{headers:?}"
        );
    }
    let ours = [("origin", PUBLIC_URL)];
    assert_eq!(browser.post_raw("/console/sites/new", &fields[1..], &ours).await.status, 403);
    assert_eq!(
        browser
            .post_raw("/console/sites/new", &[&[("token", "x")], &fields[1..]].concat(), &ours)
            .await
            .status,
        403
    );
    assert!(app.app.sites().await.unwrap().is_empty());
    assert_eq!(browser.post_raw("/console/sites/new", &fields, &ours).await.status, 200);
    assert_eq!(app.app.sites().await.unwrap().len(), 1);
}

#[tokio::test]
async fn site_is_created_audited_and_its_key_shown_once() {
    let app = TestApp::new().await;
    let mut browser = app.console().sign_in_operator().await;
    let typed = [("name", "<b>Shop</b>"), ("origin", "shop"), ("language", "uk")];
    let response = browser.post_form("/console/sites/new", &typed).await;
    assert_eq!(response.status, 422);
    assert!(
        response.text().contains("aria-describedby=\"origin-error origin-hint\"")
            && response.text().contains("value=\"&lt;b&gt;Shop"),
        "{}",
        response.text()
    );
    let answer = browser
        .post_form("/console/sites/new", &[typed[0], ("origin", "https://shop.example"), typed[2]])
        .await;
    assert!(
        answer.text().contains("bfk_") && !answer.text().contains("<b>Shop"),
        "{}",
        answer.text()
    );
    let site = app.app.sites().await.unwrap().remove(0);
    assert_eq!(
        app.app.audit(Some(site.id), None, 9).await.unwrap()[0].entry.action,
        "site.created"
    );
    assert!(!browser.get(&format!("/console/sites/{}", site.id)).await.text().contains("bfk_"));
}

#[tokio::test]
async fn foreign_site_is_answered_like_an_unknown_one() {
    let app = TestApp::new().await;
    let (mine, other) = (app.create_site().await, app.create_site().await);
    app.console().member("marta@example.com", mine.site.id, Role::Viewer).await;
    let mut browser = app.console().sign_in("marta@example.com").await;
    assert_eq!(browser.get(&format!("/console/sites/{}", mine.site.id)).await.status, 200);
    let strange = browser.get(&format!("/console/sites/{}", other.site.id)).await;
    let nowhere = browser.get("/console/sites/00000000-0000-4000-8000-000000000000").await;
    let garbled = browser.get("/console/sites/x").await;
    assert_eq!((strange.status.as_u16(), strange.text()), (404, nowhere.text()));
    assert_eq!(garbled.text(), nowhere.text());
    assert_eq!(browser.get("/console/sites/new").await.status, 403);
    assert_eq!(
        app.console()
            .browser()
            .get(&format!("/console/sites/{}", mine.site.id))
            .await
            .header("location"),
        Some("/console/sign-in")
    );
}

#[tokio::test]
async fn every_response_has_the_security_headers() {
    let app = TestApp::new().await;
    let mut browser = app.console().sign_in_operator().await;
    for path in ["/console", "/console/nothing/here", "/console/account", "/console/sites/new"] {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self'")
                && policy.ends_with("frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(
            (answer.header("cache-control"), answer.header("cross-origin-opener-policy")),
            (Some("no-store, no-transform"), Some("same-origin")),
            "{path}"
        );
        assert!(!answer.text().contains("style=\""), "{path}");
    }
}

#[tokio::test]
async fn pages_use_the_browser_then_the_account_language() {
    let app = TestApp::new().await;
    app.console().operator().await;
    let asked = app
        .get("/console/sign-in")
        .header("accept-language", "uk-UA,uk;q=0.9,en;q=0.8")
        .send()
        .await;
    assert!(
        asked.text().contains("<html lang=\"uk\">") && asked.text().contains("Увійти"),
        "{}",
        asked.text()
    );
    let mut browser = app.console().sign_in_operator().await;
    browser.post_form("/console/account", &[("name", "Olha"), ("language", "uk")]).await;
    assert!(browser.get("/console").await.text().contains("Сайти"));
}

#[tokio::test]
async fn unreadable_foreign_cookie_keeps_the_session() {
    let app = TestApp::new().await;
    let mut browser = app.console().sign_in_operator().await;
    let token = browser.token("/console/account").await;
    let cookie = browser.cookie.clone().unwrap();
    for lines in [
        vec![format!("city=Київ; {cookie}")],
        vec![format!("{cookie}; city=Київ")],
        vec!["city=Київ".to_owned(), cookie.clone()],
    ] {
        let with = |call: Call| {
            lines.iter().fold(call, |call, line| call.header_bytes("cookie", line.as_bytes()))
        };
        assert_eq!(with(app.get("/console/account")).send().await.status, 200, "{lines:?}");
        let link = with(
            app.get("/console")
                .header("sec-fetch-site", "cross-site")
                .header("sec-fetch-mode", "navigate"),
        )
        .send()
        .await;
        assert!(!link.text().contains("data-go-on"), "a link on another site: {lines:?}");
        let form = app
            .post("/console/account")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", PUBLIC_URL);
        let form = form.body(format!("token={token}&name=Olha&language=en"));
        assert_eq!(with(form).send().await.status, 303, "{lines:?}");
    }
}

#[tokio::test]
async fn cross_site_link_keeps_the_session() {
    let app = TestApp::new().await;
    app.console().operator().await;
    let outside = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    let follow = |cookie: Option<String>| {
        let call = outside
            .iter()
            .fold(app.get("/console/sign-in"), |call, (name, value)| call.header(name, value));
        cookie.into_iter().fold(call, |call, cookie| call.header("cookie", &cookie))
    };
    let between = follow(None).send().await;
    assert_eq!((between.status.as_u16(), between.header("set-cookie")), (200, None));
    assert!(
        between.text().contains("data-go-on") && !between.text().contains("name=\"password\""),
        "{}",
        between.text()
    );
    let mut browser = app.console().sign_in_operator().await;
    browser.get("/console").await;
    assert_eq!(follow(browser.cookie.clone()).send().await.header("location"), Some("/console"));
}

#[tokio::test]
async fn operators_see_what_a_distrusted_clock_delays() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    let mut operator = app.console().sign_in_operator().await;
    app.console().member("marta@example.com", site, Role::Owner).await;
    let mut owner = app.console().sign_in("marta@example.com").await;
    let page = format!("/console/sites/{site}");
    let (minutes, days) = ("has jumped ahead. Nothing", "jumped ahead by more than a day");
    // As the background job checks the clock.
    let look = async |ahead| {
        app.clock.jump(ahead);
        app.app.sweep().await.unwrap();
    };
    for (ahead, told) in
        [(0, None), (6, Some(minutes)), (0, None), (60 * 24 * 2, Some(days)), (0, None)]
    {
        look(Duration::from_mins(ahead)).await;
        let response = operator.get(&page).await;
        for text in [minutes, days] {
            assert_eq!(response.text().contains(text), told == Some(text), "{ahead}: {text}");
        }
        let response = owner.get(&page).await;
        assert!(
            response.status == 200 && !response.text().contains("The clock of this server"),
            "{ahead}"
        );
    }
    assert_eq!(
        operator
            .post_form("/console/account", &[("name", "Olha"), ("language", "uk")])
            .await
            .status,
        303
    );
    look(Duration::from_mins(6)).await;
    assert!(
        operator
            .get("/console")
            .await
            .text()
            .contains("Годинник цього сервера стрибнув уперед. Доки")
    );
    // Once the clock has held, it is trusted, and the warning disappears.
    app.clock.advance(Duration::from_hours(1));
    app.app.sweep().await.unwrap();
    assert!(!operator.get("/console").await.text().contains("Годинник цього сервера"));
}

/// The pages of a site by their routes, with an id for each parameter.
fn pages_of_site(site: &str) -> Vec<(String, String)> {
    let routes = routes::all().into_iter().filter(|route| {
        route.surface == Surface::Console && route.path.starts_with("/console/sites/{site}")
    });
    let named = |path: &str| {
        let parts = path.replace("{site}", site);
        parts
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part })
            .collect::<Vec<_>>()
            .join("/")
    };
    routes.map(|route| (route.method, named(&route.path))).collect()
}

#[tokio::test]
async fn agents_see_only_conversations_and_viewers_all_else() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site.id;
    app.console().member("agent@example.com", site, Role::Agent).await;
    app.console().member("viewer@example.com", site, Role::Viewer).await;
    let (mut agent, mut viewer) = (
        app.console().sign_in("agent@example.com").await,
        app.console().sign_in("viewer@example.com").await,
    );
    let (agent_token, viewer_token) =
        (agent.token("/console/account").await, viewer.token("/console/account").await);
    let pages = pages_of_site(&site.to_string());
    assert!(pages.len() > 80, "{pages:?}");
    // The upload route declares its methods elsewhere and has no page. A stream has no end.
    let is_page = |method: &str, path: &str| {
        !(method == "GET"
            && ["/themes/upload", "/conversations/events"].iter().any(|end| path.ends_with(end)))
    };
    for (method, path) in pages.into_iter().filter(|(method, path)| is_page(method, path)) {
        let conversations = path.split('/').nth(4) == Some("conversations");
        // A streaming response is not read for a user who may access it.
        let is_stream = path.ends_with("/conversations/events");
        for (browser, token, refused) in [
            (&mut agent, &agent_token, !conversations),
            (&mut viewer, &viewer_token, conversations),
        ] {
            if is_stream && !refused {
                continue;
            }
            let answer = if method == "GET" {
                browser.get(&path).await
            } else {
                browser
                    .post_raw(
                        &path,
                        &[("token", token)],
                        &[("origin", PUBLIC_URL), ("sec-fetch-site", "same-origin")],
                    )
                    .await
            };
            let is_role = answer.text().contains("Your role does not allow this");
            if refused {
                assert!(answer.status == 403 && is_role, "{method} {path}: {}", answer.status);
            } else if conversations {
                assert!(!is_role, "{method} {path}");
            }
        }
    }
    let sites = agent.get("/console").await;
    assert!(
        sites.text().contains(&format!("href=\"/console/sites/{site}/conversations\"")),
        "{}",
        sites.text()
    );
}
