//! Actions in the window, by its form alone and by its script.

use super::{WindowFixture, form, multipart};
use crate::support::TestApp;
use serde_json::json;

/// A one-pixel image.
const PIXEL: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82";

#[tokio::test]
async fn agent_joins_answers_and_resolves() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let window = editor.window(&ann, &talk).await;

    let joined = window.act("join").await;
    assert_eq!(joined.status, 200, "{}", joined.text());
    assert!(
        joined.text().contains("You answer")
            && joined.text().contains("self-assigned this conversation"),
        "{}",
        joined.text()
    );
    assert!(
        joined.text().contains(r#"<div id="join" hidden class="join">"#)
            && joined.text().contains(r#"<div id="composer" class="composer">"#)
    );
    assert_eq!(editor.view(&talk).await["meta"]["assignee"]["name"], "Ann");
    assert_eq!(
        editor.view(&talk).await["unread_count"],
        0,
        "an action without a script marks as seen"
    );
    assert_eq!(window.act("join").await.status, 200, "no change");

    let sent = window
        .post("/messages", &[("content", "Yes, **three** of them."), ("kind", "reply")])
        .await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    assert!(
        sent.text().contains("<strong>three</strong>") && sent.text().contains(">\n</textarea>"),
        "{}",
        sent.text()
    );
    let noted = window.post("/messages", &[("content", "A regular."), ("kind", "note")]).await;
    assert!(
        noted.text().contains("Only agents see this") && noted.text().contains("A regular."),
        "{}",
        noted.text()
    );
    let response =
        editor.fixture.get(&format!("/conversations/{}/messages", talk.number)).await["payload"]
            .clone();
    let said: Vec<_> = response
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["message_type"] == 1)
        .collect();
    assert_eq!(
        (said[0]["private"].clone(), said[1]["private"].clone(), said[1]["sender"]["name"].clone()),
        (json!(false), json!(true), json!("Ann"))
    );

    let resolved = window.act("resolve").await;
    assert!(
        resolved.text().contains("data-status=\"closed\"")
            && resolved.text().contains(">Reopen</button>"),
        "{}",
        resolved.text()
    );
    assert_eq!(editor.view(&talk).await["status"], "resolved");
    assert!(window.act("reopen").await.text().contains(">Resolve</button>"));
    assert_eq!(editor.view(&talk).await["status"], "open");

    let left = window.act("leave").await;
    assert!(
        left.text().contains(r#"<div id="composer" hidden class="composer">"#),
        "{}",
        left.text()
    );
    assert_eq!(editor.view(&talk).await["meta"]["assignee"], json!(null));
}

#[tokio::test]
async fn agent_takes_over_and_leaves_only_their_own() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let (ann, ben) = (editor.agent("Ann").await, editor.agent("Ben").await);
    let talk = editor.conversation("Zoe", "Hello").await;
    let (of_ann, of_ben) = (editor.window(&ann, &talk).await, editor.window(&ben, &talk).await);
    of_ann.act("join").await;
    let seen = of_ben.post("/view", &[]).await;
    assert!(
        seen.text().contains("Ann answers") && seen.text().contains(">Assign to me</button>"),
        "{}",
        seen.text()
    );
    of_ben.act("leave").await;
    assert_eq!(editor.view(&talk).await["meta"]["assignee"]["name"], "Ann");
    assert!(of_ben.act("take").await.text().contains("You answer"));
    assert_eq!(editor.view(&talk).await["meta"]["assignee"]["name"], "Ben");
}

#[tokio::test]
async fn agent_watches_and_stops() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let window = editor.window(&ann, &talk).await;
    assert!(window.post("/view", &[]).await.text().contains(">Watch</button>"));
    assert!(window.act("watch").await.text().contains(">Stop watching</button>"));
    assert!(window.act("unwatch").await.text().contains(">Watch</button>"));
}

#[tokio::test]
async fn rejected_message_stays_in_the_composer() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let window = editor.window(&ann, &talk).await;
    let empty = window.post("/messages", &[("content", "  "), ("kind", "note")]).await;
    assert_eq!(empty.status, 422);
    assert!(
        empty.text().contains(r#"class="notice failed">write something, or attach a file</p>"#),
        "{}",
        empty.text()
    );
    assert_eq!(
        window.post_by_script("/messages", &[("content", " ")]).await.text(),
        "write something, or attach a file"
    );

    let long = "ж".repeat(150_001);
    let response = window.post("/messages", &[("content", &long), ("kind", "note")]).await;
    assert_eq!(response.status, 422);
    assert!(
        response.text().contains("is too long (maximum is 150000 characters)")
            && response.text().contains(&long),
        "the input is lost"
    );
    assert!(response.text().contains(r#"value="note" checked"#));
    // Typed text survives other actions, too.
    let taken = window
        .post("/act", &[("do", "take"), ("content", "half a </textarea><b>sen"), ("kind", "reply")])
        .await;
    assert!(
        taken.text().contains("half a &lt;/textarea&gt;&lt;b&gt;sen</textarea>"),
        "{}",
        taken.text()
    );
    let odd = window.post("/act", &[("do", "dance"), ("content", "mine")]).await;
    assert!(odd.status == 422 && odd.text().contains("\nmine</textarea>"), "{}", odd.text());
}

#[tokio::test]
async fn files_are_sent_and_displayed() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let window = editor.window(&ann, &talk).await;
    let sent = window.send_file("", "corner.png", PIXEL).await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    assert!(
        sent.text().contains("<img src=\"/attachments/")
            && sent.text().contains("Open corner.png in a new tab"),
        "{}",
        sent.text()
    );
    let sent = window.send_file("The manual.", "manual <of> it.pdf", b"%PDF-1.7").await;
    assert!(
        sent.text().contains("manual of it.pdf") && sent.text().contains("8 B"),
        "{}",
        sent.text()
    );

    let large = vec![b'x'; app.app.max_attachment_bytes() + 1];
    let refused = window.send_file("Too much.", "a.txt", &large).await;
    assert_eq!(refused.status, 413);
    assert!(
        refused.text().contains("id=\"composer\"")
            && refused.text().contains("Files must have at most 5 MB together."),
        "{}",
        refused.text()
    );
}

/// The file of an unauthenticated client must use no memory, which others share.
#[tokio::test]
async fn file_is_not_read_before_its_token() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let window = editor.window(&ann, &talk).await;
    // The form is cut off within its file; reading that far would cause another error.
    let broken = |token: &str| {
        let mut body = multipart(&[("k", token), ("content", "x")], "a.txt", b"xxxx");
        body.truncate(body.len() - 10);
        body
    };
    let send = async |body: Vec<u8>| {
        app.post(&window.path("/messages"))
            .header("content-type", "multipart/form-data; boundary=b")
            .body(body)
            .send()
            .await
    };
    assert_eq!(send(broken(&window.token)).await.status, 400);
    assert_eq!(send(broken("bfw_nobody")).await.status, 401);
    assert_eq!(
        send(multipart(&[("content", "x")], "a.txt", b"x")).await.status,
        401,
        "a token after the file is too late"
    );
}

#[tokio::test]
async fn script_gets_parts_and_error_texts() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let window = editor.window(&ann, &talk).await;
    for (rest, fields) in [("/part", vec![]), ("/view", vec![]), ("/act", vec![("do", "watch")])] {
        let part = window.post_by_script(rest, &fields).await;
        assert_eq!(part.status, 200, "{rest}");
        assert!(
            part.text().starts_with("<header id=\"head\">")
                && part.text().contains("id=\"thread\""),
            "{}",
            part.text()
        );
        assert!(!part.text().contains(&window.token), "a part has no form token");
        assert_eq!(
            (part.header("cache-control"), part.header("referrer-policy")),
            (Some("no-store, no-transform"), Some("no-referrer"))
        );
    }
    assert_eq!(editor.view(&talk).await["unread_count"], 1, "fetching a part doesn't mark as seen");
    for act in ["seen", "typing on", "typing off"] {
        let answer = window.post_by_script("/act", &[("do", act), ("kind", "note")]).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (204, ""), "{act}");
    }
    assert_eq!(editor.view(&talk).await["unread_count"], 0);
}

#[tokio::test]
async fn thread_is_paginated_and_marks_new_messages() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "message 0.").await;
    let window = editor.window(&ann, &talk).await;
    window.post_by_script("/act", &[("do", "seen")]).await;
    for number in 1..=23 {
        app.clock.advance(std::time::Duration::from_secs(1));
        editor.write(talk.number, &format!("message {number}.")).await;
    }
    let view = window.post_by_script("/part", &[]).await;
    let (before, after) = view
        .text()
        .split_once("class=\"unread-line\"")
        .unwrap_or_else(|| panic!("{}", view.text()));
    assert!(
        before.contains("message 13.")
            && !before.contains("message 14.")
            && after.contains("message 14."),
        "ten are counted as new"
    );
    let (_, button) = view.text().split_once("name=\"before\" value=\"").unwrap();
    let first = button.split_once('"').unwrap().0;
    let older = window.post("/view", &[("before", first)]).await;
    for (text, is_there) in [
        ("message 0.", true),
        ("message 3.", true),
        ("message 4.", false),
        ("Newest messages", true),
        ("Older messages", false),
    ] {
        assert_eq!(older.text().contains(text), is_there, "{text}");
    }
    assert!(window.post("/view", &[("newest", "")]).await.text().contains("message 23."));
}

#[tokio::test]
async fn long_message_is_shown_in_full_and_a_failed_one_retried() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", &format!("{}<b>end", "x".repeat(9_000))).await;
    let window = editor.window(&ann, &talk).await;
    let view = window.post("/view", &[]).await;
    let (_, button) = view
        .text()
        .split_once("name=\"message\" value=\"")
        .unwrap_or_else(|| panic!("{}", view.text()));
    let whole = window.post("/whole", &[("message", button.split_once('"').unwrap().0)]).await;
    assert_eq!(
        (whole.status.as_u16(), whole.header("content-type")),
        (200, Some("text/plain; charset=utf-8"))
    );
    assert!(whole.text().ends_with("<b>end"));
    for odd in ["", "x", "999999"] {
        assert_eq!(window.post("/whole", &[("message", odd)]).await.status, 404, "{odd}");
    }

    let lost =
        editor.fixture.message(talk.number, json!({"content": "On Friday."})).await["id"].clone();
    editor
        .fixture
        .patch(
            &format!("/conversations/{}/messages/{lost}", talk.number),
            json!({"status": "failed", "external_error": "503 <b>"}),
        )
        .await;
    let view = window.post("/view", &[]).await;
    assert!(
        view.text().contains("Not delivered: 503 &lt;b&gt;")
            && view.text().contains(&format!("value=\"retry {lost}\"")),
        "{}",
        view.text()
    );
    assert!(!window.act(&format!("retry {lost}")).await.text().contains("Not delivered"));
    for odd in ["retry", "retry x", "retry 999999"] {
        assert_eq!(window.act(odd).await.status, 404, "{odd}");
    }
}

#[tokio::test]
async fn unreadable_bodies_are_rejected() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let window = editor.window(&ann, &talk).await;
    let path = window.path("/messages");
    let own = form(&app, &path, &[("k", &window.token), ("content", "x")]);
    assert_eq!(own.clone().header("content-encoding", "gzip").send().await.status, 415);
    let large = "x".repeat(3 * 1_024 * 1_024);
    assert_eq!(window.post("/messages", &[("content", &large)]).await.status, 413);
    let broken = app
        .post(&path)
        .header("content-type", "multipart/form-data; boundary=b")
        .body("--b\r\n")
        .send()
        .await;
    assert_eq!(broken.status, 400);
    for rest in ["/act", "/view", "/part", "/messages", "/whole"] {
        assert_eq!(app.get(&window.path(rest)).send().await.status, 405, "{rest}");
    }
}

#[tokio::test]
async fn message_rate_limit_is_reported() {
    let app = TestApp::new().await;
    let editor = WindowFixture::new(&app).await;
    let ann = editor.agent("Ann").await;
    let talk = editor.conversation("Zoe", "Hello").await;
    let window = editor.window(&ann, &talk).await;
    let mut last = window.post("/messages", &[("content", "again")]).await;
    for _ in 0..250 {
        if last.status != 200 {
            break;
        }
        last = window.post_by_script("/messages", &[("content", "again")]).await;
    }
    assert_eq!(last.status, 429, "{}", last.text());
    assert!(last.header("retry-after").is_some());
}
