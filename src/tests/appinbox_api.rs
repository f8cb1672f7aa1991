//! The App Inbox compatibility API, as programs that read for one reader use it.

mod cross_origin;
mod disconnect;
mod errors;
mod list;
mod mobile;
mod status;
mod token;
mod token_rotation;

use crate::support::{Answer, Call, TestApp, TestSite};
use axum::http::Method;
use serde_json::{Value, json};

const LIST: &str = "/appinbox/v1/messages";
const COUNT: &str = "/appinbox/v1/messages/count";
const STATUS: &str = "/appinbox/v1/messages/status";

/// A client that stores the newest token.
pub struct ReaderClient<'a> {
    app: &'a TestApp,
    pub token: String,
}

impl<'a> ReaderClient<'a> {
    pub async fn new(app: &'a TestApp, site: &TestSite, external_id: &str) -> Self {
        Self { app, token: app.token(site, external_id).await }
    }

    /// Sends a request with the newest token and stores the next one.
    pub async fn send(&mut self, call: Call) -> Answer {
        let answer = call.header("ES-TOKEN", &self.token).send().await;
        if let Some(next) = answer.header("es-token") {
            assert_ne!(next, self.token);
            next.clone_into(&mut self.token);
        }
        answer
    }

    pub async fn get(&mut self, path: &str) -> Value {
        let call = self.app.get(path);
        self.send(call).await.expect(200)
    }

    pub async fn count(&mut self) -> u64 {
        self.get(COUNT).await["count"].as_u64().unwrap()
    }

    /// Marks messages as opened, and asserts an empty response.
    pub async fn open(&mut self, body: &Value) {
        let call = self.app.post(STATUS).json(body);
        let answer = self.send(call).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, ""));
    }

    pub async fn titles(&mut self, query: &str) -> Vec<String> {
        let list = self.get(&format!("{LIST}?{query}")).await;
        list["list"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| message["title"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Publishes to this contact and returns the message's id.
async fn publish(
    app: &TestApp,
    site: &TestSite,
    external_id: &str,
    title: &str,
    more: Value,
) -> String {
    let mut body = json!({"audience": {"contact": {"externalCustomerId": external_id}}, "content": {"en": {"title": title}}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let published =
        app.call(Method::POST, "/v1/messages").key(&site.key).json(&body).send().await.expect(201);
    published["id"].as_str().unwrap().to_owned()
}

/// A site with the reader `42`.
async fn shop(app: &TestApp) -> TestSite {
    let site = app.create_site().await;
    app.contact(&site, json!({"externalCustomerId": "42"})).await;
    site
}
