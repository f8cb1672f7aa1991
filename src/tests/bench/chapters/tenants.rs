//! A site at full speed beside a quiet one in the same process: what the quiet one waits for, alone and then.

use super::{Scale, by_reader, list::milliseconds, with_key};
use crate::{
    Outcome,
    client::{Call, Connection},
    load::{self, Plan, percentile},
    server::Process,
    stock::Stock,
    table::{Table, Verdict},
};
use belfry::{
    domain::{Announcer, Change, Language, Placement, SiteDraft},
    server::open_inbox,
};
use serde_json::{Value, json};
use std::{path::Path, sync::Arc, time::Instant};

/// Readers of the quiet site.
const READERS: usize = 10;
/// Connections of the site at full speed.
const CONNECTIONS: usize = 32;
/// What the quiet site does, in turn.
const KINDS: [&str; 4] = ["token call", "list", "mark", "publish"];
/// How much longer it may take beside the other.
const MAX_RATIO: f64 = 3.0;

struct Nobody;

impl Announcer for Nobody {
    fn announce(&self, _: Change) {}
}

struct Quiet {
    site: String,
    key: String,
    /// Of each reader; they take turns, so that none of them writes more than one may.
    cookies: Vec<String>,
    published: usize,
}

impl Quiet {
    async fn site(stock: &Stock) -> Outcome<(String, String)> {
        let (inbox, store) = open_inbox(&format!("sqlite://{}", stock.file.display()), Arc::new(Nobody)).await?;
        let draft = SiteDraft::new("Quiet", vec!["https://shop.example".parse()?], "#bell", Placement::BeforeEnd, Language::english())?;
        let (site, key) = inbox.create_site(draft).await?;
        store.close().await;
        Ok((site.id.to_string(), key.reveal().to_owned()))
    }

    fn call(&self, path: &str, body: &Value) -> Call {
        Call::post(path, "application/json", body.to_string()).header("authorization", format!("Bearer {}", self.key))
    }

    async fn open(site: String, key: String, connection: &mut Connection) -> Outcome<Self> {
        let mut quiet = Self { site, key, cookies: Vec::new(), published: 0 };
        for number in 0..READERS {
            quiet.add_reader(number, connection).await?;
        }
        Ok(quiet)
    }

    async fn add_reader(&mut self, number: usize, connection: &mut Connection) -> Outcome<()> {
        let reader = json!({ "externalCustomerId": format!("quiet {number}") });
        connection.send(&self.call("/v1/contact", &reader)).await?.expect(200)?;
        let answer = connection.send(&self.call("/v1/auth/contact/token", &reader)).await?.expect(200)?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        let token = answer.get("token").and_then(Value::as_str).ok_or("no token")?;
        let form = Call::post(format!("/embed/{}", self.site), "application/x-www-form-urlencoded", format!("token={token}"));
        let answer = connection.send(&form.header("origin", "https://shop.example")).await?.expect(200)?;
        let cookie = answer.headers.get("set-cookie").and_then(|value| value.to_str().ok()).ok_or("no cookie")?;
        self.cookies.push(cookie.split(';').next().unwrap_or_default().to_owned());
        Ok(())
    }

    /// Some rounds of all that it does; the times of each kind in microseconds, ascending.
    async fn rounds(&mut self, connection: &mut Connection, count: usize) -> Outcome<[Vec<u64>; 4]> {
        let mut times: [Vec<u64>; 4] = Default::default();
        for _ in 0..count {
            let number = self.published % READERS;
            let cookie = self.cookies.get(number).ok_or("no reader")?;
            let content = json!({ "en": { "title": "Quiet", "body": "Fresh." } });
            let calls = [
                self.call("/v1/auth/contact/token", &json!({ "externalCustomerId": format!("quiet {number}") })),
                by_reader(Call::get(format!("/embed/{}/messages?language=en", self.site)), cookie),
                by_reader(Call::post(format!("/embed/{}/marks", self.site), "application/json", json!({ "allRead": true }).to_string()), cookie),
                self.call("/v1/messages", &json!({ "audience": "everyone", "content": content })),
            ];
            for (times, call) in times.iter_mut().zip(calls) {
                let began = Instant::now();
                let status = connection.send(&call).await?.status;
                if !status.is_success() {
                    return Err(format!("{status} for {} {}", call.method, call.path).into());
                }
                times.push(u64::try_from(began.elapsed().as_micros())?);
            }
            self.published += 1;
        }
        for times in &mut times {
            times.sort_unstable();
        }
        Ok(times)
    }

    /// Whether all that was published is there.
    async fn is_whole(&self, connection: &mut Connection) -> Outcome<bool> {
        let (mut found, mut query) = (0, String::new());
        loop {
            let call = Call::get(format!("/v1/messages?limit=100{query}")).header("authorization", format!("Bearer {}", self.key));
            let part: Value = serde_json::from_slice(&connection.send(&call).await?.expect(200)?.body)?;
            found += part.get("items").and_then(Value::as_array).map_or(0, Vec::len);
            match part.get("next").and_then(Value::as_str) {
                Some(next) => query = format!("&cursor={next}"),
                None => return Ok(found == self.published),
            }
        }
    }
}

/// All at once: marks of many readers, exchanges of one token, reports, previews, tickets; each mark asks a hundred segments of a hundred conditions.
async fn hostile_calls(stock: &Stock, connection: &mut Connection) -> Outcome<Vec<Call>> {
    for number in 0..100 {
        let values: Vec<_> = (0..99).map(|value| json!({ "attribute": "a", "equals": format!("{number} {value}") })).collect();
        let segment = json!({ "name": format!("s{number}"), "condition": { "any": values } });
        let made = connection.send(&with_key(Call::post("/v1/segments", "application/json", segment.to_string()), stock)).await?.expect(201)?;
        let made: Value = serde_json::from_slice(&made.body)?;
        let audience = json!({ "segment": made.get("id") });
        connection.send(&super::publish_call(stock, &audience)).await?.expect(201)?;
    }
    let first = stock.broadcasts().next().ok_or("no message")?;
    let token = connection
        .send(&with_key(Call::post("/v1/auth/contact/token", "application/json", "{\"externalCustomerId\":\"c00000001\"}"), stock))
        .await?
        .expect(200)?;
    let token: Value = serde_json::from_slice(&token.body)?;
    let token = token.get("token").and_then(Value::as_str).ok_or("no token")?;
    let exchange = Call::post(format!("/embed/{}", stock.site), "application/x-www-form-urlencoded", format!("token={token}"))
        .header("origin", "https://shop.example");
    let preview = json!({ "audience": "everyone", "content": { "en": { "title": "Preview" } } });
    let mut calls = Vec::new();
    for cookie in &stock.cookies {
        for body in [json!({ "unread": [first] }), json!({ "allRead": true })] {
            calls.push(by_reader(Call::post(format!("/embed/{}/marks", stock.site), "application/json", body.to_string()), cookie));
        }
        calls.push(by_reader(Call::post(format!("/embed/{}/ticket", stock.site), "application/json", "{}"), cookie));
        calls.push(exchange.clone());
        calls.push(with_key(Call::get(format!("/v1/messages/{first}/stats?by=segment")), stock));
        calls.push(with_key(Call::post("/v1/messages/preview", "application/json", preview.to_string()), stock));
    }
    Ok(calls)
}

pub async fn compare(folder: &Path, stock: &Stock, scale: &Scale, table: &mut Table) -> Outcome<()> {
    eprintln!("== tenants");
    let (site, key) = Quiet::site(stock).await?;
    let server = Process::belfry(&stock.file).await?;
    server.settle().await?;
    let mut connection = Connection::open(server.address).await?;
    let mut quiet = Quiet::open(site, key, &mut connection).await?;
    let calls = hostile_calls(stock, &mut connection).await?;
    // Once unmeasured. The rounds stay below what one reader may write.
    quiet.rounds(&mut connection, 10).await?;
    let rounds = scale.publishes;
    let alone = quiet.rounds(&mut connection, rounds).await?;
    let plan = Plan { address: server.address, connections: CONNECTIONS, total: 4 * scale.requests, calls };
    let (folder, id) = (folder.to_owned(), server.id);
    let load = tokio::task::spawn_blocking(move || load::run(&folder, &plan, id));
    let beside = quiet.rounds(&mut connection, rounds).await?;
    let loaded_to_the_end = !load.is_finished();
    let load = load.await??;
    for ((kind, alone), beside) in KINDS.iter().zip(&alone).zip(&beside) {
        let (alone, beside) = (percentile(alone, 0.99), percentile(beside, 0.99));
        table.row(
            format!("{kind} of a quiet site beside one at full speed"),
            format!("p99 {:.1} ms", milliseconds(beside)),
            &format!("≤ {MAX_RATIO:.0} × alone"),
            format!("alone: p99 {:.1} ms", milliseconds(alone)),
            Verdict::of(milliseconds(beside) <= MAX_RATIO * milliseconds(alone)),
        );
    }
    let whole = quiet.is_whole(&mut connection).await?;
    let note = if loaded_to_the_end { "all the while" } else { "it ended before the quiet one did" };
    table.note(
        "   the other: marks, exchanges, reports, previews, tickets",
        format!("{:.0}/s, {} refused", load.report.rate(), load.report.failures),
        note,
    );
    table.row("   messages of the quiet site", quiet.published.to_string(), "all there", "", Verdict::of(whole));
    Ok(())
}
