//! Authentication: the cookie, the bearer token where cookies are blocked, the page's reader, and
//! renewal.

use super::{open, publish, token, widget_origin};
use crate::support::{Call, TestApp};
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn only_cookie_or_bearer_authenticate_the_reader() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let path = format!("{}/counts", widget.base);
    assert_eq!(app.get(&path).header("cookie", &widget.cookie).send().await.status, 200);
    assert_eq!(
        app.get(&path)
            .header("authorization", &format!("Bearer {}", widget.bearer))
            .send()
            .await
            .status,
        200
    );
    let (name, secret) = widget.cookie.split_once('=').unwrap();
    for (header, value) in [
        ("cookie", format!("{name}=bfs_wrong")),
        ("cookie", format!("other={secret}")),
        ("authorization", "Bearer bfb_wrong".to_owned()),
        ("authorization", format!("Bearer {}", site.key)),
        ("x-nothing", "1".to_owned()),
    ] {
        assert_eq!(
            app.get(&path).header(header, &value).send().await.status,
            401,
            "{header}: {value}"
        );
    }
}

#[tokio::test]
async fn bearer_expires_first_and_both_end_with_their_family() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let path = format!("{}/counts", widget.base);
    let by_bearer = || app.get(&path).header("authorization", &format!("Bearer {}", widget.bearer));
    let by_cookie = || app.get(&path).header("cookie", &widget.cookie);
    app.clock.advance(belfry_app::BEARER_TTL);
    assert_eq!(by_bearer().send().await.status, 401);
    assert_eq!(by_cookie().send().await.status, 200);
    let key = belfry_domain::KeyId(site.key.split('_').nth(1).unwrap().to_owned());
    app.app.revoke_key(site.site.id, &key).await.unwrap();
    assert_eq!(by_cookie().send().await.status, 401, "a revoked key's sessions end at once");
}

#[tokio::test]
async fn page_never_shows_another_readers_messages() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let (anna, olena) = (open(&app, &site, "anna").await, open(&app, &site, "olena").await);
    publish(&app, &site, json!({ "contact": { "externalCustomerId": "olena" } }), "For Olena")
        .await;
    // The cookie now belongs to another reader, as after a sign-in on the same page in another tab.
    let crossed = |path: &str| {
        app.get(&format!("{}{path}", anna.base))
            .header("cookie", &olena.cookie)
            .header("x-belfry-reader", &anna.reader)
    };
    for path in ["/messages", "/counts"] {
        let answer = crossed(path).send().await;
        assert_eq!(answer.status, 409, "{path}");
        assert!(!answer.text().contains("For Olena"));
    }
    let page = app
        .get(&format!("{}/page?reader={}", anna.base, anna.reader))
        .header("cookie", &olena.cookie)
        .send()
        .await;
    assert_eq!(page.status, 409);
    assert!(page.text().contains("data-fault") && !page.text().contains("For Olena"));
    let form = app
        .post(&format!("{}/marks", anna.base))
        .header("cookie", &olena.cookie)
        .header("origin", widget_origin());
    let form = form
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("do=allRead&of=now&reader={}", anna.reader));
    assert_eq!(form.send().await.status, 409);
    assert_eq!(olena.get(&app, "/counts").await.expect(200)["unread"], 1);
    let stream = app
        .get(&format!("{}/events?reader={}", anna.base, anna.reader))
        .header("cookie", &olena.cookie)
        .send()
        .await;
    assert_eq!(stream.status, 409);
    assert_ne!(anna.reader, olena.reader);
}

#[tokio::test]
async fn new_token_renews_the_session_in_place() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    publish(&app, &site, json!("everyone"), "New").await;
    let renew =
        |token: &str| widget.call(&app, Method::POST, "/session").json(&json!({ "token": token }));
    let answer = renew(&token(&app, &site, "42").await).send().await;
    let body = answer.expect(200);
    assert_eq!((&body["unread"], &body["unseen"]), (&json!(1), &json!(1)));
    assert!(answer.header("set-cookie").unwrap().contains("Partitioned"));
    let bearer = format!("Bearer {}", body["bearer"].as_str().unwrap());
    assert_eq!(
        app.get(&format!("{}/counts", widget.base))
            .header("authorization", &bearer)
            .send()
            .await
            .status,
        200
    );
    assert_eq!(renew("bft_wrong").send().await.status, 401);
    app.contact(&site, json!({ "externalCustomerId": "other" })).await;
    let other = renew(&token(&app, &site, "other").await).send().await;
    assert_eq!(other.status, 409, "another reader's token does not take this page over");
    assert_eq!(other.header("set-cookie"), None);
}

#[tokio::test]
async fn unreadable_foreign_cookie_keeps_the_session() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    for lines in [
        vec!["city=Київ; COOKIE".to_owned()],
        vec!["COOKIE; city=Київ".to_owned()],
        vec!["city=Київ".to_owned(), "COOKIE".to_owned()],
        vec!["COOKIE".to_owned(), "city=Київ".to_owned()],
        vec!["a=b;;  ;=;Київ;COOKIE".to_owned()],
    ] {
        let lines: Vec<String> =
            lines.into_iter().map(|line| line.replace("COOKIE", &widget.cookie)).collect();
        let with = |call: Call| {
            lines.iter().fold(call, |call, line| call.header_bytes("cookie", line.as_bytes()))
        };
        for path in ["/page", "/counts", "/messages"] {
            assert_eq!(
                with(app.get(&format!("{}{path}", widget.base))).send().await.status,
                200,
                "{path} {lines:?}"
            );
        }
        let form = app.post(&format!("{}/marks", widget.base)).header("origin", widget_origin());
        let form = form
            .header("content-type", "application/x-www-form-urlencoded")
            .body("do=allRead&of=now");
        assert_eq!(with(form).send().await.status, 303, "{lines:?}");
    }
}

#[tokio::test]
async fn renewal_needs_the_same_origin() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let token = token(&app, &site, "42").await;
    let call = || app.post(&format!("{}/session", widget.base)).json(&json!({ "token": token }));
    assert_eq!(call().send().await.status, 403);
    assert_eq!(call().header("origin", "https://shop.example").send().await.status, 403);
    assert_eq!(call().header("origin", widget_origin()).send().await.status, 200);
}

#[tokio::test]
async fn invalid_json_bodies_are_rejected() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let send = |path: &str| widget.call(&app, Method::POST, path);
    for path in ["/session", "/marks"] {
        let cases: [(&str, u16, Call); 4] = [
            ("no body", 415, send(path)),
            ("text", 415, send(path).header("content-type", "text/plain").body("{}")),
            ("not JSON", 400, send(path).header("content-type", "application/json").body("{")),
            ("unknown field", 400, send(path).json(&json!({ "other": true }))),
        ];
        for (case, status, call) in cases {
            assert_eq!(call.send().await.status, status, "{path} {case}");
        }
    }
}

#[tokio::test]
async fn standalone_page_can_sign_out() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    let page = |destination: &'static str| {
        app.get(&format!("{}?view=page", widget.base))
            .header("cookie", &widget.cookie)
            .header("sec-fetch-dest", destination)
    };
    assert!(page("document").send().await.text().contains("/leave\""));
    assert!(
        !page("iframe").send().await.text().contains("/leave\""),
        "there the embedding page signs people out"
    );
    let leave = || app.post(&format!("{}/leave", widget.base)).header("cookie", &widget.cookie);
    for origin in ["https://shop.example", "null"] {
        assert_eq!(leave().header("origin", origin).send().await.status, 403, "{origin}");
    }
    widget.get(&app, "/counts").await.expect(200);
    for _ in 0..2 {
        let left = leave().header("origin", widget_origin()).send().await;
        assert_eq!(left.status, 303);
        assert_eq!(left.header("location"), Some(format!("{}?view=page", widget.base).as_str()));
        let cookie = left.header("set-cookie").unwrap();
        assert!(cookie.contains("Max-Age=0") && cookie.contains("Partitioned"), "{cookie}");
        assert_eq!(widget.get(&app, "/counts").await.status, 401);
    }
    assert!(
        page("document").send().await.text().contains("https://shop.example"),
        "the link to the site"
    );
}
