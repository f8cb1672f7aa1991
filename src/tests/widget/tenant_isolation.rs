//! Isolation of readers and sites: every route, with a foreign credential.

use super::{open, publish, token};
use crate::support::{Call, TestApp};
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn session_is_valid_for_its_own_site_only() {
    let app = TestApp::new().await;
    let (ours, theirs) = (app.create_site().await, app.create_site().await);
    app.contact(&theirs, json!({ "externalCustomerId": "42" })).await;
    let message = publish(&app, &theirs, json!("everyone"), "Theirs").await;
    let widget = open(&app, &ours, "42").await;
    let victim = open(&app, &theirs, "42").await;
    let secret = widget.cookie.split_once('=').unwrap().1;
    let name = victim.cookie.split_once('=').unwrap().0;
    let routes: [(Method, &str, Option<serde_json::Value>); 6] = [
        (Method::GET, "/page", None),
        (Method::GET, "/messages", None),
        (Method::GET, "/counts", None),
        (Method::GET, "/events", None),
        (Method::POST, "/marks", Some(json!({ "read": [message] }))),
        (Method::POST, "/ticket", Some(json!({}))),
    ];
    for (method, path, body) in routes {
        let call = || {
            let call = app
                .call(method.clone(), &format!("{}{path}", victim.base))
                .header("sec-fetch-site", "same-origin");
            body.iter().fold(call, Call::json)
        };
        let proofs = [
            ("cookie", widget.cookie.clone()),
            ("cookie", format!("{name}={secret}")),
            ("authorization", format!("Bearer {}", widget.bearer)),
            ("authorization", format!("Bearer {}", ours.key)),
        ];
        for (header, value) in proofs {
            let answer = call().header(header, &value).send().await;
            assert_eq!(answer.status, 401, "{method} {path} with {header}");
            assert!(!answer.text().contains("Theirs"));
        }
    }
    let foreign = victim
        .call(&app, Method::POST, "/session")
        .json(&json!({ "token": token(&app, &ours, "42").await }))
        .send()
        .await;
    assert_eq!(foreign.status, 401);
    assert_eq!(victim.get(&app, "/counts").await.expect(200)["unread"], 1);
}

#[tokio::test]
async fn no_action_reaches_foreign_messages() {
    let app = TestApp::new().await;
    let (site, elsewhere) = (app.create_site().await, app.create_site().await);
    let (anna, olena) = (open(&app, &site, "anna").await, open(&app, &site, "olena").await);
    let stranger = open(&app, &elsewhere, "anna").await;
    let shared = publish(&app, &site, json!("everyone"), "Shared").await;
    let theirs =
        publish(&app, &site, json!({ "contact": { "externalCustomerId": "olena" } }), "For Olena")
            .await;
    let before = olena.get(&app, "/messages").await.json();
    for action in ["read", "unread", "archive", "delete", "restore", "undelete"] {
        for (reader, id) in
            [(&anna, &theirs), (&anna, &shared), (&stranger, &theirs), (&stranger, &shared)]
        {
            let answer = reader.mark(&app, json!({ action: [id] })).await;
            assert!(!answer.text().contains("Olena"));
            answer.expect(200);
            assert_eq!(reader.form(&app, &format!("do={action}&of={id}")).await.status, 303);
        }
    }
    let undo = anna.mark(&app, json!({ "allRead": true })).await.json()["undo"].clone();
    for mark in [json!({ "clicked": theirs }), json!({ "undoAllRead": undo })] {
        stranger.mark(&app, mark).await;
    }
    assert_eq!(olena.mark(&app, json!({ "undoAllRead": undo })).await.status, 422, "it is Anna's");
    assert_eq!(olena.get(&app, "/messages").await.json(), before);
    for filter in ["all", "unread", "archived"] {
        assert!(
            !anna
                .get(&app, &format!("/messages?filter={filter}"))
                .await
                .text()
                .contains("For Olena"),
            "{filter}"
        );
        assert!(
            !stranger
                .get(&app, &format!("/messages?filter={filter}"))
                .await
                .text()
                .contains("Shared"),
            "{filter}"
        );
    }
}

#[tokio::test]
async fn stream_ticket_works_once_on_its_own_site() {
    let app = TestApp::new().await;
    let (site, other) = (app.create_site().await, app.create_site().await);
    let widget = open(&app, &site, "42").await;
    let ticket = async || {
        widget.call(&app, Method::POST, "/ticket").json(&json!({})).send().await.expect(200)["ticket"].as_str().unwrap().to_owned()
    };
    let first = ticket().await;
    let elsewhere =
        app.get(&format!("/embed/{}/events?ticket={first}", other.site.id)).send().await;
    assert_eq!(elsewhere.status, 401);
    let spent = app.get(&format!("{}/events?ticket={first}", widget.base)).send().await;
    assert_eq!(spent.status, 401, "a used ticket is invalid");
}
