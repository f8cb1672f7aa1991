//! Two processes on one `PostgreSQL` database beside one. Both share the machine with the database and
//! the load, so that this shows what a second process costs rather than what it brings.

use super::{Scale, list::milliseconds, list_call, memory, serve, with_key};
use crate::{
    Outcome,
    client::Call,
    fixtures::Fixture,
    load::{self, Measured, Plan},
    report::{Table, thousands},
    server::Process,
    stream_clients::Listeners,
};
use belfry_testing::NatsServer;
use std::path::Path;

/// Connections to all processes together.
const CONNECTIONS: usize = 16;
/// Streams on the first process while the second one receives the publishes.
const STREAMS: usize = 1_000;
const ROUNDS: usize = 20;

pub async fn compare(
    folder: &Path,
    stock: &Fixture,
    scale: &Scale,
    table: &mut Table,
) -> Outcome<()> {
    eprintln!("== two processes");
    let first = serve(stock, table).await?;
    let loads = [("token call", tokens(stock)), ("list, readers in turn", lists(stock))];
    let mut alone = Vec::new();
    for (_, calls) in &loads {
        alone.push(rate(folder, &[&first], calls, scale).await?);
    }
    let second = serve(stock, table).await?;
    for ((name, calls), alone) in loads.iter().zip(alone) {
        let both = rate(folder, &[&first, &second], calls, scale).await?;
        table.information(
            format!("{name}, two processes"),
            format!("{}/s", thousands(both)),
            format!("one process: {}/s", thousands(alone)),
        );
    }
    let across = publish(folder, stock, &first, &second)?;
    let within = publish(folder, stock, &first, &first)?;
    table.information(
        format!("publish on another process to {} streams", thousands(1_000.0)),
        across.clone(),
        format!("on the same process: {within}"),
    );
    drop((first, second));
    let Some(nats) = NatsServer::start() else { return Ok(()) };
    let first = Process::belfry_with_bus(&stock.file, &nats.url()).await?;
    let second = Process::belfry_with_bus(&stock.file, &nats.url()).await?;
    for server in [&first, &second] {
        server.settle().await?;
    }
    table.information(
        "   the same over NATS",
        publish(folder, stock, &first, &second)?,
        format!("through the database: {across}"),
    );
    Ok(())
}

/// Latencies of publishes on one process to streams on another one.
fn publish(folder: &Path, stock: &Fixture, streams: &Process, on: &Process) -> Outcome<String> {
    let streams = streams.address;
    let mut plan = memory::plan(stock, streams, STREAMS.min(stock.cookies.len()), ROUNDS);
    plan.publisher = on.address;
    let report = Listeners::open(folder, &plan)?.measure()?;
    Ok(format!("p50 {:.1} ms, p99 {:.1} ms", milliseconds(report.median), milliseconds(report.p99)))
}

fn tokens(stock: &Fixture) -> Vec<Call> {
    let body = |number: usize| format!("{{\"externalCustomerId\":\"c{number:08}\"}}");
    let call = |number| {
        with_key(Call::post("/v1/auth/contact/token", "application/json", body(number)), stock)
    };
    (1..=1_000).map(call).collect()
}

fn lists(stock: &Fixture) -> Vec<Call> {
    stock.cookies.iter().map(|cookie| list_call(stock, cookie)).collect()
}

/// Requests a second of these servers together, each with its share of the connections.
async fn rate(folder: &Path, servers: &[&Process], calls: &[Call], scale: &Scale) -> Outcome<f64> {
    let mut loads = Vec::new();
    for server in servers {
        let folder = folder.join(server.id.to_string());
        std::fs::create_dir_all(&folder)?;
        let plan = Plan {
            address: server.address,
            connections: CONNECTIONS / servers.len(),
            total: scale.requests / servers.len(),
            calls: calls.to_vec(),
        };
        let id = server.id;
        loads.push(tokio::task::spawn_blocking(move || load::run(&folder, &plan, id)));
    }
    let mut rate = 0.0;
    for load in loads {
        let Measured { report, .. } = load.await??;
        rate += report.rate();
    }
    Ok(rate)
}
