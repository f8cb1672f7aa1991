//! The position of the bell, chosen on a copy of a page that is pasted or fetched.

use super::{path, text_of};
use crate::{
    support::{PUBLIC_URL, TestApp},
    webhook::receiver::{Reaction, Receiver},
};
use belfry_domain::Role;
use std::time::Duration;

#[tokio::test]
async fn bell_position_is_set_on_a_sandboxed_page_copy() {
    let app = TestApp::new().await;
    let site = app.create_site().await.site;
    let mut owner = app.console().sign_in_operator().await;
    let page = path(site.id, "settings/placement");
    assert_eq!(
        owner.post_form(&page, &[("selector", ""), ("position", "afterend")]).await.status,
        422
    );
    assert_eq!(
        owner
            .post_form(&page, &[("selector", "#nav > .end"), ("position", "afterend")])
            .await
            .status,
        303
    );
    assert_eq!(app.app.site(site.id).await.unwrap().selector, "#nav > .end");
    let response = owner.get(&page).await;
    assert!(
        response.text().contains("sandbox=\"allow-scripts\"")
            && response.text().contains("href=\"javascript:("),
        "{}",
        response.text()
    );

    let html =
        "<body class=shop onload=alert(1)><script>alert(2)</script><nav id=nav></nav></body>";
    let copy = owner.post_form_from(&page, &format!("{page}/page"), &[("html", html)]).await;
    let policy = copy.header("content-security-policy").unwrap();
    let nonce = text_of(&copy, "<script nonce=\"");
    for part in [
        "default-src 'none'",
        &format!("script-src 'nonce-{nonce}'"),
        "sandbox allow-scripts",
        "form-action 'none'",
        &format!("frame-ancestors {PUBLIC_URL}"),
    ] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert!(
        !policy.contains("allow-same-origin")
            && !copy.text().contains("alert(1)")
            && !copy.text().contains("alert(2)"),
        "{}",
        copy.text()
    );
    assert!(copy.text().ends_with("<body class=shop><nav id=nav></nav></body>"), "{}", copy.text());
    let again = owner.post_form_from(&page, &format!("{page}/page"), &[("html", html)]).await;
    assert_ne!(text_of(&again, "<script nonce=\""), nonce);
}

/// A third party's server: the path selects its behaviour.
async fn page_server() -> Receiver {
    Receiver::new(|_, got| {
        let path = got.line.split(' ').nth(1).unwrap();
        let to = |target: &str| {
            Reaction::Status(302, format!("location: {target}\r\nset-cookie: a=b\r\n"))
        };
        match path.split('?').next().unwrap() {
            "/shop" => Reaction::Page("text/html; charset=utf-8", HOSTILE.to_owned()),
            "/once" => to("/shop#top"),
            "/thrice" => to("/twice"),
            "/twice" => to("/once"),
            "/four" => to("/thrice"),
            "/out" => to("ftp://shop.example/"),
            "/text" => Reaction::Page("text/plain", "x".to_owned()),
            "/long" => Reaction::Page("text/html", "x".repeat(2_000_001)),
            "/hang" => Reaction::Hang,
            "/cut" => Reaction::HangUp,
            "/noise" => Reaction::Noise,
            _ => Reaction::Status(404, "content-type: text/html\r\n".to_owned()),
        }
    })
    .await
}

const HOSTILE: &str =
    "<body onload=alert(1)></textarea><script>alert(2)</script>\n<nav id=nav>Bücher</nav></body>";

#[tokio::test]
async fn page_is_fetched_by_url_and_shown_like_a_pasted_one() {
    let app = TestApp::with_local_webhooks(Duration::from_secs(15)).await;
    let site = app.create_site().await.site;
    let mut owner = app.console().sign_in_operator().await;
    let (tab, fetch, copy) = (
        path(site.id, "settings/placement"),
        path(site.id, "settings/placement/fetch"),
        path(site.id, "settings/placement/page"),
    );
    let receiver = page_server().await;
    let origin = receiver.url.trim_end_matches("/hook").to_owned();
    for from in ["/shop", "/once", "/thrice"] {
        let page = owner
            .post_form_from(&tab, &fetch, &[("address", &format!("{origin}{from}#part"))])
            .await;
        assert_eq!(page.status, 200, "{from}");
        // In the console it is text in a field; none of it becomes an element.
        assert_eq!(
            (page.text().matches("</textarea>").count(), page.text().matches("alert(2)").count()),
            (1, 1),
            "{}",
            page.text()
        );
        assert!(
            page.text().contains("&lt;/textarea&gt;&lt;script&gt;alert(2)")
                && page.text().contains("data-show"),
            "{}",
            page.text()
        );
        assert_eq!(text_of(&page, "name=\"base\" value=\""), format!("{origin}/shop"));
        assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    }
    for got in receiver.requests() {
        assert!(
            got.line.starts_with("GET ")
                && got.header("cookie").is_empty()
                && got.header("authorization").is_empty(),
            "{got:?}"
        );
        assert!(
            got.header("referer").is_empty() && got.header("user-agent").starts_with("Belfry/"),
            "{got:?}"
        );
    }
    let fields = [("html", HOSTILE), ("base", &format!("{origin}/shop?a=\"b\""))];
    let response = owner.post_form_from(&tab, &copy, &fields).await;
    let policy = response.header("content-security-policy").unwrap();
    assert!(
        policy.contains("sandbox allow-scripts;")
            && policy.contains(&format!("base-uri {origin};")),
        "{policy}"
    );
    assert!(
        response.text().contains(&format!("<base href=\"{origin}/shop?a=%22b%22\">")),
        "{}",
        response.text()
    );
    assert!(
        response.text().ends_with("<body></textarea>\n<nav id=nav>Bücher</nav></body>"),
        "{}",
        response.text()
    );
    for odd in ["https://a;sandbox.example/", "javascript:alert(1)", ""] {
        let response = owner.post_form_from(&tab, &copy, &[("html", "<p>"), ("base", odd)]).await;
        let policy = response.header("content-security-policy").unwrap();
        assert!(policy.contains("base-uri https://shop.example; form-action"), "{odd}: {policy}");
    }
    // Longer than a console form may be: the limit doesn't apply to fetched pages.
    let long = "x".repeat(3_900_000);
    assert_eq!(owner.post_form_from(&tab, &copy, &[("html", &long)]).await.status, 200);
    assert_eq!(owner.get(&fetch).await.status, 200);
}

#[tokio::test]
async fn failed_page_fetch_reports_the_reason() {
    let app = TestApp::with_local_webhooks(Duration::from_millis(700)).await;
    let site = app.create_site().await.site;
    let mut owner = app.console().sign_in_operator().await;
    let (tab, fetch) =
        (path(site.id, "settings/placement"), path(site.id, "settings/placement/fetch"));
    let receiver = page_server().await;
    let origin = receiver.url.trim_end_matches("/hook").to_owned();
    for (from, why) in [
        ("/nothing", "the server responded with 404"),
        ("/four", "it redirected more than three times"),
        ("/out", "its address is not public, or redirects to one that is not"),
        ("/text", "it is not HTML"),
        ("/long", "it is longer than 2 MB"),
        ("/hang", "it did not load within 10 seconds"),
        ("/cut", "no server responded"),
        ("/noise", "no server responded"),
    ] {
        let page =
            owner.post_form_from(&tab, &fetch, &[("address", &format!("{origin}{from}"))]).await;
        assert_eq!(page.status, 422, "{from}");
        assert!(
            page.text()
                .contains(&format!("the page could not be fetched: {why}; paste its HTML instead")),
            "{from}: {}",
            page.text()
        );
        assert!(
            page.text().contains(&format!("value=\"{origin}{from}\""))
                && page.text().contains("id=\"address-error\""),
            "{from}"
        );
    }
    for odd in ["", "shop", "ftp://shop.example/", "https://a:b@shop.example/"] {
        let page = owner.post_form_from(&tab, &fetch, &[("address", odd)]).await;
        assert!(
            page.status == 422 && page.text().contains("must be a full address such as"),
            "{odd}: {}",
            page.text()
        );
    }
    // Outbound fetches are rate limited.
    let mut last = 422;
    for _ in 0..10 {
        last = owner
            .post_form_from(&tab, &fetch, &[("address", &format!("{origin}/nothing"))])
            .await
            .status
            .as_u16();
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn private_addresses_are_blocked_and_only_owners_fetch() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await.site, app.create_site().await.site);
    let mut operator = app.console().sign_in_operator().await;
    let (tab, fetch) =
        (path(site.id, "settings/placement"), path(site.id, "settings/placement/fetch"));
    let receiver = page_server().await;
    let port = receiver.url.trim_end_matches("/hook").rsplit(':').next().unwrap().to_owned();
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "2130706433",
        "10.0.0.1",
        "169.254.169.254",
        "[::ffff:127.0.0.1]",
    ] {
        let page = operator
            .post_form_from(&tab, &fetch, &[("address", &format!("http://{host}:{port}/shop"))])
            .await;
        assert!(
            page.status == 422 && page.text().contains("its address is not public"),
            "{host}: {}",
            page.text()
        );
    }
    let address = [("address", receiver.url.as_str())];
    for (email, role, allowed) in [
        ("owner@example.com", Role::Owner, 422),
        ("editor@example.com", Role::Editor, 403),
        ("viewer@example.com", Role::Viewer, 403),
    ] {
        app.console().member(email, site.id, role).await;
        let mut browser = app.console().sign_in(email).await;
        let overview = path(site.id, "messages");
        assert_eq!(
            browser.post_form_from(&overview, &fetch, &address).await.status,
            allowed,
            "{email}"
        );
        assert_eq!(
            browser
                .post_form_from(&overview, &path(other.id, "settings/placement/fetch"), &address)
                .await
                .status,
            404,
            "{email}"
        );
    }
    let stranger =
        app.console().browser().post_form_from("/console/sign-in", &fetch, &address).await;
    assert_eq!(stranger.header("location"), Some("/console/sign-in"));
    let without_token = operator.post_raw(&fetch, &address, &[("origin", PUBLIC_URL)]).await;
    assert_eq!(without_token.status, 403);
    assert_eq!(receiver.connections(), 0);
}
