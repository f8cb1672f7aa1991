//! The standalone page of the inbox: authentication, and what it marks as seen.

use super::{SHOP, WidgetSession, attribute, open, publish, token};
use crate::support::{Answer, Call, TestApp, TestSite};
use serde_json::json;

const PAGE: &str = "?view=page";

fn top(call: Call) -> Call {
    call.header("sec-fetch-dest", "document")
}

fn inside(call: Call) -> Call {
    call.header("sec-fetch-dest", "iframe")
}

/// Posts a token for the standalone page.
fn posted(app: &TestApp, site: &TestSite, token: &str) -> Call {
    let call = app
        .post(&format!("/embed/{}{PAGE}", site.site.id))
        .header("content-type", "application/x-www-form-urlencoded");
    call.body(format!("token={token}&language=en&scheme=dark"))
}

fn shows_no_message(answer: &Answer) {
    assert!(!answer.text().contains("Private"), "{}", answer.text());
}

async fn unseen(app: &TestApp, widget: &WidgetSession) -> u64 {
    widget.get(app, "/counts").await.expect(200)["unseen"].as_u64().unwrap()
}

#[tokio::test]
async fn site_opens_the_standalone_page_with_a_token() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    publish(&app, &site, json!("everyone"), "Hello").await;
    let token = token(&app, &site, "42").await;
    for call in [
        top(posted(&app, &site, &token)),
        inside(posted(&app, &site, &token)),
        posted(&app, &site, &token),
    ] {
        let answer = call.header("origin", SHOP).send().await;
        assert_eq!(answer.status, 200);
        assert_eq!(attribute(answer.text(), "data-view"), "page");
        assert!(answer.text().contains(">Hello<") && !answer.text().contains(&token));
        assert!(answer.header("set-cookie").unwrap().contains("HttpOnly"));
        assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"));
    }
    assert_eq!(posted(&app, &site, "bft_wrong").header("origin", SHOP).send().await.status, 401);
}

#[tokio::test]
async fn standalone_page_needs_the_sites_origin() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    publish(&app, &site, json!("everyone"), "Private").await;
    let token = token(&app, &site, "42").await;
    let plain = || {
        let call = app
            .post(&format!("/embed/{}", site.site.id))
            .header("content-type", "application/x-www-form-urlencoded");
        call.body(format!("token={token}"))
    };
    for (case, call) in [
        ("without an origin", top(posted(&app, &site, &token))),
        ("origin null", top(posted(&app, &site, &token)).header("origin", "null")),
        ("origin null, no view", top(plain()).header("origin", "null")),
        (
            "origin null, and the browser does not say where",
            posted(&app, &site, &token).header("origin", "null"),
        ),
        ("another's", top(posted(&app, &site, &token)).header("origin", "https://evil.example")),
    ] {
        let answer = call.send().await;
        assert_eq!(answer.status, 403, "{case}");
        assert!(
            answer.text().contains("data-fault") && answer.header("set-cookie").is_none(),
            "{case}"
        );
        shows_no_message(&answer);
    }
    let response = top(plain()).header("origin", "null").send().await;
    assert!(response.text().contains("must send its origin"), "{}", response.text());
    // In an iframe, `frame-ancestors` decides which pages may embed it.
    for call in [inside(posted(&app, &site, &token)), inside(plain()), plain()] {
        assert_eq!(call.header("origin", "null").send().await.status, 200);
    }
}

#[tokio::test]
async fn cookie_opens_the_page_at_top_level_only() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    publish(&app, &site, json!("everyone"), "Private").await;
    let widget = open(&app, &site, "42").await;
    let get =
        || app.get(&format!("{}{PAGE}&language=uk", widget.base)).header("cookie", &widget.cookie);
    for call in [top(get()), get()] {
        let answer = call.send().await;
        assert_eq!(answer.status, 200);
        assert!(
            answer.text().contains("Private")
                && answer.text().contains(&format!("value=\"{}\"", widget.reader))
        );
        assert_eq!(
            (attribute(answer.text(), "data-view"), attribute(answer.text(), "data-language")),
            ("page".to_owned(), "uk".to_owned())
        );
        assert_eq!(answer.header("set-cookie"), None);
    }
    let shell = inside(get()).send().await;
    assert_eq!(shell.status, 200);
    assert!(shell.text().contains("data-shell"));
    assert_eq!(
        attribute(shell.text(), "data-view"),
        "page",
        "so that its form requests a page again"
    );
    shows_no_message(&shell);
    let bell = inside(app.get(&widget.base).header("cookie", &widget.cookie)).send().await;
    assert!(bell.text().contains("data-shell") && !bell.text().contains("data-view"));
    shows_no_message(&bell);
}

#[tokio::test]
async fn frame_url_at_top_level_links_to_the_site() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    publish(&app, &site, json!("everyone"), "Private").await;
    let widget = open(&app, &site, "42").await;
    for call in
        [top(app.get(&widget.base)), top(app.get(&widget.base).header("cookie", &widget.cookie))]
    {
        let answer = call.send().await;
        assert_eq!(answer.status, 200);
        assert!(
            answer.text().contains("<p class=\"fault\"")
                && answer.text().contains(&format!("href=\"{SHOP}\"")),
            "{}",
            answer.text()
        );
        shows_no_message(&answer);
    }
}

#[tokio::test]
async fn unnamed_page_session_ends_with_its_document() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let token = token(&app, &site, "42").await;
    let plain = || {
        app.post(&format!("/embed/{}", site.site.id))
            .header("content-type", "application/x-www-form-urlencoded")
    };
    let post = || plain().body(format!("token={token}")).header("origin", "null");
    let unsaid = post().send().await;
    assert_eq!((unsaid.status.as_u16(), unsaid.header("set-cookie")), (200, None));
    let bearer = format!("Bearer {}", attribute(unsaid.text(), "data-bearer"));
    assert_eq!(
        app.get(&format!("/embed/{}/counts", site.site.id))
            .header("authorization", &bearer)
            .send()
            .await
            .status,
        200
    );
    assert!(
        inside(post()).send().await.header("set-cookie").is_some(),
        "in an iframe, `frame-ancestors` names the page"
    );
}

#[tokio::test]
async fn signed_out_page_links_to_the_site() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    publish(&app, &site, json!("everyone"), "Private").await;
    let stranger = open(&app, &other, "42").await;
    let get = || top(app.get(&format!("/embed/{}{PAGE}", site.site.id)));
    let later = app.get(&format!("/embed/{}/page{PAGE}", site.site.id));
    let old = format!("__Host-belfry-{}=bfs_old", site.site.id);
    for call in [
        get(),
        get().header("cookie", &stranger.cookie),
        get().header("cookie", &old),
        top(later.clone()),
        later.clone(),
    ] {
        let answer = call.send().await;
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains(&format!("href=\"{SHOP}\"")), "{}", answer.text());
        assert!(!answer.text().contains("data-shell") && !answer.text().contains("data-fault"));
        shows_no_message(&answer);
    }
    assert_eq!(
        inside(later).send().await.status,
        401,
        "the embedding page can sign the reader in again"
    );
    assert_eq!(top(app.get(&format!("/embed/not-a-uuid{PAGE}"))).send().await.status, 404);
}

#[tokio::test]
async fn rendering_the_page_marks_messages_as_seen() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let get =
        |path: &str| app.get(&format!("{}{path}", widget.base)).header("cookie", &widget.cookie);
    let away = publish(&app, &site, json!("everyone"), "Put away").await;
    widget.mark(&app, json!({ "archive": [away] })).await.expect(200);
    for path in [
        "/page",
        "/page?filter=unread",
        "/page?filter=archived&view=page",
        "/messages?filter=unread",
        "",
    ] {
        publish(&app, &site, json!("everyone"), "New").await;
        let before = unseen(&app, &widget).await;
        get(path).send().await;
        assert_eq!(unseen(&app, &widget).await, before, "{path}");
    }
    // A prefetched page doesn't mark messages as seen.
    get("/page?view=page").header("sec-purpose", "prefetch;prerender").send().await;
    assert_eq!(unseen(&app, &widget).await, 5);
    let token = token(&app, &site, "42").await;
    super::post_token(&app, &site, &token, Some(SHOP)).await;
    assert_eq!(unseen(&app, &widget).await, 5);
    for call in [
        get("/page?view=page"),
        get(PAGE),
        posted(&app, &site, &token).header("origin", SHOP),
        get("/page?view=page&filter=unread"),
    ] {
        publish(&app, &site, json!("everyone"), "New").await;
        let answer = call.send().await;
        assert_eq!(attribute(answer.text(), "data-unseen"), "0");
        assert_eq!(unseen(&app, &widget).await, 0);
        let version = widget.get(&app, "/counts").await.expect(200)["version"].to_string();
        assert_eq!(attribute(answer.text(), "data-version"), version, "there is nothing to resync");
    }
    assert_eq!(widget.get(&app, "/counts").await.expect(200)["unread"], 9, "seen is not read");
}
