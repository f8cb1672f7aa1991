//! A complete Belfry in this process, with a site and readers who have messages.

use super::{
    Outcome,
    counted_app::{CountedApp, cookie, request},
};
use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode},
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

/// Number of readers; successive calls are made by different readers.
pub const READERS: usize = 130;
/// Stored messages to everyone.
const BROADCASTS: usize = 30;

/// The application under test.
pub struct App {
    counted: CountedApp,
    pub site: String,
    /// An unused contact token of each reader.
    pub tokens: Vec<String>,
    /// The session cookie of each reader.
    pub cookies: Vec<String>,
    /// Ids of the stored messages, the oldest first.
    pub messages: Vec<String>,
}

/// A response with its whole body.
pub struct Answer {
    pub body: Bytes,
    cookie: Option<String>,
}

impl App {
    pub async fn prepare() -> Outcome<Self> {
        let app = CountedApp::start(READERS).await?;
        let mut app = Self {
            site: app.site.clone(),
            counted: app,
            tokens: Vec::new(),
            cookies: Vec::new(),
            messages: Vec::new(),
        };
        for number in 0..BROADCASTS {
            let id = app.publish(&json!("everyone"), number).await?;
            app.messages.push(id);
        }
        for number in 0..READERS {
            app.publish(
                &json!({ "contact": { "externalCustomerId": format!("c{number}") } }),
                number,
            )
            .await?;
            let token = app.token(number).await?;
            app.tokens.push(token);
            let token = app.token(number).await?;
            let cookie = app.document(&token).await?.cookie.ok_or("a document without a cookie")?;
            app.cookies.push(cookie);
        }
        Ok(app)
    }

    pub async fn close(self) {
        self.counted.close().await;
    }

    /// Requests a contact token, as the site's backend does.
    pub async fn token(&self, reader: usize) -> Outcome<String> {
        let body = json!({ "externalCustomerId": format!("c{reader}") }).to_string();
        let answer = self.backend_request("/v1/auth/contact/token", body).await?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        Ok(answer.get("token").and_then(Value::as_str).ok_or("no token")?.to_owned())
    }

    /// Exchanges a token for a session and the document with the reader's inbox.
    pub async fn document(&self, token: &str) -> Outcome<Answer> {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "https://shop.example"),
            ("accept-encoding", "gzip, deflate, br"),
        ];
        self.send(
            "POST",
            &format!("/embed/{}", self.site),
            &headers,
            format!("token={token}&language=en&scheme=auto"),
        )
        .await
    }

    /// Publishes a message; returns its id.
    pub async fn publish(&self, audience: &Value, number: usize) -> Outcome<String> {
        let content = json!({ "en": { "title": format!("Message {number:06}"), "body": "It is *here*. [Look](https://shop.example/new)." } });
        let answer = self
            .backend_request(
                "/v1/messages",
                json!({ "audience": audience, "content": content }).to_string(),
            )
            .await?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        Ok(answer.get("id").and_then(Value::as_str).ok_or("a message without an id")?.to_owned())
    }

    /// A request of a reader's document.
    pub async fn reader_request(
        &self,
        method: &str,
        path: &str,
        reader: usize,
        body: String,
    ) -> Outcome<Answer> {
        let cookie = self.cookies.get(reader % READERS).ok_or("no such reader")?;
        let headers = [
            ("cookie", cookie.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/json"),
        ];
        self.send(method, &format!("/embed/{}{path}", self.site), &headers, body).await
    }

    /// Opens an event stream of a reader, without reading it.
    pub async fn stream(&self, reader: usize) -> Outcome<axum::body::BodyDataStream> {
        let cookie = self.cookies.get(reader % READERS).ok_or("no such reader")?;
        let path = format!("/embed/{}/events?language=en&since={}", self.site, i64::MAX);
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
        let response = self.counted.send(request("GET", &path, &headers, String::new())?).await?;
        if response.status() != StatusCode::OK {
            return Err(format!("a stream was answered with {}", response.status()).into());
        }
        Ok(response.into_body().into_data_stream())
    }

    async fn backend_request(&self, path: &str, body: String) -> Outcome<Answer> {
        self.respond(self.counted.backend_request("POST", path, body)?).await
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Outcome<Answer> {
        self.respond(request(method, path, headers, body)?).await
    }

    async fn respond(&self, request: Request<Body>) -> Outcome<Answer> {
        let asked = format!("{} {}", request.method(), request.uri());
        let response = self.counted.send(request).await?;
        let (status, cookie) = (response.status(), cookie(&response));
        let body = response.into_body().collect().await?.to_bytes();
        if status.is_success() {
            Ok(Answer { body, cookie })
        } else {
            Err(format!("{asked} was answered with {status}: {body:?}").into())
        }
    }
}
