//! A site at full speed beside a quiet one in the same process: what the quiet one waits for, alone and then.
//!
//! What the other does is one activity after another ([`hostile`]), and then all of them at once. Neither meets the allowances of callers,
//! which would make it easier. The chapter has a small database of its own, since what a site keeps is not what its neighbour waits for.

mod hostile;
mod quiet;
mod receiver;

use super::{Scale, list::milliseconds};
use crate::{
    Outcome,
    client::Connection,
    load::{self, Measured, Plan, percentile},
    server::Process,
    stock::Stock,
    table::{Table, Verdict, thousands},
};
use hostile::{Activity, Kind, mixture};
use quiet::{KINDS, Quiet, Times};
use std::{path::Path, time::Duration};

/// Contacts and messages of the site at full speed.
pub const STORED: (i64, i64) = (12_000, 20_000);
/// Connections of the site at full speed.
const CONNECTIONS: usize = 32;
/// For how long the server may go on with what an activity left behind.
const AFTERMATH: Duration = Duration::from_secs(2);
/// How much longer the quiet one may take beside the other.
const MAX_RATIO: f64 = 3.0;

/// Compares the quiet site with itself beside each activity.
pub async fn compare(folder: &Path, stock: &Stock, scale: &Scale, table: &mut Table) -> Outcome<()> {
    eprintln!("== tenants");
    let (site, key) = Quiet::site(stock).await?;
    let receiver = receiver::start().await?;
    let server = Process::belfry_with_private_webhooks(&stock.file).await?;
    server.settle().await?;
    let mut connection = Connection::open(server.address).await?;
    let mut quiet = Quiet::open(site, key, &mut connection).await?;
    // Once unmeasured.
    quiet.rounds(&mut connection, Duration::from_millis(500)).await?;
    let mut alone = quiet.rounds(&mut connection, scale.beside).await?;
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let activity = kind.prepare(stock, &mut connection, receiver).await?;
        all.push(activity.calls.clone());
        beside(folder, &server, activity, scale.beside, (&mut quiet, &mut connection, &alone), table).await?;
        // What it left behind is done, so that the next is compared by itself.
        server.settle_within(AFTERMATH).await?;
        alone.add(quiet.rounds(&mut connection, scale.beside / 5).await?);
    }
    let all = Activity { name: "all of this at once", calls: mixture(&all) };
    beside(folder, &server, all, scale.beside * 2, (&mut quiet, &mut connection, &alone), table).await?;
    let whole = quiet.is_whole(&mut connection).await?;
    table.row("   messages of the quiet site", quiet.published().to_string(), "all there", "", Verdict::of(whole));
    Ok(())
}

/// The quiet site while the other does this.
async fn beside(
    folder: &Path,
    server: &Process,
    activity: Activity,
    time: Duration,
    (quiet, connection, alone): (&mut Quiet, &mut Connection, &Times),
    table: &mut Table,
) -> Outcome<()> {
    let plan = Plan { address: server.address, connections: CONNECTIONS, total: usize::MAX, calls: activity.calls };
    let (folder, id) = (folder.to_owned(), server.id);
    let load = tokio::task::spawn_blocking(move || load::run_for(&folder, &plan, time, id));
    let mut times = Times::default();
    while !load.is_finished() {
        times.add(quiet.rounds(connection, Duration::from_millis(100)).await?);
    }
    let Measured { report, cpu } = load.await??;
    let cores = cpu.as_secs_f64() / report.seconds;
    table.note(
        format!("{} by another site", activity.name),
        format!("{}/s, {} refused", thousands(report.rate()), report.failures),
        format!("{cores:.1} cores used by the server, slowest answer {:.0} ms", milliseconds(report.within(0, 1.0))),
    );
    for (kind, name) in KINDS.iter().enumerate() {
        let ([half, most], [usual_half, usual]) = (times.percentiles(kind), alone.percentiles(kind));
        let ratio = milliseconds(most) / milliseconds(usual);
        table.row(
            format!("   {name} of a quiet site meanwhile"),
            format!("{ratio:.1} × alone: p50 {:.1}, p99 {:.1} ms", milliseconds(half), milliseconds(most)),
            &format!("≤ {MAX_RATIO:.0} × alone"),
            format!("alone: p50 {:.1}, p99 {:.1} ms", milliseconds(usual_half), milliseconds(usual)),
            Verdict::of(ratio <= MAX_RATIO),
        );
    }
    Ok(())
}

impl Times {
    /// Half of a kind's calls, and all but one in a hundred, took no longer than this.
    fn percentiles(&self, kind: usize) -> [u64; 2] {
        let mut times = self.0.get(kind).cloned().unwrap_or_default();
        times.sort_unstable();
        [0.5, 0.99].map(|share| percentile(&times, share))
    }
}
