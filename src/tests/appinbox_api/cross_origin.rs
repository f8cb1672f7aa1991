//! CORS: the pages that may call the API.

use super::{COUNT, LIST, ReaderClient, STATUS, shop};
use crate::support::{Answer, TestApp};
use axum::http::Method;
use belfry_domain::{InsertPosition, Language, SiteDraft};

const SHOP: &str = "https://shop.example";
const OTHER: &str = "https://other.example";

fn allowed(answer: &Answer) -> Option<&str> {
    assert!(
        answer.headers.get_all("vary").iter().any(|value| value == "Origin"),
        "{:?}",
        answer.headers
    );
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let origin = answer.header("access-control-allow-origin");
    assert_eq!(answer.header("access-control-expose-headers"), origin.map(|_| "ES-TOKEN"));
    origin
}

/// A site on another origin.
async fn elsewhere(app: &TestApp) {
    let draft = SiteDraft::new(
        "Elsewhere",
        vec![OTHER.parse().unwrap()],
        "#bell",
        InsertPosition::BeforeEnd,
        Language::english(),
    )
    .unwrap();
    app.app.create_site(draft).await.unwrap();
}

#[tokio::test]
async fn preflight_is_answered_without_a_token_for_any_site() {
    let app = TestApp::new().await;
    shop(&app).await;
    elsewhere(&app).await;
    for path in [COUNT, LIST, STATUS] {
        let ask = |origin: &str| {
            app.call(Method::OPTIONS, path)
                .header("origin", origin)
                .header("access-control-request-headers", "es-token")
                .send()
        };
        for origin in [SHOP, OTHER] {
            let answer = ask(origin).await;
            assert_eq!(
                (answer.status.as_u16(), answer.text(), allowed(&answer)),
                (204, "", Some(origin))
            );
            assert_eq!(
                answer.header("access-control-allow-headers"),
                Some("ES-TOKEN, Content-Type")
            );
            assert_eq!(answer.header("access-control-allow-methods"), Some("GET, POST"));
        }
        for origin in [
            "https://evil.example",
            "null",
            "http://shop.example",
            "https://shop.example.evil.example",
        ] {
            let answer = ask(origin).await;
            assert_eq!(allowed(&answer), None, "{origin}");
            assert_eq!(answer.header("access-control-allow-headers"), None);
        }
        assert_eq!(allowed(&app.call(Method::OPTIONS, path).send().await), None);
    }
}

#[tokio::test]
async fn response_allows_only_the_tokens_site_origin() {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    elsewhere(&app).await;
    let mut script = ReaderClient::new(&app, &site, "42").await;
    for (origin, may) in
        [(SHOP, true), (OTHER, false), ("null", false), ("https://evil.example", false)]
    {
        for call in
            [app.get(COUNT), app.get(LIST), app.get(&format!("{LIST}?page=x")), app.post(STATUS)]
        {
            let answer = script.send(call.header("origin", origin)).await;
            assert_eq!(allowed(&answer), may.then_some(origin));
            assert!(answer.header("es-token").is_some());
        }
    }
    // Without a browser there is no origin.
    let call = app.get(COUNT);
    assert_eq!(allowed(&script.send(call).await), None);
}

#[tokio::test]
async fn page_can_read_that_its_token_was_rejected() {
    let app = TestApp::new().await;
    shop(&app).await;
    for (origin, may) in [(SHOP, true), (OTHER, false)] {
        let answer =
            app.get(COUNT).header("origin", origin).header("es-token", "over").send().await;
        answer.expect_error(401);
        assert_eq!(allowed(&answer), may.then_some(origin));
    }
}
