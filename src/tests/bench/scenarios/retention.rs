//! Token calls and publishes while the server deletes messages beyond the retention cap.

use super::{Scale, list::milliseconds, publish_call, serve, with_key};
use crate::{
    Outcome,
    client::Call,
    fixtures::Fixture,
    load::{self, Measured, Plan},
    report::{Table, thousands},
    server::{Process, cpu_time},
};
use serde_json::json;
use std::{path::Path, time::Duration};

/// Token calls; half as many publishes.
const CALLS: usize = 400;

/// Changes the database: the deleted messages are gone afterwards.
pub async fn compare(
    folder: &Path,
    mut stock: Fixture,
    scale: &Scale,
    table: &mut Table,
) -> Outcome<()> {
    eprintln!("== while cleaning up");
    // Deletes what already exceeds the cap.
    let server = serve(&stock, table).await?;
    let alone = load::run(folder, &plan(&stock, &server), server.id)?;
    drop(server);
    stock.add_broadcasts(scale.excess_messages).await?;
    let server = Process::belfry(&stock.file).await?;
    let beside = load::run(folder, &plan(&stock, &server), server.id)?;
    let before = cpu_time(server.id)?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let went_on = cpu_time(server.id)?.saturating_sub(before) > Duration::from_millis(20);
    let mut tell = |name: &str, class: usize| {
        table.information(
            format!(
                "{name} while {} surplus messages are swept",
                thousands(f64::from(i32::try_from(scale.excess_messages).unwrap_or(i32::MAX)))
            ),
            of(&beside, class),
            format!(
                "alone: {}{}",
                of(&alone, class),
                if went_on { "" } else { "; the sweep ended before the calls did" }
            ),
        );
    };
    tell("token call", 0);
    tell("publish to one", 1);
    table.information(
        "   how far the sweep was",
        if server.settle().await? {
            "ended within a minute after it"
        } else {
            "not at its end a minute after it"
        },
        "",
    );
    Ok(())
}

fn of(measured: &Measured, class: usize) -> String {
    let at = |share| milliseconds(measured.report.within(class, share));
    format!("p50 {:.1} ms, p99 {:.1} ms", at(0.5), at(0.99))
}

fn plan(stock: &Fixture, server: &Process) -> Plan {
    let token = |number: usize| {
        with_key(
            Call::post(
                "/v1/auth/contact/token",
                "application/json",
                format!("{{\"externalCustomerId\":\"c{number:08}\"}}"),
            ),
            stock,
        )
    };
    let publish = |number: usize| {
        publish_call(
            stock,
            &json!({ "contact": { "externalCustomerId": format!("c{number:08}") } }),
        )
        .class(1)
    };
    let calls: Vec<Call> = (1..=CALLS / 2)
        .flat_map(|number| [token(number), token(number + CALLS), publish(number)])
        .collect();
    Plan { address: server.address, connections: 4, total: calls.len(), calls }
}
