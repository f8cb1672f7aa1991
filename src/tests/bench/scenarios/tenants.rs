//! A noisy site at full speed and a quiet one in the same process: the latencies of the quiet site,
//! alone and beside the noisy one.
//!
//! The noisy site runs one activity after another ([`noisy_site`]), and then all of them at once.
//! Rate limits are off, because they would make the test easier. The scenario uses a small database
//! of its own, because the noisy site's stored data is not what slows its neighbour.
//!
//! The load shares the processors with the server, so a part of the quiet site's latency is caused
//! by the machine and not by the server. That part is measured as well: the same load on a second
//! server with a copy of the database. The ratio between both is the cost of sharing a server.

mod noisy_site;
mod quiet_site;
mod receiver;

use super::{Scale, list::milliseconds};
use crate::{
    Outcome,
    client::{Call, Connection},
    fixtures::Fixture,
    load::{self, Measured, Plan, percentile},
    report::{Table, Verdict, thousands},
    server::Process,
};
use noisy_site::{Kind, mixture};
use quiet_site::{KINDS, QuietSite, Times};
use std::{path::Path, time::Duration};

/// Contacts and messages of the noisy site.
pub const STORED: (i64, i64) = (12_000, 20_000);
/// Connections of the noisy site.
const CONNECTIONS: usize = 32;
/// How long the server may still work on what an activity caused.
const SETTLE_TIME: Duration = Duration::from_secs(2);
/// Maximum ratio of the quiet site's latency in the same server to that beside another server.
const MAX_RATIO: f64 = 3.0;

/// Measures the quiet site beside each activity.
pub async fn compare(
    folder: &Path,
    stock: &Fixture,
    scale: &Scale,
    table: &mut Table,
) -> Outcome<()> {
    eprintln!("== tenants");
    let (site, key) = QuietSite::site(stock).await?;
    let copy = stock.copy()?;
    let receiver = receiver::start().await?;
    let server = Process::belfry_with_private_webhooks(&stock.file).await?;
    let second = Process::belfry_with_private_webhooks(&copy.file).await?;
    server.settle().await?;
    let mut connection = Connection::open(server.address).await?;
    let mut quiet = QuietSite::open(site, key, &mut connection).await?;
    // Warm-up.
    quiet.rounds(&mut connection, Duration::from_millis(500)).await?;
    let mut alone = quiet.rounds(&mut connection, scale.other_sites).await?;
    let mut all = [Vec::new(), Vec::new()];
    for kind in Kind::ALL {
        // A server closes what is idle for longer than an activity is measured.
        let mut to_second = Connection::open(second.address).await?;
        let apart = kind.prepare(&copy, &mut to_second, receiver).await?;
        let shared = kind.prepare(stock, &mut connection, receiver).await?;
        let name = shared.name;
        for (all, activity) in all.iter_mut().zip([&apart, &shared]) {
            all.push(activity.calls.clone());
        }
        let (load, times) = in_turn(
            (folder, scale),
            [(&second, apart.calls), (&server, shared.calls)],
            (&mut quiet, &mut connection),
        )
        .await?;
        report(name, &load, &times, &alone, table);
        alone.add(quiet.rounds(&mut connection, scale.other_sites / 5).await?);
    }
    let [apart, shared] = all.map(|lists| mixture(&lists));
    let (load, times) = in_turn(
        (folder, scale),
        [(&second, apart), (&server, shared)],
        (&mut quiet, &mut connection),
    )
    .await?;
    report("all of this at once", &load, &times, &alone, table);
    let whole = quiet.is_complete(&mut connection).await?;
    table.row(
        "   messages of the quiet site",
        quiet.published().to_string(),
        "all there",
        "",
        Verdict::of(whole),
    );
    Ok(())
}

/// The quiet site's latencies beside the second server and in the same one, in turn: what else the
/// machine does meets both. With the load of the last round.
async fn in_turn(
    (folder, scale): (&Path, &Scale),
    servers: [(&Process, Vec<Call>); 2],
    (quiet, connection): (&mut QuietSite, &mut Connection),
) -> Outcome<(Measured, [Times; 2])> {
    let (mut times, mut last) = ([Times::default(), Times::default()], None);
    for _ in 0..scale.rounds {
        for ((server, calls), times) in servers.iter().zip(&mut times) {
            let (load, more) =
                beside(folder, server, calls.clone(), scale.other_sites, (quiet, connection))
                    .await?;
            times.add(more);
            last = Some(load);
            // Lets the server finish, so that the next part is measured separately.
            server.settle_within(SETTLE_TIME).await?;
        }
    }
    Ok((last.ok_or("no round")?, times))
}

/// The quiet site's latencies while another site runs this activity on that server.
async fn beside(
    folder: &Path,
    server: &Process,
    calls: Vec<Call>,
    time: Duration,
    (quiet, connection): (&mut QuietSite, &mut Connection),
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

/// The rows of one activity: the quiet site's latencies in the same server, beside a second server
/// under the same load, and alone.
fn report(
    activity: &str,
    Measured { report, cpu, .. }: &Measured,
    [apart, times]: &[Times; 2],
    alone: &Times,
    table: &mut Table,
) {
    let cores = cpu.as_secs_f64() / report.seconds;
    table.information(
        format!("{activity} by another site"),
        format!("{}/s, {} refused", thousands(report.rate()), report.failures),
        format!(
            "{cores:.1} cores used by the server, slowest answer {:.0} ms",
            milliseconds(report.within(0, 1.0))
        ),
    );
    for (kind, name) in KINDS.iter().enumerate() {
        let ([half, most], [_, machine], [usual_half, usual]) =
            (times.percentiles(kind), apart.percentiles(kind), alone.percentiles(kind));
        let ratio = milliseconds(most) / milliseconds(usual);
        // The latency on this machine beside a separate server under the same load.
        let from_here = milliseconds(most) / milliseconds(machine.max(usual));
        table.row(
            format!("   {name} of a quiet site meanwhile"),
            format!(
                "{from_here:.1} × apart, {ratio:.1} × alone: p50 {:.1}, p99 {:.1} ms",
                milliseconds(half),
                milliseconds(most)
            ),
            &format!("≤ {MAX_RATIO:.0} × apart"),
            format!(
                "apart: p99 {:.1}; alone: p50 {:.1}, p99 {:.1} ms",
                milliseconds(machine),
                milliseconds(usual_half),
                milliseconds(usual)
            ),
            Verdict::of(from_here <= MAX_RATIO),
        );
    }
}

impl Times {
    /// The median and the 99th percentile of a kind.
    fn percentiles(&self, kind: usize) -> [u64; 2] {
        let mut times = self.0.get(kind).cloned().unwrap_or_default();
        times.sort_unstable();
        [0.5, 0.99].map(|share| percentile(&times, share))
    }
}
