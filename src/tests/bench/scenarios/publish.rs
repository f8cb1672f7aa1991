//! A publish to one contact and to everyone, alternating over one connection.

use super::{Scale, list::milliseconds, publish_call, serve};
use crate::{
    Outcome,
    fixtures::Fixture,
    load::{self, Plan},
    report::{Table, Verdict, thousands},
};
use serde_json::json;
use std::path::Path;

pub async fn compare(
    folder: &Path,
    stock: &Fixture,
    scale: &Scale,
    table: &mut Table,
) -> Outcome<()> {
    eprintln!("== publish");
    let server = serve(stock, table).await?;
    let calls = (1..=scale.publishes).flat_map(|number| {
        let contact = json!({ "contact": { "externalCustomerId": format!("c{number:08}") } });
        [publish_call(stock, &contact).class(0), publish_call(stock, &json!("everyone")).class(1)]
    });
    let plan = Plan {
        address: server.address,
        connections: 1,
        total: scale.publishes * 2,
        calls: calls.collect(),
    };
    let measured = load::run(folder, &plan, server.id)?;
    let (one, everyone) = (
        milliseconds(measured.report.within(0, 0.5)),
        milliseconds(measured.report.within(1, 0.5)),
    );
    let ratio = everyone / one;
    table.row(
        format!(
            "publish to everyone, {} contacts",
            thousands(f64::from(i32::try_from(scale.contacts)?))
        ),
        format!("{ratio:.2} × one: median {everyone:.2} ms"),
        "≤ 1.2 ×",
        format!("to one contact: median {one:.2} ms"),
        Verdict::of(ratio <= 1.2),
    );
    Ok(())
}
