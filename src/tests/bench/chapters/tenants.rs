//! A site at full speed beside a quiet one in the same process: what the quiet one waits for, alone and then.
//!
//! What the other does is one activity after another ([`hostile`]), and then all of them at once. Neither meets the rate limits of callers,
//! which would make it easier. The chapter has a small database of its own, since what a site keeps is not what its neighbour waits for.
//!
//! The load shares the processors with the server, so a part of what the quiet site waits for is the machine's and not the server's. How
//! much is measured beside it: the same load on a second server with a copy of the database. What the sites of one server may cost each
//! other is counted from there.

mod hostile;
mod quiet;
mod receiver;

use super::{Scale, list::milliseconds};
use crate::{
    Outcome,
    client::{Call, Connection},
    load::{self, Measured, Plan, percentile},
    server::Process,
    stock::Stock,
    table::{Table, Verdict, thousands},
};
use hostile::{Kind, mixture};
use quiet::{KINDS, Quiet, Times};
use std::{path::Path, time::Duration};

/// Contacts and messages of the site at full speed.
pub const STORED: (i64, i64) = (12_000, 20_000);
/// Connections of the site at full speed.
const CONNECTIONS: usize = 32;
/// For how long the server may go on with what an activity left behind.
const AFTERMATH: Duration = Duration::from_secs(2);
/// How much longer the quiet one may take beside the other in one server than beside it in another.
const MAX_RATIO: f64 = 3.0;

/// Compares the quiet site with itself beside each activity.
pub async fn compare(folder: &Path, stock: &Stock, scale: &Scale, table: &mut Table) -> Outcome<()> {
    eprintln!("== tenants");
    let (site, key) = Quiet::site(stock).await?;
    let copy = stock.copy()?;
    let receiver = receiver::start().await?;
    let server = Process::belfry_with_private_webhooks(&stock.file).await?;
    let second = Process::belfry_with_private_webhooks(&copy.file).await?;
    server.settle().await?;
    let mut connection = Connection::open(server.address).await?;
    let mut to_second = Connection::open(second.address).await?;
    let mut quiet = Quiet::open(site, key, &mut connection).await?;
    // Once unmeasured.
    quiet.rounds(&mut connection, Duration::from_millis(500)).await?;
    let mut alone = quiet.rounds(&mut connection, scale.beside).await?;
    let mut all = [Vec::new(), Vec::new()];
    for kind in Kind::ALL {
        let apart = kind.prepare(&copy, &mut to_second, receiver).await?;
        let shared = kind.prepare(stock, &mut connection, receiver).await?;
        let name = shared.name;
        for (all, activity) in all.iter_mut().zip([&apart, &shared]) {
            all.push(activity.calls.clone());
        }
        let (_, apart) = beside(folder, &second, apart.calls, scale.beside, (&mut quiet, &mut connection)).await?;
        second.settle_within(AFTERMATH).await?;
        let (load, times) = beside(folder, &server, shared.calls, scale.beside, (&mut quiet, &mut connection)).await?;
        report(name, &load, [&times, &apart, &alone], table);
        // What it left behind is done, so that the next is compared by itself.
        server.settle_within(AFTERMATH).await?;
        alone.add(quiet.rounds(&mut connection, scale.beside / 5).await?);
    }
    let [apart, shared] = all.map(|lists| mixture(&lists));
    let (_, apart) = beside(folder, &second, apart, scale.beside * 2, (&mut quiet, &mut connection)).await?;
    second.settle_within(AFTERMATH).await?;
    let (load, times) = beside(folder, &server, shared, scale.beside * 2, (&mut quiet, &mut connection)).await?;
    report("all of this at once", &load, [&times, &apart, &alone], table);
    let whole = quiet.is_whole(&mut connection).await?;
    table.row("   messages of the quiet site", quiet.published().to_string(), "all there", "", Verdict::of(whole));
    Ok(())
}

/// What the quiet site waits for while another site does this on that server.
async fn beside(
    folder: &Path,
    server: &Process,
    calls: Vec<Call>,
    time: Duration,
    (quiet, connection): (&mut Quiet, &mut Connection),
) -> Outcome<(Measured, Times)> {
    let plan = Plan { address: server.address, connections: CONNECTIONS, total: usize::MAX, calls };
    let (folder, id) = (folder.to_owned(), server.id);
    let load = tokio::task::spawn_blocking(move || load::run_for(&folder, &plan, time, id));
    let mut times = Times::default();
    while !load.is_finished() {
        times.add(quiet.rounds(connection, Duration::from_millis(100)).await?);
    }
    Ok((load.await??, times))
}

/// The rows of one activity: the quiet site's times in the same server, beside a second one under the same load, and alone.
fn report(activity: &str, Measured { report, cpu }: &Measured, [times, apart, alone]: [&Times; 3], table: &mut Table) {
    let cores = cpu.as_secs_f64() / report.seconds;
    table.note(
        format!("{activity} by another site"),
        format!("{}/s, {} refused", thousands(report.rate()), report.failures),
        format!("{cores:.1} cores used by the server, slowest answer {:.0} ms", milliseconds(report.within(0, 1.0))),
    );
    for (kind, name) in KINDS.iter().enumerate() {
        let ([half, most], [_, machine], [usual_half, usual]) = (times.percentiles(kind), apart.percentiles(kind), alone.percentiles(kind));
        let ratio = milliseconds(most) / milliseconds(usual);
        // Beside a server of its own it would wait for so long on this machine.
        let from_here = milliseconds(most) / milliseconds(machine.max(usual));
        table.row(
            format!("   {name} of a quiet site meanwhile"),
            format!("{from_here:.1} × apart, {ratio:.1} × alone: p50 {:.1}, p99 {:.1} ms", milliseconds(half), milliseconds(most)),
            &format!("≤ {MAX_RATIO:.0} × apart"),
            format!("apart: p99 {:.1}; alone: p50 {:.1}, p99 {:.1} ms", milliseconds(machine), milliseconds(usual_half), milliseconds(usual)),
            Verdict::of(from_here <= MAX_RATIO),
        );
    }
}

impl Times {
    /// Half of a kind's calls, and all but one in a hundred, took no longer than this.
    fn percentiles(&self, kind: usize) -> [u64; 2] {
        let mut times = self.0.get(kind).cloned().unwrap_or_default();
        times.sort_unstable();
        [0.5, 0.99].map(|share| percentile(&times, share))
    }
}
