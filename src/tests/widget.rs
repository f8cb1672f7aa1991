//! The widget's routes, through the router.

mod conversations;
mod delivery_receipts;
mod disconnect;
mod document;
mod events;
mod fairness;
mod install_log;
mod limits;
mod lists;
mod loader;
mod mutes;
mod preview;
mod reader_actions;
mod response_cache;
mod segments;
mod session;
mod standalone;
mod tenant_isolation;
mod themes;

use crate::support::{Answer, Call, PUBLIC_URL, TestApp, TestSite};
use axum::http::Method;
use serde_json::{Value, json};

/// A page that may embed the widget.
pub const SHOP: &str = "https://shop.example";

/// A reader with an open widget: the cookie, and the document's data for its scripts.
pub struct WidgetSession {
    pub base: String,
    pub cookie: String,
    pub reader: String,
    pub bearer: String,
    pub html: String,
}

impl WidgetSession {
    /// A request of the widget's own document.
    pub fn call(&self, app: &TestApp, method: Method, path: &str) -> Call {
        app.call(method, &format!("{}{path}", self.base))
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header("x-belfry-reader", &self.reader)
    }

    pub async fn get(&self, app: &TestApp, path: &str) -> Answer {
        self.call(app, Method::GET, path).send().await
    }

    /// A form of the widget's own document.
    pub async fn form(&self, app: &TestApp, body: &str) -> Answer {
        let call = app
            .post(&format!("{}/marks", self.base))
            .header("cookie", &self.cookie)
            .header("origin", widget_origin());
        call.header("content-type", "application/x-www-form-urlencoded")
            .body(body.to_owned())
            .send()
            .await
    }

    pub async fn mark(&self, app: &TestApp, mark: Value) -> Answer {
        self.call(app, Method::POST, "/marks").json(&mark).send().await
    }
}

/// Requests a contact token, as the site's backend does.
pub async fn token(app: &TestApp, site: &TestSite, customer: &str) -> String {
    let answer = app
        .post("/v1/auth/contact/token")
        .key(&site.key)
        .json(&json!({ "externalCustomerId": customer }))
        .send()
        .await;
    answer.expect(200)["token"].as_str().unwrap().to_owned()
}

/// Posts the form of the loader.
pub async fn post_token(
    app: &TestApp,
    site: &TestSite,
    token: &str,
    origin: Option<&str>,
) -> Answer {
    post_form(app, site, token, origin).send().await
}

/// The same, to be sent later.
pub fn post_form(app: &TestApp, site: &TestSite, token: &str, origin: Option<&str>) -> Call {
    let call = app
        .post(&format!("/embed/{}", site.site.id))
        .header("content-type", "application/x-www-form-urlencoded");
    let call = origin.into_iter().fold(call, |call, origin| call.header("origin", origin));
    call.body(format!("token={token}&language=en&scheme=auto"))
}

/// Publishes a message over the API; returns its id.
pub async fn publish(app: &TestApp, site: &TestSite, audience: Value, title: &str) -> String {
    let body =
        json!({ "audience": audience, "content": { "en": { "title": title, "body": "*Hello*" } } });
    app.post("/v1/messages").key(&site.key).json(&body).send().await.expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Signs in a known customer.
pub async fn open(app: &TestApp, site: &TestSite, customer: &str) -> WidgetSession {
    app.contact(site, json!({ "externalCustomerId": customer })).await;
    let token = token(app, site, customer).await;
    let answer = post_token(app, site, &token, Some(SHOP)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let set = answer.header("set-cookie").unwrap().to_owned();
    let html = answer.text().to_owned();
    WidgetSession {
        base: format!("/embed/{}", site.site.id),
        cookie: set.split(';').next().unwrap().to_owned(),
        reader: attribute(&html, "data-reader"),
        bearer: attribute(&html, "data-bearer"),
        html,
    }
}

/// The first value of an attribute in HTML.
pub fn attribute(html: &str, name: &str) -> String {
    let start =
        html.find(&format!("{name}=\"")).unwrap_or_else(|| panic!("{name} is missing in {html}"))
            + name.len()
            + 2;
    html[start..].split('"').next().unwrap().to_owned()
}

/// The widget's own origin, for requests of its document.
pub fn widget_origin() -> &'static str {
    PUBLIC_URL
}
