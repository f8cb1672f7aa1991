//! Event streams beside those of Nchan, a module of nginx for nothing else: the same clients, the same
//! number of streams, and an event of the same size.

use super::{Scale, list::milliseconds, memory, serve};
use crate::{
    Outcome,
    client::Call,
    fixtures::Fixture,
    report::{Table, kilobytes, thousands},
    server::{TermGuard, wait_until_ready, with_many_files},
    stream_clients::{Listeners, Plan, Report},
};
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
};

/// Where Debian puts the module.
const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";
const ROUNDS: usize = 20;
/// As long as the event of a short message.
const EVENT_BYTES: usize = 1_000;

pub async fn compare(
    folder: &Path,
    stock: &Fixture,
    scale: &Scale,
    table: &mut Table,
) -> Outcome<()> {
    if !Path::new(MODULE).exists() {
        table.information("event streams beside Nchan", "not measured", "it is not installed");
        return Ok(());
    }
    let count = scale.streams.iter().copied().max().ok_or("nothing to measure")?;
    eprintln!("== {count} event streams of Nchan and of Belfry");
    let (memory, report) = nchan(folder, count).await?;
    print(table, "Nchan in nginx", count, memory, &report);
    let server = serve(stock, table).await?;
    let before = server.resident()?;
    let mut listeners =
        Listeners::open(folder, &memory::plan(stock, server.address, count, ROUNDS))?;
    let memory = server.resident()?.saturating_sub(before);
    let report = listeners.measure()?;
    print(table, "Belfry", count, memory, &report);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "shown without digits after the point")]
fn print(table: &mut Table, name: &str, count: usize, memory: usize, report: &Report) {
    let rounds = ROUNDS as f64 * 1e6 / report.total as f64;
    table.information(
        format!("{} event streams of {name}", thousands(count as f64)),
        format!(
            "{} each, publish to receipt p50 {:.0} ms, p99 {:.0} ms",
            kilobytes(memory / count),
            milliseconds(report.median),
            milliseconds(report.p99)
        ),
        format!(
            "{} events a second delivered; the publisher's answer {:.0} ms",
            thousands(rounds * count as f64),
            milliseconds(report.answered)
        ),
    );
}

/// The additional memory with this many streams, and the times of publishes.
async fn nchan(folder: &Path, count: usize) -> Outcome<(usize, Report)> {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let folder = folder.join("nchan");
    fs::create_dir_all(&folder)?;
    let file = folder.join("nginx.conf");
    fs::write(&file, configuration(&folder, address, count))?;
    let mut command = with_many_files("nginx");
    let nginx = command.arg("-c").arg(&file).arg("-p").arg(&folder);
    let nginx = TermGuard(nginx.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    wait_until_ready(address, &Call::get("/ready")).await?;
    let plan = Plan {
        address,
        streams: vec![Call::get("/subscribe").header("accept", "text/event-stream"); count],
        greeting: ": hi".to_owned(),
        event: "data: ".to_owned(),
        publisher: address,
        publish: Call::post("/publish", "text/plain", "x".repeat(EVENT_BYTES)),
        rounds: ROUNDS,
    };
    let before = memory(nginx.0.id())?;
    let mut listeners = Listeners::open(&folder, &plan)?;
    let more = memory(nginx.0.id())?.saturating_sub(before);
    Ok((more, listeners.measure()?))
}

/// One channel that everybody hears, as the publish to everyone of Belfry.
fn configuration(folder: &Path, address: SocketAddr, count: usize) -> String {
    let folder = folder.display();
    format!(
        "load_module {MODULE};
         daemon off; worker_processes 2; user root; worker_rlimit_nofile 65535;
         pid {folder}/nginx.pid; error_log {folder}/error.log crit;
         events {{ worker_connections {}; }}
         http {{
           access_log off;
           client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
           fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
           nchan_shared_memory_size 256m;
           server {{
             listen {address};
             location = /ready {{ return 200; }}
             location = /publish {{ nchan_publisher; nchan_channel_id all; nchan_message_buffer_length 1; }}
             location = /subscribe {{ nchan_subscriber eventsource; nchan_channel_id all; nchan_subscriber_first_message newest; }}
           }}
         }}",
        count * 2 + 100
    )
}

/// Memory of a process and its children, where shared pages count once.
fn memory(parent: u32) -> Outcome<usize> {
    let mut bytes = 0;
    for process in fs::read_dir("/proc")? {
        let folder = process?.path();
        let Ok(stat) = fs::read_to_string(folder.join("stat")) else { continue };
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let is_child = fields.split_whitespace().nth(1) == Some(parent.to_string().as_str());
        if is_child || folder.file_name().is_some_and(|name| name == parent.to_string().as_str()) {
            let rollup = fs::read_to_string(folder.join("smaps_rollup"))?;
            let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
            let kibibytes = line.and_then(|line| line.trim().strip_suffix("kB"));
            bytes += kibibytes.ok_or("no memory figure")?.trim().parse::<usize>()? * 1_024;
        }
    }
    Ok(bytes)
}
