//! A thousand readers that mark messages concurrently, each over its own connection.

use super::{Scale, by_reader, list::milliseconds, serve};
use crate::{
    Outcome,
    client::Call,
    fixtures::Fixture,
    load::{self, Plan},
    report::{Table, thousands},
};
use serde_json::json;
use std::path::Path;

pub async fn read_all(
    folder: &Path,
    stock: &Fixture,
    scale: &Scale,
    table: &mut Table,
) -> Outcome<()> {
    eprintln!("== marks");
    let server = serve(stock, table).await?;
    let mut calls = Vec::new();
    // Each reader marks a different message each time, so that every request writes.
    for message in stock.broadcasts().take((scale.requests / stock.cookies.len()).max(1)) {
        let body = json!({ "read": [message] }).to_string();
        calls.extend(stock.cookies.iter().map(|cookie| {
            by_reader(
                Call::post(
                    format!("/embed/{}/marks", stock.site),
                    "application/json",
                    body.clone(),
                ),
                cookie,
            )
        }));
    }
    let connections = stock.cookies.len();
    let plan = Plan { address: server.address, connections, total: calls.len(), calls };
    let measured = load::run(folder, &plan, server.id)?;
    table.information(
        format!("marks, {} readers at once", thousands(f64::from(i32::try_from(connections)?))),
        format!(
            "{}/s, p99 {:.0} ms",
            thousands(measured.report.rate()),
            milliseconds(measured.report.within(0, 0.99))
        ),
        format!("durable each, commits shared; {}", measured.cost()),
    );
    Ok(())
}
