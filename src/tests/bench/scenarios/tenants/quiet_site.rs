//! A site whose readers arrive at a steady pace: each gets a token, opens the inbox, requests the
//! list, marks it as read, and is sent a message.

use super::super::by_reader;
use crate::{
    Outcome,
    client::{Call, Connection},
    fixtures::Fixture,
};
use belfry::server::open_app;
use belfry_domain::{EventSink, InboxEvent, InsertPosition, Language, SiteDraft};
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Readers; they take turns, so that none exceeds its rate limit.
const READERS: usize = 10;
/// Interval between the starts of two visits.
const REQUEST_INTERVAL: Duration = Duration::from_millis(40);
/// The requests of a visit.
pub const KINDS: [&str; 5] = ["token call", "document", "list", "mark", "publish"];

struct NoopSink;

impl EventSink for NoopSink {
    fn publish(&self, _: InboxEvent) {}
}

/// Latencies in microseconds, by kind.
#[derive(Default)]
pub struct Times(pub [Vec<u64>; KINDS.len()]);

impl Times {
    pub fn add(&mut self, other: Self) {
        for (times, more) in self.0.iter_mut().zip(other.0) {
            times.extend(more);
        }
    }

    fn keep(&mut self, kind: usize, began: Instant) -> Outcome<()> {
        let micros = u64::try_from(began.elapsed().as_micros())?;
        self.0.get_mut(kind).ok_or("no such kind")?.push(micros);
        Ok(())
    }
}

pub struct QuietSite {
    site: String,
    key: String,
    published: usize,
}

impl QuietSite {
    /// Creates the site in a database that already has one.
    pub async fn site(stock: &Fixture) -> Outcome<(String, String)> {
        let (inbox, store) =
            open_app(&format!("sqlite://{}", stock.file.display()), Arc::new(NoopSink)).await?;
        let draft = SiteDraft::new(
            "Quiet",
            vec!["https://shop.example".parse()?],
            "#bell",
            InsertPosition::BeforeEnd,
            Language::english(),
        )?;
        let (site, key) = inbox.create_site(draft).await?;
        store.close().await;
        Ok((site.id.to_string(), key.reveal().to_owned()))
    }

    pub async fn open(site: String, key: String, connection: &mut Connection) -> Outcome<Self> {
        let quiet = Self { site, key, published: 0 };
        for number in 0..READERS {
            let contact = json!({ "externalCustomerId": format!("quiet {number}") });
            connection.send(&quiet.by_backend("/v1/contact", &contact)).await?.expect(200)?;
        }
        Ok(quiet)
    }

    pub fn published(&self) -> usize {
        self.published
    }

    fn by_backend(&self, path: &str, body: &Value) -> Call {
        Call::post(path, "application/json", body.to_string())
            .header("authorization", format!("Bearer {}", self.key))
    }

    /// Runs visits for this time. A visit that takes longer than the pace is followed by the next
    /// at once.
    pub async fn rounds(&mut self, connection: &mut Connection, time: Duration) -> Outcome<Times> {
        let (mut times, began) = (Times::default(), Instant::now());
        while began.elapsed() < time {
            let next = tokio::time::Instant::now() + REQUEST_INTERVAL;
            self.visit(connection, &mut times).await?;
            tokio::time::sleep_until(next).await;
        }
        Ok(times)
    }

    async fn visit(&mut self, connection: &mut Connection, times: &mut Times) -> Outcome<()> {
        let reader = json!({ "externalCustomerId": format!("quiet {}", self.published % READERS) });
        let began = Instant::now();
        let answer = connection
            .send(&self.by_backend("/v1/auth/contact/token", &reader))
            .await?
            .expect(200)?;
        times.keep(0, began)?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        let token = answer.get("token").and_then(Value::as_str).ok_or("no token")?;
        let form = Call::post(
            format!("/embed/{}", self.site),
            "application/x-www-form-urlencoded",
            format!("token={token}"),
        );
        let form = form.header("origin", "https://shop.example");
        let began = Instant::now();
        let answer = connection.send(&form).await?.expect(200)?;
        times.keep(1, began)?;
        let cookie = answer
            .headers
            .get("set-cookie")
            .and_then(|value| value.to_str().ok())
            .ok_or("no cookie")?;
        let cookie = cookie.split(';').next().unwrap_or_default();
        let began = Instant::now();
        connection
            .send(&by_reader(
                Call::get(format!("/embed/{}/messages?language=en", self.site)),
                cookie,
            ))
            .await?
            .expect(200)?;
        times.keep(2, began)?;
        let mark = Call::post(
            format!("/embed/{}/marks", self.site),
            "application/json",
            json!({ "allRead": true }).to_string(),
        );
        let began = Instant::now();
        connection.send(&by_reader(mark, cookie)).await?.expect(200)?;
        times.keep(3, began)?;
        let message = json!({ "audience": { "contact": reader }, "content": { "en": { "title": "Quiet", "body": "Fresh." } } });
        let began = Instant::now();
        connection.send(&self.by_backend("/v1/messages", &message)).await?.expect(201)?;
        times.keep(4, began)?;
        self.published += 1;
        Ok(())
    }

    /// Whether all published messages are stored.
    pub async fn is_complete(&self, connection: &mut Connection) -> Outcome<bool> {
        let (mut found, mut query) = (0, String::new());
        loop {
            let call = Call::get(format!("/v1/messages?limit=100{query}"))
                .header("authorization", format!("Bearer {}", self.key));
            let part: Value =
                serde_json::from_slice(&connection.send(&call).await?.expect(200)?.body)?;
            found += part.get("items").and_then(Value::as_array).map_or(0, Vec::len);
            match part.get("next").and_then(Value::as_str) {
                Some(next) => query = format!("&cursor={next}"),
                None => return Ok(found == self.published),
            }
        }
    }
}
