//! Escaping of names and messages.

use super::WindowFixture;
use crate::support::TestApp;
use serde_json::json;

const ODD: &str =
    "\"><script>alert(1)</script><img src=x onerror=alert(2)>'`${x}{{y}}</textarea></title>";

#[tokio::test]
async fn names_and_messages_are_escaped() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    editor
        .fixture
        .patch(
            &format!("/inboxes/{}", editor.fixture.inbox_id()),
            json!({"name": "<script>alert(3)</script>"}),
        )
        .await;
    let agent = editor.agent("<script>alert(4)</script>").await;
    let talk = editor.conversation(ODD, ODD).await;
    let window = editor.window(&agent, &talk).await;
    window.act("join").await;
    window.send_file(ODD, "<img src=x onerror=alert(5)>.pdf", b"%PDF-1.7").await;
    window
        .post("/messages", &[("content", "[a](javascript:alert(6)) ![b](https://evil.example/x.png) <svg onload=alert(7)>"), ("kind", "note")])
        .await;
    for answer in [
        window
            .post("/view?lang=%22%3E%3Cscript%3Ealert(8)%3C/script%3E", &[("content", ODD)])
            .await,
        window.post_by_script("/part", &[]).await,
        window.post("/act", &[("do", ODD), ("content", ODD)]).await,
    ] {
        let text = answer.text();
        for harm in ["<script>", "<img src=x", "<svg onload", "href=\"javascript:", "alert(8)"] {
            assert!(!text.contains(harm), "{harm} in {text}");
        }
        let own = text.matches("<script src=\"/pkg/window-1.js\" defer></script>").count();
        assert_eq!(text.matches("<script").count(), own, "{text}");
        assert!(
            text.matches("</textarea>").count() <= 1 && text.matches("</title>").count() <= 1,
            "{text}"
        );
    }
}

#[tokio::test]
async fn secrets_are_accepted_in_the_body_only() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let window = editor.window(&ann, &talk).await;
    let answer = window.post("/view", &[]).await;
    assert_eq!(answer.text().matches(&window.token).count(), 1, "only once, in the form");
    for (name, value) in &answer.headers {
        assert!(!String::from_utf8_lossy(value.as_bytes()).contains(&window.token), "{name}");
    }
    for attribute in ["action=\"", "formaction=\"", "href=\"", "src=\""] {
        for part in answer.text().split(attribute).skip(1) {
            let address = part.split('"').next().unwrap();
            assert!(!address.contains("bfw_") && !address.contains("bfo_"), "{address}");
        }
    }
    // A token in the query is ignored.
    let query = app.post(&window.path(&format!("/part?k={}", window.token))).send().await;
    assert_eq!(query.status, 401);
}
