//! A reader's list of 20 messages, compared with a plain axum handler that returns the same bytes.

use super::{Scale, list_call, serve};
use crate::client::Call;
use crate::{
    Outcome, baseline, client,
    fixtures::Fixture,
    load::{self, Measured, Plan},
    report::{Table, Verdict, thousands},
    server::Process,
};
use std::path::Path;

const CONNECTIONS: usize = 16;
/// Readers that take turns.
const READERS: usize = 200;

pub async fn compare(
    folder: &Path,
    stock: &Fixture,
    scale: &Scale,
    table: &mut Table,
) -> Outcome<()> {
    let size = thousands(f64::from(i32::try_from(stock.messages)?));
    eprintln!("== list: {size} stored messages");
    first_look(folder, stock, scale, &size, table).await?;
    let server = serve(stock, table).await?;
    let readers: Vec<Call> =
        stock.cookies.iter().take(READERS).map(|cookie| list_call(stock, cookie)).collect();
    let hot: Vec<Call> = readers.iter().take(1).cloned().collect();
    for (name, calls, budget) in [
        (format!("list, {size} stored, {READERS} readers in turn"), readers, Some(0.5)),
        (format!("list, {size} stored, one reader"), hot, None),
    ] {
        let compared = against_baseline(folder, &server, calls, scale).await?;
        compared.print(table, name, budget);
    }
    Ok(())
}

/// Each reader requests its list once, so that no response can be cached.
async fn first_look(
    folder: &Path,
    stock: &Fixture,
    scale: &Scale,
    size: &str,
    table: &mut Table,
) -> Outcome<()> {
    let mut rounds = Vec::new();
    for _ in 0..scale.rounds {
        let server = serve(stock, table).await?;
        let calls: Vec<Call> =
            stock.cookies.iter().map(|cookie| list_call(stock, cookie)).collect();
        let plan =
            Plan { address: server.address, connections: CONNECTIONS, total: calls.len(), calls };
        rounds.push(load::run(folder, &plan, server.id)?);
    }
    rounds.sort_by(|one, other| one.report.rate().total_cmp(&other.report.rate()));
    let middle = rounds.get(rounds.len() / 2).ok_or("no rounds")?;
    table.information(
        format!("list, {size} stored, first look of {} readers", stock.cookies.len()),
        format!(
            "{}/s, p99 {:.1} ms, {}",
            thousands(middle.report.rate()),
            milliseconds(middle.report.within(0, 0.99)),
            middle.cost()
        ),
        "a server just started: nothing remembered, every list by query",
    );
    Ok(())
}

/// The medians of several alternating rounds.
pub struct Comparison {
    ours: Measured,
    baseline: Measured,
    ratio: f64,
    bytes: usize,
}

impl Comparison {
    pub fn print(&self, table: &mut Table, name: String, budget: Option<f64>) {
        let measured = format!(
            "{:.0} % of bare: {}/s, p99 {:.1} ms, {}",
            self.ratio * 100.0,
            thousands(self.ours.report.rate()),
            milliseconds(self.ours.report.within(0, 0.99)),
            self.ours.cost()
        );
        let reference = format!(
            "bare axum, the same {} bytes: {}/s, p99 {:.1} ms, {}",
            self.bytes,
            thousands(self.baseline.report.rate()),
            milliseconds(self.baseline.report.within(0, 0.99)),
            self.baseline.cost()
        );
        match budget {
            Some(least) => table.row(
                name,
                measured,
                &format!("≥ {:.0} %", least * 100.0),
                reference,
                Verdict::of(self.ratio >= least),
            ),
            None => table.information(name, measured, reference),
        }
    }
}

/// Sends these calls to Belfry, and to a baseline handler that returns Belfry's response to the
/// first of them.
pub async fn against_baseline(
    folder: &Path,
    server: &Process,
    calls: Vec<Call>,
    scale: &Scale,
) -> Outcome<Comparison> {
    let file = folder.join("answer.json");
    let first = calls.first().ok_or("no calls")?;
    let answer = client::send(server.address, first).await?.expect(200)?;
    baseline::prepare(&file, &answer)?;
    let reference = Process::bare(&file).await?;
    let mut plan = Plan {
        address: server.address,
        connections: CONNECTIONS,
        total: calls.len().min(scale.requests),
        calls,
    };
    // A warm-up run, so that reads from disk aren't measured.
    load::run(folder, &plan, server.id)?;
    plan.total = scale.requests;
    let mut rounds = Vec::new();
    for _ in 0..scale.rounds {
        plan.address = reference.address;
        let baseline = load::run(folder, &plan, reference.id)?;
        plan.address = server.address;
        let ours = load::run(folder, &plan, server.id)?;
        let ratio = ours.report.rate() / baseline.report.rate();
        eprintln!(
            "   round: {} and {} a second",
            thousands(ours.report.rate()),
            thousands(baseline.report.rate())
        );
        rounds.push(Comparison { ours, baseline, ratio, bytes: answer.body.len() });
    }
    rounds.sort_by(|one, other| one.ratio.total_cmp(&other.ratio));
    let middle = rounds.len() / 2;
    rounds.into_iter().nth(middle).ok_or_else(|| "no rounds".into())
}

/// Microseconds as milliseconds.
#[expect(clippy::cast_precision_loss, reason = "shown with one digit after the point")]
pub fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}
