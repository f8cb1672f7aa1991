//! An idle server; then many open streams: the memory of each, and how long a publish takes to reach them all.

use super::{by_reader, list::milliseconds, publish_call, serve};
use crate::{
    Outcome,
    client::Call,
    listeners::{self, Plan, Report},
    server::Process,
    stock::Stock,
    table::{Table, Verdict, kilobytes, thousands},
};
use std::{path::Path, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::Command,
};

/// Publishes to everyone while the streams are open.
const ROUNDS: usize = 5;

pub async fn idle(folder: &Path, table: &mut Table) -> Outcome<()> {
    let file = folder.join("idle.db");
    Process::belfry(&file).await?.stop().await?;
    let server = Process::belfry(&file).await?;
    let (resident, ready) = (server.resident()?, server.ready.as_millis());
    table.row("idle server, memory", kilobytes(resident), "≤ 40 MB", "", Verdict::of(resident <= 40_000_000));
    table.row("idle server, start to ready", format!("{ready} ms"), "≤ 200 ms", "", Verdict::of(ready <= 200));
    server.stop().await
}

pub async fn streams(folder: &Path, stock: &Stock, count: usize, table: &mut Table) -> Outcome<()> {
    eprintln!("== {count} open streams");
    let server = serve(stock).await?;
    let stream = |cookie: &String| by_reader(Call::get(format!("/embed/{}/events?language=en&since={}", stock.site, i64::MAX)), cookie);
    let plan = Plan {
        address: server.address,
        streams: stock.cookies.iter().cycle().take(count).map(stream).collect(),
        publish: publish_call(stock, &"everyone".into()),
        rounds: ROUNDS,
    };
    let file = folder.join("listeners.json");
    std::fs::write(&file, serde_json::to_vec(&plan)?)?;
    let before = server.resident()?;

    let mut command = Command::new("sh");
    command.arg("-c").arg("ulimit -n $(ulimit -H -n); exec \"$0\" \"$@\"").arg(std::env::current_exe()?).arg(listeners::ROLE).arg(&file);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    if lines.next_line().await?.as_deref() != Some("open") {
        return Err(format!("{count} streams could not be opened; `ulimit -n` must allow them").into());
    }
    let each = server.resident()?.saturating_sub(before) / count;
    child.stdin.take().ok_or("no input")?.write_all(b"go\n").await?;
    let report: Report = serde_json::from_str(&lines.next_line().await?.ok_or("the readers ended early")?)?;
    let after = server.resident()?.saturating_sub(before) / count;
    child.wait().await?;

    let name = thousands(f64::from(u32::try_from(count)?));
    let reference = format!("{} each after {ROUNDS} publishes; {} in all", kilobytes(after), kilobytes(server.resident()?));
    table.row(format!("{name} open streams, memory each"), kilobytes(each), "≤ 20 kB", reference, Verdict::of(each <= 20_000));
    table.row(
        format!("{name} open streams, publish to receipt"),
        format!("p99 {:.0} ms (p50 {:.0}, last {:.0})", milliseconds(report.most), milliseconds(report.half), milliseconds(report.last)),
        "p99 ≤ 1 s",
        format!("the publisher's own answer: {:.0} ms", milliseconds(report.answered)),
        Verdict::of(report.most <= 1_000_000),
    );
    server.stop().await
}
