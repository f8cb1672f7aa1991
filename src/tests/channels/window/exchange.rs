//! Authentication: the page without secrets, the one-time code, and the error pages.

use super::{WindowFixture, post};
use crate::support::{Answer, TestApp};
use std::time::Duration;

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

#[track_caller]
fn is_private(answer: &Answer) {
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("cache-control"), Some("no-store, no-transform"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("set-cookie"), None);
}

#[track_caller]
fn is_framed_by(answer: &Answer, ancestors: &str) {
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.ends_with(&format!("; frame-ancestors {ancestors}")), "{policy}");
    assert!(
        policy.contains("default-src 'none'; script-src 'self'; style-src 'self';")
            && !policy.contains("unsafe"),
        "{policy}"
    );
    is_private(answer);
}

/// The page's body.
fn said(answer: &Answer) -> &str {
    answer.text().split_once("<main").unwrap().1
}

#[tokio::test]
async fn code_page_is_the_same_for_every_conversation() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let get = async |uuid: &str, query: &str| {
        app.get(&format!("/inbox/embed/{uuid}{query}")).send().await
    };
    let page = get(&talk.uuid, "?lang=en").await;
    assert_eq!(page.status, 200);
    is_framed_by(&page, "https://shop.example");
    assert!(
        page.text().contains("<noscript><p>This conversation opens with JavaScript.")
            && !page.text().contains("Zoe"),
        "{}",
        page.text()
    );
    assert!(page.text().contains(r#"data-origins="https://shop.example""#));

    let nobodys = get(UNKNOWN, "?lang=en").await;
    assert_eq!(
        (nobodys.status, said(&nobodys)),
        (page.status, said(&page).replace(&talk.uuid, UNKNOWN).as_str())
    );
    is_framed_by(&nobodys, "'none'");
    for odd in ["x", "1", "%3Cscript%3E", "%00"] {
        let answer = get(odd, "").await;
        assert_eq!(answer.status, 404, "{odd}");
        is_framed_by(&answer, "'none'");
        assert!(!answer.text().contains("<script>"), "{}", answer.text());
    }
}

#[tokio::test]
async fn code_is_valid_once_and_expires() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let (talk, other) = (
        editor.conversation("Zoe", "Is the green lamp in stock?").await,
        editor.conversation("Bo", "Hi").await,
    );
    let enter = async |uuid: &str, code: &str| {
        post(&app, &format!("/inbox/embed/{uuid}?lang=en"), &[("t", code)]).await
    };
    let ended = |answer: &Answer| {
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert!(
            answer.text().contains(r#"data-view="ended""#)
                && answer.text().contains("This window has ended"),
            "{}",
            answer.text()
        );
        assert!(!answer.text().contains("green lamp") && !answer.text().contains("name=\"k\""));
        is_framed_by(answer, "https://shop.example");
    };
    let code = editor.code(&ann, &talk).await;
    let window = enter(&talk.uuid, &code).await;
    assert_eq!(window.status, 200, "{}", window.text());
    is_framed_by(&window, "https://shop.example");
    for part in [
        "Is the green lamp in stock?",
        "<h1><bdi>Zoe</bdi></h1>",
        "Shop API",
        "Nobody answers this conversation yet.",
        "name=\"k\" value=\"bfw_",
    ] {
        assert!(window.text().contains(part), "{part} in {}", window.text());
    }
    assert!(!window.text().contains(&code), "a used code is shown nowhere");
    ended(&enter(&talk.uuid, &code).await);
    for odd in ["", "x", "bfo_AAAA", &code[..code.len() - 1]] {
        ended(&enter(&talk.uuid, odd).await);
    }
    ended(&post(&app, &format!("/inbox/embed/{}", talk.uuid), &[]).await);

    let of_other = editor.code(&ann, &other).await;
    ended(&enter(&talk.uuid, &of_other).await);
    let late = editor.code(&ann, &talk).await;
    app.clock.advance(Duration::from_secs(61));
    ended(&enter(&talk.uuid, &late).await);
}

#[tokio::test]
async fn window_ends_with_its_key() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let window = editor.window(&ann, &talk).await;
    assert_eq!(window.post("/view", &[]).await.status, 200);
    assert!(app.app.revoke_sdk_key(editor.fixture.site.site.id, editor.key).await.unwrap());
    for (rest, is_page) in
        [("/view", true), ("/act", true), ("/messages", true), ("/whole", true), ("/part", false)]
    {
        let answer = window.post(rest, &[("do", "join"), ("content", "lost?")]).await;
        assert_eq!(answer.status, 401, "{rest}");
        assert_eq!(answer.text().contains("data-view=\"ended\""), is_page, "{rest}");
        assert_eq!(window.post_by_script(rest, &[("do", "join")]).await.status, 401, "{rest}");
    }
}

#[tokio::test]
async fn window_uses_the_requested_language() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("نورا", "שלום").await;
    for (asked, root, word) in [
        ("uk-UA", r#"<html lang="uk" dir="ltr""#, "Долучитися"),
        ("ar", r#"<html lang="en" dir="rtl""#, "Join"),
        ("he", r#"<html lang="en" dir="rtl""#, "Join"),
        ("fr", r#"<html lang="en" dir="ltr""#, "Join"),
    ] {
        let code = editor.code(&ann, &talk).await;
        let answer =
            post(&app, &format!("/inbox/embed/{}?lang={asked}", talk.uuid), &[("t", &code)]).await;
        assert!(
            answer.text().contains(root) && answer.text().contains(&format!(">{word}</button>")),
            "{asked}: {}",
            answer.text()
        );
        assert!(
            answer.text().contains(&format!("/act?lang={asked}\"")),
            "each act goes on in {asked}"
        );
        assert!(
            answer.text().contains("<bdi>نورا</bdi>")
                && answer.text().contains("<div dir=\"auto\" class=\"content\">")
        );
    }
}

#[tokio::test]
async fn cross_origin_form_opens_nothing() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let code = editor.code(&ann, &talk).await;
    let path = format!("/inbox/embed/{}", talk.uuid);
    for site in ["cross-site", "same-site", "none"] {
        let answer =
            super::form(&app, &path, &[("t", &code)]).header("sec-fetch-site", site).send().await;
        assert_eq!(answer.status, 403, "{site}");
        is_framed_by(&answer, "https://shop.example");
    }
    let own = super::form(&app, &path, &[("t", &code)])
        .header("sec-fetch-site", "same-origin")
        .header("origin", "null")
        .send()
        .await;
    assert_eq!(own.status, 200, "the code was not used up");
}

#[tokio::test]
async fn code_guessing_is_rate_limited() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let path = format!("/inbox/embed/{}", talk.uuid);
    let address = "203.0.113.9".parse().unwrap();
    let mut answer = None;
    for _ in 0..1_000 {
        let tried = super::form(&app, &path, &[("t", "bfo_x")]).at_address(address).send().await;
        if tried.status == 429 {
            answer = Some(tried);
            break;
        }
        assert_eq!(tried.status, 401);
    }
    let answer = answer.expect("it is eventually rejected");
    assert!(
        answer.header("retry-after").is_some()
            && answer.text().contains("data-view=\"rate_limited\""),
        "{}",
        answer.text()
    );
    is_framed_by(&answer, "https://shop.example");
}
