//! An idle server, and one with many open streams: the memory of each stream, and how long a
//! publish takes to reach all of them.

use super::{by_reader, list::milliseconds, publish_call, serve};
use crate::{
    Outcome,
    client::Call,
    fixtures::Fixture,
    load,
    report::{Table, Verdict, kilobytes, thousands},
    server::Process,
    stream_clients::{Listeners, Plan},
};
use std::{net::SocketAddr, path::Path};

/// Publishes to everyone while the streams are open.
const ROUNDS: usize = 5;

pub async fn idle(folder: &Path, table: &mut Table) -> Outcome<()> {
    let file = folder.join("idle.db");
    drop(Process::belfry(&file).await?);
    let server = Process::belfry(&file).await?;
    let (resident, ready) = (server.resident()?, server.ready.as_millis());
    table.row(
        "idle server, memory",
        kilobytes(resident),
        "≤ 20 MB",
        "",
        Verdict::of(resident <= 20_000_000),
    );
    table.row(
        "idle server, start to ready",
        format!("{ready} ms"),
        "≤ 50 ms",
        "",
        Verdict::of(ready <= 50),
    );
    Ok(())
}

pub async fn streams(
    folder: &Path,
    stock: &Fixture,
    count: usize,
    table: &mut Table,
) -> Outcome<()> {
    eprintln!("== {count} open streams");
    let server = serve(stock, table).await?;
    // Memory that the first requests allocate once (mostly database pages) must not be attributed
    // to streams.
    let counts: Vec<Call> = stock
        .cookies
        .iter()
        .map(|cookie| by_reader(Call::get(format!("/embed/{}/counts", stock.site)), cookie))
        .collect();
    load::run(
        folder,
        &load::Plan {
            address: server.address,
            connections: 16,
            total: counts.len(),
            calls: counts,
        },
        server.id,
    )?;
    let before = server.resident()?;

    let mut listeners = Listeners::open(folder, &plan(stock, server.address, count, ROUNDS))?;
    let each = server.resident()?.saturating_sub(before) / count;
    let report = listeners.measure()?;
    let after = server.resident()?.saturating_sub(before) / count;

    let budget = if count <= 1_000 { 50 } else { 140 };
    let name = thousands(f64::from(u32::try_from(count)?));
    let reference = format!(
        "{} each after {ROUNDS} publishes; {} in all",
        kilobytes(after),
        kilobytes(server.resident()?)
    );
    table.row(
        format!("{name} open streams, memory each"),
        kilobytes(each),
        "≤ 8 kB",
        reference,
        Verdict::of(each <= 8_000),
    );
    table.row(
        format!("{name} open streams, publish to receipt"),
        format!(
            "p99 {:.0} ms (p50 {:.0}, last {:.0})",
            milliseconds(report.p99),
            milliseconds(report.median),
            milliseconds(report.last)
        ),
        &format!("p99 ≤ {budget} ms"),
        format!("the publisher's own answer: {:.0} ms", milliseconds(report.answered)),
        Verdict::of(report.p99 <= budget * 1_000),
    );
    Ok(())
}

/// This many streams of readers in turn, and publishes to everyone.
pub fn plan(stock: &Fixture, address: SocketAddr, count: usize, rounds: usize) -> Plan {
    let stream = |cookie: &String| {
        by_reader(
            Call::get(format!("/embed/{}/events?language=en&since={}", stock.site, i64::MAX)),
            cookie,
        )
    };
    let streams = stock.cookies.iter().cycle().take(count).map(stream).collect();
    Plan::belfry(address, streams, publish_call(stock, &"everyone".into()), rounds)
}
