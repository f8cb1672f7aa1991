//! The application under test: a complete Belfry with a reader who has a session.

use super::{
    Outcome,
    counted_app::{CountedApp, cookie, request},
};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use http_body_util::BodyExt as _;

/// A request, built before it is counted.
pub type Call = Request<Body>;

pub struct App {
    counted: CountedApp,
    pub site: String,
    pub key: String,
    /// The session cookie of a reader.
    pub cookie: String,
}

impl App {
    pub async fn prepare() -> Outcome<Self> {
        let app = CountedApp::start(1).await?;
        let cookie = session(&app).await?;
        Ok(Self { site: app.site.clone(), key: app.key.clone(), counted: app, cookie })
    }

    /// A JSON request of the site's backend.
    pub fn backend_request(
        &self,
        method: &str,
        path: &str,
        body: impl Into<Body>,
    ) -> Outcome<Call> {
        self.counted.backend_request(method, path, body)
    }

    /// Sends a request and reads the whole response.
    pub async fn send(&self, call: Call) -> Outcome<StatusCode> {
        let response = self.counted.send(call).await?;
        let status = response.status();
        response.into_body().collect().await?;
        Ok(status)
    }

    pub async fn close(self) {
        self.counted.close().await;
    }
}

async fn session(app: &CountedApp) -> Outcome<String> {
    let asked =
        app.backend_request("POST", "/v1/auth/contact/token", r#"{"externalCustomerId":"c0"}"#)?;
    let answer = app.send(asked).await?.into_body().collect().await?.to_bytes();
    let answer: serde_json::Value = serde_json::from_slice(&answer)?;
    let token = answer.get("token").and_then(serde_json::Value::as_str).ok_or("no token")?;
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://shop.example")];
    let response = app
        .send(request("POST", &format!("/embed/{}", app.site), &headers, format!("token={token}"))?)
        .await?;
    Ok(cookie(&response).ok_or("no cookie")?)
}
