//! Reader actions: by script, by form, and their CSRF protection.

use super::{attribute, open, publish};
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn seen_is_not_read_and_read_counts_once() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let first = publish(&app, &site, json!("everyone"), "First").await;
    let second = publish(&app, &site, json!("everyone"), "Second").await;
    publish(&app, &site, json!("everyone"), "Third").await;
    let widget = open(&app, &site, "42").await;
    let counts = async |mark| {
        let body = widget.mark(&app, mark).await.expect(200);
        (body["unread"].as_u64().unwrap(), body["unseen"].as_u64().unwrap())
    };
    assert_eq!(counts(json!({ "seen": true })).await, (3, 0));
    assert_eq!(counts(json!({ "read": [first] })).await, (2, 0));
    assert_eq!(counts(json!({ "read": [first] })).await, (2, 0));
    assert_eq!(counts(json!({ "clicked": second })).await, (1, 0));
    assert_eq!(counts(json!({ "allRead": true })).await, (0, 0));
    publish(&app, &site, json!("everyone"), "Fourth").await;
    let body = widget.get(&app, "/counts").await.expect(200);
    assert_eq!((body["unread"].as_u64(), body["unseen"].as_u64()), (Some(1), Some(1)));
}

#[tokio::test]
async fn versions_only_increase() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let id = publish(&app, &site, json!("everyone"), "First").await;
    let widget = open(&app, &site, "42").await;
    let before = widget.get(&app, "/counts").await.expect(200)["version"].as_i64().unwrap();
    let marked =
        widget.mark(&app, json!({ "read": [id] })).await.expect(200)["version"].as_i64().unwrap();
    let same =
        widget.mark(&app, json!({ "read": [id] })).await.expect(200)["version"].as_i64().unwrap();
    assert!(before < marked);
    assert_eq!(marked, same, "nothing changed");
}

#[tokio::test]
async fn actions_on_invisible_messages_change_nothing() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "other" })).await;
    let theirs =
        publish(&app, &site, json!({ "contact": { "externalCustomerId": "other" } }), "Theirs")
            .await;
    let widget = open(&app, &site, "42").await;
    for id in [theirs.as_str(), "018f0000-0000-7000-8000-000000000000"] {
        let answer = widget.mark(&app, json!({ "read": [id] })).await;
        assert_eq!(answer.expect(200)["unread"], 0);
    }
    assert_eq!(
        open(&app, &site, "other").await.get(&app, "/counts").await.expect(200)["unread"],
        1
    );
}

#[tokio::test]
async fn invalid_actions_are_rejected() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let widget = open(&app, &site, "42").await;
    for odd in [
        json!({ "read": [] }),
        json!({ "read": ["x"] }),
        json!({ "seen": false }),
        json!({ "allRead": "now" }),
        json!({ "undoAllRead": true }),
        json!({ "archive": [] }),
        json!({ "clicked": [] }),
        json!({ "read": ["018f0000-0000-7000-8000-000000000000"], "archive": ["018f0000-0000-7000-8000-000000000000"] }),
        json!({}),
        json!([]),
        json!({ "read": vec!["018f0000-0000-7000-8000-000000000000"; 101] }),
    ] {
        assert_eq!(widget.mark(&app, odd.clone()).await.status, 400, "{odd}");
    }
}

#[tokio::test]
async fn form_action_redirects_to_the_page() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let id = publish(&app, &site, json!("everyone"), "First").await;
    publish(&app, &site, json!("everyone"), "Second").await;
    let widget = open(&app, &site, "42").await;
    let answer = widget
        .form(&app, &format!("do=read&of={id}&reader={}&language=uk&scheme=dark", widget.reader))
        .await;
    assert_eq!(answer.status, 303);
    let page = answer.header("location").unwrap();
    assert_eq!(
        page,
        format!("{}/page?reader={}&language=uk&scheme=dark", widget.base, widget.reader)
    );
    let response = app.get(page).header("cookie", &widget.cookie).send().await;
    assert!(response.text().contains("data-unread=\"1\""));
    assert_eq!(widget.form(&app, "do=allRead&of=now").await.status, 303);
    assert_eq!(widget.get(&app, "/counts").await.expect(200)["unread"], 0);
    for odd in [
        "do=read&of=nothing",
        "do=allRead&of=all",
        "do=allRead&of=",
        "do=undoAllRead&of=last",
        "do=seen&of=now",
        "do=sing&of=now",
        "do=allRead",
        "of=now",
        "language=en",
        "",
        &format!("do=read&do=archive&of={id}"),
        &format!("do=read&of={id}&of={id}"),
    ] {
        let refused = widget.form(&app, odd).await;
        assert_eq!(refused.status, 400, "{odd}");
        assert!(refused.text().contains("data-fault"), "readers are not shown JSON");
    }
}

/// The undo offered above the list, as form fields.
fn undo_token(html: &str) -> Option<String> {
    let (_, line) = html.split_once("id=\"undo\"").unwrap();
    let (line, _) = line.split_once("</form>").unwrap();
    let (tag, form) = line.split_once('>').unwrap();
    let (_, button) = form.split_once("<button").unwrap();
    (!tag.contains("hidden"))
        .then(|| format!("{} {}", attribute(button, "value"), attribute(form, "value")))
}

#[tokio::test]
async fn form_action_is_reported_and_can_be_undone() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    let id = publish(&app, &site, json!("everyone"), "First").await;
    let widget = open(&app, &site, "42").await;
    let press = async |body: String| {
        let answer = widget
            .form(
                &app,
                &format!(
                    "{body}&reader={}&language=en&scheme=auto&filter=unread&view=page",
                    widget.reader
                ),
            )
            .await;
        assert_eq!(answer.status, 303, "{body}: {}", answer.text());
        let location = answer.header("location").unwrap().to_owned();
        let kept = format!(
            "{}/page?reader={}&language=en&scheme=auto&filter=unread&view=page",
            widget.base, widget.reader
        );
        (location.strip_prefix(&kept).unwrap_or_else(|| panic!("{location}")).to_owned(), location)
    };
    let unread = async || widget.get(&app, "/counts").await.expect(200)["unread"].as_u64().unwrap();
    for (verb, back) in [("archive", "restore"), ("delete", "undelete")] {
        let (done, location) = press(format!("do={verb}&of={id}")).await;
        assert_eq!(done, format!("&done={verb}&of={id}"));
        let page = widget.get(&app, location.strip_prefix(&widget.base).unwrap()).await;
        assert_eq!(undo_token(page.text()), Some(format!("{back} {id}")));
        assert_eq!(unread().await, 0);
        assert_eq!(press(format!("do={back}&of={id}")).await.0, "");
        assert_eq!(unread().await, 1, "{verb}");
    }
    assert_eq!(press(format!("do=read&of={id}")).await.0, "");
    assert_eq!(press(format!("do=unread&of={id}")).await.0, "");
    let (done, _) = press("do=allRead&of=now".to_owned()).await;
    let number = done.strip_prefix("&done=allRead&of=").unwrap().to_owned();
    assert_eq!(press("do=allRead&of=now".to_owned()).await.0, "", "there was nothing to read");
    assert_eq!(unread().await, 0);
    for _ in 0..2 {
        assert_eq!(press(format!("do=undoAllRead&of={number}")).await.0, "");
        assert_eq!(unread().await, 1);
    }
    for odd in ["done=archive&of=x", "done=allRead&of=", "done=read&of=1", "done=archive", "of=1"] {
        let page = widget.get(&app, &format!("/page?{odd}")).await;
        assert_eq!(page.status, 200);
        assert_eq!(undo_token(page.text()), None, "{odd}");
    }
}

#[tokio::test]
async fn read_all_can_be_undone_until_the_next_one() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    app.contact(&site, json!({ "externalCustomerId": "42" })).await;
    publish(&app, &site, json!("everyone"), "First").await;
    let widget = open(&app, &site, "42").await;
    let shown = attribute(&widget.html, "data-position").parse::<i64>().unwrap();
    publish(&app, &site, json!("everyone"), "Second").await;
    let first = widget.mark(&app, json!({ "allRead": shown })).await.expect(200);
    assert_eq!((&first["unread"], &first["unseen"]), (&json!(1), &json!(1)), "later messages stay");
    assert_eq!(
        widget.mark(&app, json!({ "allRead": shown })).await.expect(200)["undo"],
        json!(null)
    );
    let second = widget.mark(&app, json!({ "allRead": true })).await.expect(200);
    let late = widget.mark(&app, json!({ "undoAllRead": first["undo"] })).await.expect(422);
    assert_eq!(
        (&late["status"], &late["message"]),
        (&json!(422), &json!("this can no longer be undone"))
    );
    let undone = widget.mark(&app, json!({ "undoAllRead": second["undo"] })).await.expect(200);
    assert_eq!(
        (&undone["unread"], &undone["unseen"], &undone["undo"]),
        (&json!(1), &json!(0), &json!(null))
    );
    assert_eq!(
        widget.mark(&app, json!({ "seen": shown })).await.expect(200)["version"],
        undone["version"],
        "it is already seen"
    );
}

#[tokio::test]
async fn cookie_writes_need_the_same_origin() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    let id = publish(&app, &site, json!("everyone"), "First").await;
    let widget = open(&app, &site, "42").await;
    let before = widget.get(&app, "/messages").await.expect(200);
    let plain = || app.post(&format!("{}/marks", widget.base)).header("cookie", &widget.cookie);
    let mut calls = vec![
        plain().json(&json!({ "seen": true })),
        plain().json(&json!({ "clicked": id })),
        plain().json(&json!({ "undoAllRead": 1 })),
    ];
    for action in ["read", "unread", "archive", "delete", "restore", "undelete"] {
        calls.push(plain().json(&json!({ action: [id] })));
        calls.push(
            plain()
                .header("content-type", "application/x-www-form-urlencoded")
                .body(format!("do={action}&of={id}")),
        );
    }
    calls.push(plain().json(&json!({ "allRead": true })));
    calls.push(
        plain()
            .header("content-type", "application/x-www-form-urlencoded")
            .body("do=allRead&of=now"),
    );
    calls.push(
        plain()
            .header("content-type", "application/x-www-form-urlencoded")
            .body("do=undoAllRead&of=1"),
    );
    let foreign: [&[(&str, &str)]; 6] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://shop.example")],
        &[("origin", "null")],
        &[("origin", "https://shop.example"), ("sec-fetch-site", "same-origin")],
    ];
    for headers in foreign {
        for call in &calls {
            let call =
                headers.iter().fold(call.clone(), |call, (name, value)| call.header(name, value));
            assert_eq!(call.send().await.status, 403, "{headers:?}");
        }
    }
    assert_eq!(widget.get(&app, "/messages").await.json(), before, "nothing changed");
    // With a proxy that adds `Referrer-Policy: no-referrer` to the document, its origin is "null".
    let hidden = plain()
        .header("origin", "null")
        .header("sec-fetch-site", "same-origin")
        .json(&json!({ "seen": true }));
    assert_eq!(hidden.send().await.status, 200);
    let bearer = app
        .post(&format!("{}/marks", widget.base))
        .header("authorization", &format!("Bearer {}", widget.bearer));
    assert_eq!(
        bearer.json(&json!({ "allRead": true })).send().await.status,
        200,
        "only our script can send a bearer token"
    );
}

#[tokio::test]
async fn get_requests_change_nothing() {
    let app = TestApp::new().await;
    let site = app.create_site().await;
    publish(&app, &site, json!("everyone"), "First").await;
    let widget = open(&app, &site, "42").await;
    let before = widget.get(&app, "/counts").await.expect(200);
    for path in ["", "/page", "/messages", "/counts", "/marks", "/session", "/ticket"] {
        widget.get(&app, path).await;
    }
    assert_eq!(widget.get(&app, "/counts").await.expect(200), before);
}
