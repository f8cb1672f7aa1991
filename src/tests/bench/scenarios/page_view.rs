//! The cost of a signed-in reader's page view: the token call of the site's backend, and the
//! document with the reader's inbox, compressed as for browsers. Compared with a plain handler that
//! returns the document's bytes for both.

use super::{Scale, list::milliseconds, serve, with_key};
use crate::{
    Outcome, baseline,
    client::{Answer, Call, Connection},
    fixtures::{Fixture, READERS},
    load::percentile,
    report::{Table, Verdict},
    server::{Process, context_switches, cpu_time},
};
use futures_util::future::try_join_all;
use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

/// Concurrent readers.
const CONNECTIONS: usize = 8;
/// Processor time of the server per page view.
const BUDGET: Duration = Duration::from_micros(1_200);

pub async fn compare(
    folder: &Path,
    stock: &Fixture,
    scale: &Scale,
    table: &mut Table,
) -> Outcome<()> {
    eprintln!("== page view");
    let server = serve(stock, table).await?;
    let document =
        view(&mut Connection::open(server.address).await?, stock, 0).await?.expect(200)?;
    let file = folder.join("document.json");
    baseline::prepare(&file, &document)?;
    let reference = Process::bare(&file).await?;
    // A warm-up run, so that reads from disk aren't measured.
    Views::of(&server, stock, scale.views).await?;
    let bare = Views::of(&reference, stock, scale.views).await?;
    let ours = Views::of(&server, stock, scale.views).await?;
    let encoding = document
        .headers
        .get("content-encoding")
        .and_then(|value| value.to_str().ok())
        .unwrap_or("plain");
    table.row(
        format!("page view, {} readers in turn: token call + document", scale.views),
        ours.to_string(),
        &format!("≤ {:.1} ms CPU", BUDGET.as_secs_f64() * 1_000.0),
        format!("bare axum, twice the same {} bytes ({encoding}): {bare}", document.body.len()),
        Verdict::of(ours.cpu <= BUDGET),
    );
    Ok(())
}

/// The token call, and the document that the token is exchanged for.
pub async fn view(connection: &mut Connection, stock: &Fixture, number: usize) -> Outcome<Answer> {
    let reader = 1 + i64::try_from(number)? % READERS;
    let body = format!("{{\"externalCustomerId\":\"c{reader:08}\"}}");
    let answer = connection
        .send(&with_key(Call::post("/v1/auth/contact/token", "application/json", body), stock))
        .await?
        .expect(200)?;
    // The baseline returns no tokens.
    let answer: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    let token = answer
        .as_ref()
        .and_then(|answer| answer.get("token"))
        .and_then(serde_json::Value::as_str)
        .unwrap_or("none");
    let form = format!("token={token}&language=en&scheme=auto");
    let call =
        Call::post(format!("/embed/{}", stock.site), "application/x-www-form-urlencoded", form)
            .header("origin", "https://shop.example")
            .header("accept-encoding", "gzip, deflate, br, zstd");
    connection.send(&call).await?.expect(200)
}

/// Costs of many page views.
struct Views {
    cpu: Duration,
    switches: u64,
    /// Microseconds, ascending.
    times: Vec<u64>,
}

impl Views {
    async fn of(server: &Process, stock: &Fixture, count: usize) -> Outcome<Self> {
        let (cpu, switches) = (cpu_time(server.id)?, context_switches(server.id)?);
        let connections =
            (0..CONNECTIONS).map(|first| one_by_one(server.address, stock, first, count));
        let mut times: Vec<u64> = try_join_all(connections).await?.concat();
        let cpu = cpu_time(server.id)?.saturating_sub(cpu) / u32::try_from(count)?;
        let switches =
            context_switches(server.id)?.saturating_sub(switches) / u64::try_from(count)?;
        times.sort_unstable();
        Ok(Self { cpu, switches, times })
    }
}

impl std::fmt::Display for Views {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (half, most) = (
            milliseconds(percentile(&self.times, 0.5)),
            milliseconds(percentile(&self.times, 0.99)),
        );
        write!(
            out,
            "{} µs CPU, {} context switches each; p50 {half:.1} ms, p99 {most:.1} ms",
            self.cpu.as_micros(),
            self.switches
        )
    }
}

async fn one_by_one(
    address: SocketAddr,
    stock: &Fixture,
    first: usize,
    count: usize,
) -> Outcome<Vec<u64>> {
    let mut connection = Connection::open(address).await?;
    let mut times = Vec::new();
    for number in (first..count).step_by(CONNECTIONS) {
        let began = Instant::now();
        view(&mut connection, stock, number).await?;
        times.push(u64::try_from(began.elapsed().as_micros())?);
    }
    Ok(times)
}
