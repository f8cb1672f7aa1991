//! The iframe's document: authentication, contents, and security headers.

use super::{SHOP, attribute, open, post_token, publish, token};
use crate::support::TestApp;
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn token_returns_the_whole_inbox_in_one_response() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    for number in 0..25 {
        publish(&app, &site, json!("everyone"), &format!("Message {number}")).await;
    }
    let pinned = json!({ "audience": "everyone", "pinned": true, "content": { "en": { "title": "Pinned" } } });
    app.post("/v1/messages").key(&site.key).json(&pinned).send().await.expect(201);
    publish(&app, &site, json!({ "contact": { "externalCustomerId": "42" } }), "Only for you")
        .await;
    let widget = open(&app, &site, "42").await;
    let titles: Vec<&str> = ["Pinned", "Only for you", "Message 24", "Message 7"].into();
    let places: Vec<usize> = titles
        .iter()
        .map(|title| widget.html.find(&format!(">{title}<")).unwrap_or_else(|| panic!("{title}")))
        .collect();
    assert!(places.is_sorted(), "pinned first, then newest first: {places:?}");
    assert_eq!(widget.html.matches("class=\"item").count(), 20);
    assert!(!widget.html.contains("Message 6<"), "the 21st is on the next page");
    assert_eq!(attribute(&widget.html, "data-unread"), "27");
    assert!(widget.html.contains("aria-label=\"Notifications, 27 unread\""), "{}", widget.html);
    assert!(
        widget.html.contains("aria-haspopup=\"dialog\"")
            && widget.html.contains("aria-expanded=\"false\"")
    );
    assert!(widget.html.contains("data-next=\""));
}

#[tokio::test]
async fn document_is_framed_by_its_site_only() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let answer = post_token(&app, &site, &token(&app, &site, "42").await, Some(SHOP)).await;
    let policy = answer.header("content-security-policy").unwrap();
    let nonce = attribute(answer.text(), "nonce");
    for directive in [
        "default-src 'none'",
        &format!("script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'"),
        &format!("style-src 'self' 'nonce-{nonce}'"),
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "object-src 'none'",
        "frame-ancestors https://shop.example",
    ] {
        assert!(policy.split("; ").any(|part| part == directive), "{directive} in {policy}");
    }
    assert!(!policy.contains("unsafe-inline"));
    assert!(!answer.text().contains(" style="), "no inline style attributes");
    assert_eq!(answer.header("cache-control"), Some("private, no-store, no-transform"));
    assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
    assert!(answer.header("permissions-policy").unwrap().contains("camera=()"));
    assert_eq!(answer.header("x-frame-options"), None);
    let again = post_token(&app, &site, &token(&app, &site, "42").await, Some(SHOP)).await;
    assert_ne!(attribute(again.text(), "nonce"), nonce, "each document has a nonce of its own");
}

#[tokio::test]
async fn cookie_has_the_attributes_for_partitioned_iframes() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let answer = post_token(&app, &site, &token(&app, &site, "42").await, Some(SHOP)).await;
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
    let cookie = answer.header("set-cookie").unwrap();
    let mut parts: Vec<&str> = cookie.split("; ").collect();
    let pair = parts.remove(0);
    parts.sort_unstable();
    assert_eq!(
        parts,
        ["HttpOnly", "Max-Age=86400", "Partitioned", "Path=/", "SameSite=None", "Secure"]
    );
    assert!(pair.starts_with(&format!("__Host-belfry-{}=bfs_", site.site.id)), "{pair}");
    assert!(cookie.len() < 1024);
}

#[tokio::test]
async fn other_origins_are_rejected_even_with_a_token() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    publish(&app, &site, json!("everyone"), "Private").await;
    let token = token(&app, &site, "42").await;
    for origin in [
        "https://evil.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.evil.example",
        "https://evil-shop.example",
    ] {
        let answer = post_token(&app, &site, &token, Some(origin)).await;
        assert_eq!(answer.status, 403, "{origin}");
        assert!(!answer.text().contains("Private") && answer.header("set-cookie").is_none());
    }
    for origin in [Some(SHOP), Some("null"), Some(super::widget_origin()), None] {
        assert_eq!(post_token(&app, &site, &token, origin).await.status, 200, "{origin:?}");
    }
}

#[tokio::test]
async fn invalid_token_shows_an_error_and_no_message() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    publish(&app, &site, json!("everyone"), "Private").await;
    let mine = token(&app, &site, "42").await;
    for (at, token) in [(&site, "bft_wrong"), (&site, ""), (&other, mine.as_str())] {
        let answer = post_token(&app, at, token, Some(SHOP)).await;
        assert_eq!(answer.status, 401);
        assert!(answer.text().contains("data-fault") && !answer.text().contains("Private"));
        assert!(
            answer
                .header("content-security-policy")
                .unwrap()
                .contains("frame-ancestors https://shop.example"),
            "so that the page can be asked for another"
        );
    }
    app.clock.advance(belfry_app::TOKEN_TTL);
    assert_eq!(post_token(&app, &site, &mine, Some(SHOP)).await.status, 401);
}

#[tokio::test]
async fn token_can_be_exchanged_again_until_it_expires() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let token = token(&app, &site, "42").await;
    assert_eq!(post_token(&app, &site, &token, Some(SHOP)).await.status, 200);
    assert_eq!(post_token(&app, &site, &token, Some(SHOP)).await.status, 200);
}

#[tokio::test]
async fn missing_token_and_unknown_site_are_rejected() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let empty = app
        .post(&format!("/embed/{}", site.site.id))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("language=en")
        .send()
        .await;
    assert_eq!(empty.status, 400);
    for path in ["/embed/not-a-uuid", "/embed/00000000-0000-4000-8000-000000000000"] {
        for method in [Method::GET, Method::POST] {
            let answer = app
                .call(method, path)
                .header("content-type", "application/x-www-form-urlencoded")
                .body("token=x")
                .send()
                .await;
            assert_eq!(answer.status, 404, "{path}");
            assert!(
                answer
                    .header("content-security-policy")
                    .unwrap()
                    .contains("frame-ancestors 'none'")
            );
            assert!(answer.text().contains("no site with this id"), "{}", answer.text());
        }
    }
}

#[tokio::test]
async fn shell_shows_nothing_until_it_gets_a_token() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    publish(&app, &site, json!("everyone"), "Private").await;
    let answer = app.get(&format!("/embed/{}?language=uk", site.site.id)).send().await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("data-shell") && !answer.text().contains("Private"));
    assert_eq!(attribute(answer.text(), "data-origins"), SHOP);
    assert!(
        answer
            .header("content-security-policy")
            .unwrap()
            .contains("frame-ancestors https://shop.example")
    );
    assert!(answer.header("set-cookie").is_none());
}

#[tokio::test]
async fn language_selects_texts_and_messages() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let both = json!({ "audience": "everyone", "content": { "en": { "title": "Sale" }, "uk": { "title": "Розпродаж" } } });
    app.post("/v1/messages").key(&site.key).json(&both).send().await.expect(201);
    let token = token(&app, &site, "42").await;
    for (language, title, name) in [
        ("uk", "Розпродаж", "Сповіщення"),
        ("uk-UA", "Розпродаж", "Сповіщення"),
        ("de", "Sale", "Notifications"),
        ("<b>", "Sale", "Notifications"),
    ] {
        let call = app
            .post(&format!("/embed/{}", site.site.id))
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = call.body(format!("token={token}&language={language}")).send().await;
        assert!(answer.text().contains(title) && answer.text().contains(name), "{language}");
    }
}

#[tokio::test]
async fn hostile_text_is_escaped() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let title = "</script><script>alert(1)</script>\u{202e}";
    let body =
        "<img src=x onerror=alert(1)> [x](javascript:alert(1)) </textarea><svg onload=alert(1)>";
    let content = json!({ "en": { "title": title, "body": body, "actions": [{ "label": "<b>Go</b>", "link": "https://shop.example/\"onclick=x" }] } });
    app.post("/v1/messages")
        .key(&site.key)
        .json(&json!({ "audience": "everyone", "content": content }))
        .send()
        .await
        .expect(201);
    let widget = open(&app, &site, "42").await;
    let list = &widget.html
        [widget.html.find("id=\"list\"").unwrap()..widget.html.find("id=\"empty\"").unwrap()];
    for hostile in
        ["<script", "<img", "<svg onload", "javascript:", "\"onclick", "\u{202e}", "<b>Go"]
    {
        assert!(!list.contains(hostile), "{hostile} in {list}");
    }
    assert!(list.contains("&lt;/script&gt;"));
}

#[tokio::test]
async fn inbox_works_by_links_without_webassembly() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    for number in 0..25 {
        publish(&app, &site, json!("everyone"), &format!("Message {number}")).await;
    }
    let widget = open(&app, &site, "42").await;
    let next = widget.html.split("id=\"older\"").nth(1).unwrap();
    let address = attribute(next, "href").replace("&amp;", "&");
    let older = app.get(&address).header("cookie", &widget.cookie).send().await;
    assert_eq!(older.status, 200);
    assert_eq!(older.text().matches("class=\"item").count(), 5);
    assert!(older.text().contains(">Message 0<") && !older.text().contains("data-next"));
    assert_eq!(app.get(&address).send().await.status, 401, "without the cookie");
}

#[tokio::test]
async fn each_kind_of_link_opens_on_the_web() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.put("/v1/site/settings")
        .key(&site.key)
        .json(&json!({ "linkSchemes": ["myshop"] }))
        .send()
        .await
        .expect(200);
    let actions = json!([{ "label": "Page", "link": "orders/7?a=b" }, { "label": "Call", "link": "tel:+380441234567" }, { "label": "App", "link": "myshop://x" }]);
    let content = json!({ "title": "Hello", "link": "myshop://orders/7", "body": "One\ntwo [three](/x#y) www.shop.example", "actions": actions });
    app.post("/v1/messages")
        .key(&site.key)
        .json(&json!({ "audience": "everyone", "content": { "en": content } }))
        .send()
        .await
        .expect(201);
    let list = async || {
        let widget = open(&app, &site, "42").await;
        widget.html
            [widget.html.find("id=\"list\"").unwrap()..widget.html.find("id=\"empty\"").unwrap()]
            .to_owned()
    };
    let shown = list().await;
    for part in [
        "</span>Hello</h3>",
        "One<br>two <a href=\"https://shop.example/x#y\" rel=\"noopener noreferrer nofollow\" target=\"_top\" data-own=\"\">three</a>",
        "<a href=\"https://www.shop.example/\"",
        "href=\"https://shop.example/orders/7?a=b\" target=\"_top\" rel=\"noopener\" data-own=\"\">Page</a>",
        "href=\"tel:+380441234567\" target=\"_top\" rel=\"noopener\">Call</a>",
        "<span>App</span>",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(!shown.contains("myshop:"), "{shown}");
}
