//! The activities of a site that affect others: of each kind the most expensive one that its
//! credentials allow.

use super::super::{by_reader, with_key};
use crate::{
    Outcome,
    client::{Call, Connection},
    fixtures::Fixture,
};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Readers of the site that take turns.
const READERS: usize = 200;
/// Contacts that one message names: as many as fit into the largest body.
const NAMED_CONTACTS: usize = 5_000;
/// Contacts of one import, and bytes of each.
const IMPORT_SIZE: (usize, usize) = (3_000, 2_400);
/// Webhook endpoints.
const ENDPOINTS: usize = 10;

/// Requests that are sent in turn, repeatedly.
pub struct Activity {
    pub name: &'static str,
    pub calls: Vec<Call>,
}

/// The kind of an activity.
#[derive(Clone, Copy)]
pub enum Kind {
    Reports,
    Tokens,
    Readers,
    Themes,
    Contacts,
    Publishes,
    Named,
    Imports,
    Segments,
    Webhooks,
}

impl Kind {
    /// The setup of an activity stays for later ones, so those that make all later reader requests
    /// more expensive come last.
    pub const ALL: [Self; 10] = [
        Self::Reports,
        Self::Tokens,
        Self::Readers,
        Self::Themes,
        Self::Contacts,
        Self::Publishes,
        Self::Named,
        Self::Imports,
        Self::Segments,
        Self::Webhooks,
    ];

    pub async fn prepare(
        self,
        stock: &Fixture,
        connection: &mut Connection,
        receiver: SocketAddr,
    ) -> Outcome<Activity> {
        let mut hostile = NoisySite { stock, connection };
        Ok(match self {
            Self::Reports => hostile.reports()?,
            Self::Tokens => hostile.tokens().await?,
            Self::Readers => hostile.readers()?,
            Self::Themes => hostile.themes(),
            Self::Contacts => hostile.upserts(),
            Self::Publishes => hostile.publishes(),
            Self::Named => hostile.named(),
            Self::Imports => hostile.imports(),
            Self::Segments => hostile.segments().await?,
            Self::Webhooks => hostile.webhooks(receiver).await?,
        })
    }
}

struct NoisySite<'a> {
    stock: &'a Fixture,
    connection: &'a mut Connection,
}

/// Calls of each kind in a mixture.
const MIXED: usize = 12;

/// The first call of each list, the second of each, and so on; short lists are repeated.
pub fn mixture(lists: &[Vec<Call>]) -> Vec<Call> {
    let some: Vec<Vec<Call>> = lists
        .iter()
        .map(|list| list.iter().step_by(list.len().div_ceil(MIXED)).cloned().collect())
        .collect();
    mixed(&some)
}

/// The first call of each list, the second of each, up to the end of the longest.
fn mixed(lists: &[Vec<Call>]) -> Vec<Call> {
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest)
        .flat_map(|number| {
            lists.iter().filter_map(move |list| list.get(number % list.len().max(1)))
        })
        .cloned()
        .collect()
}

impl NoisySite<'_> {
    async fn send(&mut self, call: Call, status: u16) -> Outcome<Value> {
        let answer = self.connection.send(&call).await?.expect(status)?;
        Ok(serde_json::from_slice(&answer.body)?)
    }

    fn post(&self, path: &str, body: &Value) -> Call {
        with_key(Call::post(path, "application/json", body.to_string()), self.stock)
    }

    fn get(&self, path: &str) -> Call {
        with_key(Call::get(path), self.stock)
    }

    /// These bodies as marks of each reader.
    fn marks(&self, bodies: &[Value]) -> Vec<Call> {
        let path = format!("/embed/{}/marks", self.stock.site);
        let mark = |cookie: &String, body: &Value| {
            by_reader(Call::post(path.as_str(), "application/json", body.to_string()), cookie)
        };
        self.stock
            .cookies
            .iter()
            .take(READERS)
            .flat_map(|cookie| bodies.iter().map(move |body| mark(cookie, body)))
            .collect()
    }

    fn lists(&self) -> Vec<Call> {
        let path = format!("/embed/{}/messages?language=en", self.stock.site);
        self.stock
            .cookies
            .iter()
            .take(READERS)
            .map(|cookie| by_reader(Call::get(path.as_str()), cookie))
            .collect()
    }

    fn publishes(&self) -> Activity {
        let text = "*a* **b** `c` [d](https://shop.example/?a=b&c=d) & < > {{firstName|you}}\n\n- e\n- f\n\n";
        let body: String = text.chars().cycle().take(9_900).collect();
        let message = json!({ "audience": "everyone", "content": { "en": { "title": "For all", "body": body } } });
        Activity {
            name: "publishes of long messages to everyone",
            calls: vec![self.post("/v1/messages", &message)],
        }
    }

    fn readers(&self) -> Result<Activity, &'static str> {
        let first = self.stock.broadcasts().next().ok_or("no message")?;
        let marks = self.marks(&[json!({ "unread": [first] }), json!({ "allRead": true })]);
        let tickets = self.stock.cookies.iter().take(READERS);
        let tickets = tickets.map(|cookie| {
            by_reader(
                Call::post(format!("/embed/{}/ticket", self.stock.site), "application/json", "{}"),
                cookie,
            )
        });
        Ok(Activity {
            name: "lists, marks and tickets of its readers",
            calls: mixed(&[self.lists(), marks, tickets.collect()]),
        })
    }

    /// Each list and each mark evaluates a hundred segments of a hundred conditions, while the
    /// contacts' attributes change all the time.
    async fn segments(&mut self) -> Outcome<Activity> {
        let mut publishes = Vec::new();
        for number in 0..100 {
            let values: Vec<_> = (0..99)
                .map(|value| json!({ "attribute": "a", "equals": format!("{number} {value}") }))
                .collect();
            let segment = json!({ "name": format!("s{number}"), "condition": { "any": values } });
            let response = self.send(self.post("/v1/segments", &segment), 201).await?;
            let content = json!({ "en": { "title": "To some" } });
            publishes.push(self.post(
                "/v1/messages",
                &json!({ "audience": { "segment": response.get("id") }, "content": content }),
            ));
        }
        for publish in &publishes {
            self.send(publish.clone(), 201).await?;
        }
        let calls = mixed(&[
            publishes,
            self.lists(),
            self.marks(&[json!({ "seen": true })]),
            self.upserts().calls,
        ]);
        Ok(Activity { name: "messages to a hundred costly segments, and their readers", calls })
    }

    fn upserts(&self) -> Activity {
        let contact = |number: usize| {
            let attributes = json!({ "a": format!("{number}{}", "y".repeat(15_000)) });
            self.post("/v1/contact", &json!({ "externalCustomerId": format!("c{:08}", number % 100 + 1), "attributes": attributes }))
        };
        Activity { name: "contacts with long attributes", calls: (0..150).map(contact).collect() }
    }

    /// Token calls, and exchanges of one token for one session after another.
    async fn tokens(&mut self) -> Outcome<Activity> {
        let call = |number: usize| json!({ "externalCustomerId": format!("c{number:08}") });
        // A reader whose sessions aren't used elsewhere, because its oldest sessions are ended.
        let issued =
            self.send(self.post("/v1/auth/contact/token", &call(READERS + 100)), 200).await?;
        let token = issued.get("token").and_then(Value::as_str).ok_or("no token")?;
        let exchange = Call::post(
            format!("/embed/{}", self.stock.site),
            "application/x-www-form-urlencoded",
            format!("token={token}"),
        );
        let calls =
            (1..1_000).map(|number| self.post("/v1/auth/contact/token", &call(number))).collect();
        let calls = mixed(&[calls, vec![exchange.header("origin", "https://shop.example")]]);
        Ok(Activity { name: "token calls and exchanges", calls })
    }

    fn named(&self) -> Activity {
        let contacts: Vec<_> = (1..=NAMED_CONTACTS).map(|number| json!({ "id": number })).collect();
        let message = json!({ "audience": { "contacts": contacts }, "content": { "en": { "title": "To you" } } });
        Activity {
            name: "messages to five thousand named contacts",
            calls: vec![self.post("/v1/messages", &message)],
        }
    }

    fn reports(&self) -> Result<Activity, &'static str> {
        let first = self.stock.broadcasts().next().ok_or("no message")?;
        let preview =
            json!({ "audience": "everyone", "content": { "en": { "title": "Preview" } } });
        let calls = vec![
            self.get(&format!("/v1/messages/{first}/stats?by=segment")),
            self.get("/v1/messages?q=nowhere&limit=100"),
            self.post("/v1/messages/preview", &preview),
            self.get("/v1/messages?limit=100"),
            self.get("/v1/segments"),
        ];
        Ok(Activity { name: "statistics, searches and previews", calls })
    }

    fn themes(&self) -> Activity {
        let sheet = |number: usize| {
            let rules: Vec<_> = (0..1_500)
                .map(|rule| format!(".title {{ color: #{:06x} }}", rule * 100 + number))
                .collect();
            let rules = rules.join("\n");
            let part = format!(
                "--b\r\nContent-Disposition: form-data; name=\"css\"; filename=\"a.css\"\r\n\r\n{rules}\r\n--b--\r\n"
            );
            let call = Call {
                method: "PUT".to_owned(),
                ..Call::post("/v1/themes/draft", "multipart/form-data; boundary=b", part)
            };
            with_key(call, self.stock)
        };
        Activity { name: "themes", calls: (0..20).map(sheet).collect() }
    }

    fn imports(&self) -> Activity {
        let import = |number: usize| {
            let (count, bytes) = IMPORT_SIZE;
            let text = "z".repeat(bytes);
            let contact = |row: usize| json!({ "externalCustomerId": format!("i{number} {row}"), "fields": [{ "id": "f", "value": text }] });
            self.post(
                "/v1/imports",
                &json!({ "contacts": (0..count).map(contact).collect::<Vec<_>>() }),
            )
        };
        Activity { name: "imports", calls: (0..3).map(import).collect() }
    }

    /// All actions of its readers are posted to ten slow endpoints.
    async fn webhooks(&mut self, receiver: SocketAddr) -> Outcome<Activity> {
        for number in 0..ENDPOINTS {
            let events = ["message.read", "message.seen", "message.delivered", "contact.created"];
            let endpoint =
                json!({ "url": format!("http://{receiver}/{number}"), "events": events });
            self.send(self.post("/v1/webhooks", &endpoint), 201).await?;
        }
        let first = self.stock.broadcasts().next().ok_or("no message")?;
        let marks = self.marks(&[json!({ "unread": [first] }), json!({ "read": [first] })]);
        Ok(Activity { name: "webhooks to slow receivers", calls: marks })
    }
}
