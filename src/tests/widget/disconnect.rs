//! Readers who disconnect at any moment: each action is atomic. Every route of the widget that
//! writes needs requests here; a missing one fails the test with its path.

use super::{WidgetSession, open, post_form, publish, token, widget_origin};
use crate::{
    api::mutes::name_categories,
    disconnect::{AtomicityChecker, Retry, answered_by, between_steps},
    support::{Call, TestApp},
    tenant_isolation::routes::{self, Surface},
};
use axum::http::Method;
use belfry_domain::{MessageId, ReaderAction};
use serde_json::json;

/// The actions of a route that has several.
fn acts(route: &str) -> &'static [&'static str] {
    match route {
        "/embed/{site}/marks" => {
            &["read", "unread", "archive", "delete", "clicked", "seen", "allRead", "form"]
        }
        "/embed/{site}/session" => &["renew", "again"],
        "/embed/{site}/conversations" => &["do=send&content=Hello"],
        _ => &[""],
    }
}

/// A reader of a new site, with a message that arrived after the widget was opened.
async fn reader(app: &TestApp) -> (WidgetSession, String, String) {
    let site = app.create_site().await;
    name_categories(app, &site).await;
    super::conversations::add_tab(app, &site).await;
    let widget = open(app, &site, "42").await;
    let message = publish(app, &site, json!("everyone"), "Hello").await;
    (widget, message, token(app, &site, "42").await)
}

/// A request of this route that changes data.
async fn request(app: &TestApp, route: &str, act: &str) -> Option<Call> {
    if route == "/embed/{site}" {
        let site = app.create_site().await;
        app.contact(&site, json!({"externalCustomerId": "42"})).await;
        return Some(post_form(app, &site, &token(app, &site, "42").await, Some(super::SHOP)));
    }
    let (widget, message, token) = reader(app).await;
    let json = |body| widget.call(app, Method::POST, &route["/embed/{site}".len()..]).json(&body);
    let form = |body: &str| {
        let call = app
            .post(&format!("{}{}", widget.base, &route["/embed/{site}".len()..]))
            .header("cookie", &widget.cookie);
        call.header("origin", widget_origin())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.to_owned())
    };
    Some(match (route, act) {
        ("/embed/{site}/marks", "form") => {
            form(&format!("do=allRead&of=now&reader={}", widget.reader))
        }
        ("/embed/{site}/marks", "clicked") => json(json!({"clicked": message})),
        ("/embed/{site}/marks", "seen" | "allRead") => json(json!({act: true})),
        ("/embed/{site}/marks", "unread") => {
            widget.mark(app, json!({"read": [message]})).await.expect(200);
            json(json!({"unread": [message]}))
        }
        ("/embed/{site}/marks", _) => json(json!({act: [message]})),
        ("/embed/{site}/conversations", act) => form(act),
        ("/embed/{site}/preferences", _) => form("do=save&of=news&of=offers&show=offers"),
        ("/embed/{site}/session", "again") => {
            json(json!({"token": token})).send().await.expect(200);
            json(json!({"token": token}))
        }
        ("/embed/{site}/session", _) => json(json!({"token": token})),
        ("/embed/{site}/leave", _) => form(""),
        _ => return None,
    })
}

#[tokio::test]
async fn each_reader_action_is_atomic() {
    // Checks all routes, so that one run reports every failure.
    let mut failed = Vec::new();
    let routes = routes::all()
        .into_iter()
        .filter(|route| route.surface == Surface::Widget && !route.listed.is_read_only());
    let taking: Vec<String> = routes.map(|route| route.path).collect();
    assert!(taking.len() >= 5, "{taking:?}");
    for route in taking {
        for act in acts(&route) {
            let app = TestApp::new().await;
            let name = format!("{route} {act}");
            let prepare = async |_| {
                request(&app, &route, act)
                    .await
                    .unwrap_or_else(|| panic!("{name} has no request here"))
            };
            let mut watched = AtomicityChecker::new(&app).await;
            if let Err(fault) = watched.check_atomic(&name, Retry::Never, prepare).await {
                failed.push(fault);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn action_stored_per_message_is_detected() {
    let app = TestApp::new().await;
    let request = async |at_once: bool| {
        let site = app.create_site().await;
        app.contact(&site, json!({"externalCustomerId": "42"})).await;
        let token = app.token(&site, "42").await;
        let one: MessageId = publish(&app, &site, json!("everyone"), "One").await.parse().unwrap();
        let other: MessageId =
            publish(&app, &site, json!("everyone"), "Other").await.parse().unwrap();
        let (reader, _) = app.app.rotate_token(site.site.id, &token).await.unwrap();
        let inbox = app.app.clone();
        answered_by(move |_| async move {
            let marks = if at_once { vec![vec![one, other]] } else { vec![vec![one], vec![other]] };
            for ids in marks {
                inbox.apply_reader_action(&reader, &ReaderAction::Read(ids)).await.unwrap();
                between_steps().await;
            }
        })
    };
    AtomicityChecker::new(&app)
        .await
        .query(
            "half done",
            Retry::Never,
            async |_| request(false).await,
            async |_| request(true).await,
        )
        .await;
}
