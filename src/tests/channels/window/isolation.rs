//! A window sees its own conversation only: every other one is answered like an unknown one.

use super::{OpenWindow, WindowFixture, post};
use crate::support::{Answer, TestApp};

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

fn essence(answer: &Answer, uuid: &str) -> (u16, Vec<(String, String)>, String) {
    let headers = answer.headers.iter().map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    (answer.status.as_u16(), headers.collect(), answer.text().replace(uuid, UNKNOWN))
}

#[tokio::test]
async fn other_conversations_are_answered_like_unknown_ones() {
    let app = TestApp::new().await;
    let (desk, foreign) = (WindowFixture::new(&app).await, WindowFixture::new(&app).await);
    let ann = desk.agent("Ann").await;
    let (own, beside) =
        (desk.conversation("Zoe", "Hello").await, desk.conversation("Bo", "A secret").await);
    let foreigners = foreign.conversation("Eve", "Another secret").await;
    let window = desk.window(&ann, &own).await;
    let before = (desk.view(&beside).await, foreign.view(&foreigners).await);
    for rest in ["/view", "/part", "/act", "/messages", "/whole"] {
        for act in [
            "join",
            "take",
            "leave",
            "watch",
            "unwatch",
            "resolve",
            "reopen",
            "retry 1",
            "seen",
            "typing on",
            "",
        ] {
            let fields = [("do", act), ("content", "x"), ("message", "1")];
            let of = |uuid: &str| OpenWindow {
                app: &app,
                uuid: uuid.to_owned(),
                token: window.token.clone(),
            };
            for other in [&beside.uuid, &foreigners.uuid] {
                let (page, nobodys) =
                    (of(other).post(rest, &fields).await, of(UNKNOWN).post(rest, &fields).await);
                assert_eq!(page.status, 404, "{rest} {act}");
                assert_eq!(essence(&page, other), essence(&nobodys, UNKNOWN), "{rest} {act}");
                let (part, nobodys) = (
                    of(other).post_by_script(rest, &fields).await,
                    of(UNKNOWN).post_by_script(rest, &fields).await,
                );
                assert_eq!(part.status, 404, "{rest} {act}");
                assert_eq!(essence(&part, other), essence(&nobodys, UNKNOWN), "{rest} {act}");
            }
            if rest != "/act" {
                break;
            }
        }
    }
    assert_eq!((desk.view(&beside).await, foreign.view(&foreigners).await), before);
}

#[tokio::test]
async fn only_a_window_token_opens_a_window() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let path = format!("/inbox/embed/{}/view", talk.uuid);
    let code = editor.code(&ann, &talk).await;
    for token in [
        "",
        "x",
        "bfw_AAAA",
        &code,
        editor.fixture.administrator.access_token.reveal(),
        &editor.fixture.site.key,
    ] {
        assert_eq!(post(&app, &path, &[("k", token)]).await.status, 401, "{token}");
    }
    assert_eq!(post(&app, &path, &[]).await.status, 401);
}

#[tokio::test]
async fn deleted_conversation_ends_its_window() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let window = editor.window(&ann, &talk).await;
    let contact = editor.view(&talk).await["meta"]["sender"]["id"].clone();
    let erased = editor.fixture.call("DELETE", &format!("/contacts/{contact}")).send().await;
    assert!(erased.status.is_success(), "{}", erased.text());
    let status = window.post_by_script("/part", &[]).await.status;
    assert!(status == 404 || status == 401, "{status}");
}
