//! A site with readers whose sessions last for the whole test, and helpers that send requests.

use super::history::{Action, History, Outcome};
use crate::server::{
    process::{Answer, DataDir, Server, ask},
    shutdown::bearer,
};
use serde_json::{Value, json};
use std::net::SocketAddr;

pub const READERS: usize = 3;
/// Contacts that a broadcast names beside its reader: several batches of the fan-out.
pub const BROADCAST_CONTACTS: usize = 200;
/// Prefix of a broadcast's title.
pub const BROADCAST_PREFIX: &str = "crowd";

/// Prefix of the title of a message that begins later than it is accepted.
pub const SCHEDULED_PREFIX: &str = "later";

const JSON: &str = "content-type: application/json";

pub struct FaultFixture {
    pub site: String,
    pub key: String,
    /// A bearer token of each reader.
    pub bearers: Vec<String>,
    pub history: History,
}

impl FaultFixture {
    pub fn open(home: &DataDir, server: &Server) -> Self {
        let (site, key) = home.site();
        let bearers = (0..READERS).map(|reader| {
            let name = Self::reader(reader);
            home.json(
                &["contact", "upsert", &site],
                &format!(r#"{{"externalCustomerId":"{name}"}}"#),
            );
            bearer(server, &site, &key, &name)
        });
        let bearers = bearers.collect();
        for number in 0..BROADCAST_CONTACTS {
            let (body, authorization) = (
                json!({ "externalCustomerId": Self::crowd(number) }).to_string(),
                format!("authorization: Bearer {key}"),
            );
            let stored =
                ask(server.address, "POST", "/v1/contact", &[&authorization, JSON], &body).unwrap();
            assert!(stored.status < 300, "{}", String::from_utf8_lossy(&stored.body));
        }
        Self { site, key, bearers, history: History::default() }
    }

    /// The external id of a reader.
    pub fn reader(reader: usize) -> String {
        format!("reader-{reader}")
    }

    /// The external id of a contact without a session.
    fn crowd(number: usize) -> String {
        format!("{BROADCAST_PREFIX}-{number}")
    }

    pub fn authorization(&self) -> String {
        format!("authorization: Bearer {}", self.key)
    }

    pub fn as_reader(
        &self,
        address: SocketAddr,
        reader: usize,
        method: &str,
        path: &str,
        body: &str,
    ) -> Option<Answer> {
        let authorization = format!("authorization: Bearer {}", self.bearers[reader]);
        ask(address, method, &format!("/embed/{}/{path}", self.site), &[&authorization, JSON], body)
    }

    /// Sends a backend's request, with an optional `Idempotency-Key`.
    pub fn as_backend(
        &self,
        address: SocketAddr,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: &str,
    ) -> Option<Answer> {
        let (authorization, key) =
            (self.authorization(), key.map(|key| format!("idempotency-key: {key}")));
        let mut headers = vec![&*authorization, JSON];
        headers.extend(key.as_deref());
        ask(address, method, &format!("/v1/{path}"), &headers, body)
    }

    /// Publishes a message to everyone.
    pub fn publish(&self, address: SocketAddr, title: &str) -> Option<Answer> {
        self.as_backend(address, "POST", "messages", None, &message(title, None))
    }

    /// The same, which must be acknowledged. `more` are further members of the body.
    /// Returns its id.
    pub fn publish_acknowledged(&self, address: SocketAddr, title: &str, more: &Value) -> String {
        let mut body: Value = serde_json::from_str(&message(title, None)).unwrap();
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let begun = self.history.begin();
        let answer = self
            .as_backend(address, "POST", "messages", None, &body.to_string())
            .expect("an answer");
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let what = Action::Publish { title: title.to_owned(), to: None };
        self.history.end(begun, what, Outcome::Done(id.clone()));
        id
    }

    /// The HTML of the newest messages of a reader. `None` when it is not answered.
    pub fn list(&self, address: SocketAddr, reader: usize) -> Option<String> {
        let answer = self.as_reader(address, reader, "GET", "messages?filter=all", "")?;
        (answer.status == 200).then(|| answer.json()["html"].as_str().unwrap().to_owned())
    }

    pub fn upload_theme(&self, address: SocketAddr, css: &str) -> Option<Answer> {
        let form = format!(
            "--b\r\nContent-Disposition: form-data; name=\"css\"; filename=\"theme.css\"\r\n\r\n{css}\r\n--b--\r\n"
        );
        ask(
            address,
            "PUT",
            "/v1/themes/draft",
            &[&self.authorization(), "content-type: multipart/form-data; boundary=b"],
            &form,
        )
    }
}

/// The body of a broadcast to a reader and many contacts.
pub fn message_to_crowd(title: &str, reader: usize) -> String {
    let named = std::iter::once(FaultFixture::reader(reader))
        .chain((0..BROADCAST_CONTACTS).map(FaultFixture::crowd));
    let contacts: Vec<_> = named.map(|name| json!({ "externalCustomerId": name })).collect();
    json!({ "audience": { "contacts": contacts }, "content": { "en": { "title": title } } })
        .to_string()
}

/// The body of a publish.
pub fn message(title: &str, to: Option<usize>) -> String {
    let audience = to.map_or("\"everyone\"".to_owned(), |reader| {
        format!(r#"{{"contact":{{"externalCustomerId":"{}"}}}}"#, FaultFixture::reader(reader))
    });
    format!(r#"{{"audience":{audience},"content":{{"en":{{"title":"{title}"}}}}}}"#)
}
