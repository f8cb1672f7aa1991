//! The median latency of frequent requests by the number of stored messages and contacts, on each
//! database: as rows of the report and as a picture. A flat line means that nobody waits longer on a
//! larger site.

mod picture;

use super::{Scale, by_reader, list::milliseconds, list_call, publish_call, with_key};
use crate::{
    Outcome,
    client::Call,
    databases::{self, Kind},
    fixtures::Fixture,
    load::{self, Plan},
    report::{Table, thousands},
    server::Process,
};
use picture::{Line, Panel};
use serde_json::json;
use std::{fs, path::Path};

/// Where the picture is written to.
const PICTURE: &str = "target/performance.svg";
/// Requests of each kind.
const REQUESTS: usize = 400;
/// The readers whose list was not requested before.
const FIRST_LOOKS: usize = 800;

pub async fn draw(folder: &Path, scale: &Scale, table: &mut Table) -> Outcome<()> {
    let kinds: &[(Kind, &str)] = match databases::kind() {
        Kind::Sqlite => &[(Kind::Sqlite, "SQLite")],
        Kind::Postgres => &[(Kind::Sqlite, "SQLite"), (Kind::Postgres, "PostgreSQL")],
    };
    let mut panels: Vec<Panel> = Vec::new();
    for size in &scale.curves {
        eprintln!("== curves: {size} messages and contacts");
        let stock = Fixture::fill(folder, *size, *size).await?;
        for (kind, database) in kinds {
            let server = Process::belfry_on(*kind, &stock.file).await?;
            server.settle().await?;
            for (place, (name, calls)) in calls(&stock).into_iter().enumerate() {
                let total = calls.len();
                let plan = Plan { address: server.address, connections: 1, total, calls };
                let report = load::run(folder, &plan, server.id)?.report;
                let median = milliseconds(report.within(0, 0.5));
                table.information(
                    format!(
                        "{name}, {} stored, {database}",
                        thousands(f64::from(i32::try_from(*size)?))
                    ),
                    format!(
                        "p50 {median:.2} ms, p99 {:.2} ms",
                        milliseconds(report.within(0, 0.99))
                    ),
                    "one connection",
                );
                if panels.len() == place {
                    panels.push(Panel { title: name, lines: Vec::new() });
                }
                if let Some(panel) = panels.get_mut(place) {
                    panel.add(database, (*size, median));
                }
            }
        }
        databases::remove(&stock.file).await?;
    }
    fs::write(PICTURE, picture::svg(&panels))?;
    eprintln!("== the picture: {PICTURE}");
    Ok(())
}

impl Panel {
    fn add(&mut self, database: &'static str, point: (i64, f64)) {
        match self.lines.iter_mut().find(|line| line.name == database) {
            Some(line) => line.points.push(point),
            None => self.lines.push(Line { name: database, points: vec![point] }),
        }
    }
}

/// The requests, by name.
fn calls(stock: &Fixture) -> [(&'static str, Vec<Call>); 6] {
    let lists = stock.cookies.iter().take(FIRST_LOOKS).map(|cookie| list_call(stock, cookie));
    let counts = stock
        .cookies
        .iter()
        .skip(FIRST_LOOKS)
        .map(|cookie| by_reader(Call::get(format!("/embed/{}/counts", stock.site)), cookie));
    let token = |number: usize| {
        let body = format!("{{\"externalCustomerId\":\"c{number:08}\"}}");
        with_key(Call::post("/v1/auth/contact/token", "application/json", body), stock)
    };
    let message = stock.broadcasts().next().unwrap_or_default();
    let mark = |cookie: &String| {
        let body = json!({ "read": [message] }).to_string();
        let path = format!("/embed/{}/marks", stock.site);
        by_reader(Call::post(path, "application/json", body), cookie)
    };
    let to_one = |number: usize| {
        let contact = json!({ "externalCustomerId": format!("c{number:08}") });
        publish_call(stock, &json!({ "contact": contact }))
    };
    [
        ("first list of a reader", lists.collect()),
        ("counts", counts.collect()),
        ("token call", (1..=REQUESTS).map(token).collect()),
        ("mark a message as read", stock.cookies.iter().take(REQUESTS).map(mark).collect()),
        ("publish to one contact", (1..=REQUESTS).map(to_one).collect()),
        ("publish to everyone", vec![publish_call(stock, &json!("everyone")); REQUESTS / 4]),
    ]
}
