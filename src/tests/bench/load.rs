//! The load generator: many requests over a few persistent connections, as fast as they are
//! answered.
//!
//! It writes and reads plain bytes, so that it costs as little as possible beside the measured
//! server. It runs on one thread; where that is the bottleneck, the measured server and its
//! baseline are limited equally, and the report says how much processor time the server used.

use super::{Outcome, client::Call, databases, server::cpu_time};
use serde::{Deserialize, Serialize};
use std::{
    cell::Cell,
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::LocalSet,
};

pub const ROLE: &str = "as-load";

/// The requests to send.
#[derive(Debug, Serialize, Deserialize)]
pub struct Plan {
    pub address: SocketAddr,
    pub connections: usize,
    /// Number of requests; the calls are sent in turn.
    pub total: usize,
    pub calls: Vec<Call>,
}

/// The results.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    /// From the first request to the last response, once all connections are open.
    pub seconds: f64,
    /// Responses other than 2xx.
    pub failures: usize,
    /// Latencies in microseconds by the class of the call, ascending.
    pub times: Vec<Vec<u64>>,
}

impl Report {
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    pub fn rate(&self) -> f64 {
        self.times.iter().map(Vec::len).sum::<usize>() as f64 / self.seconds
    }

    /// The latency in microseconds of this percentile of a class.
    pub fn within(&self, class: usize, share: f64) -> u64 {
        self.times.get(class).map_or(0, |times| percentile(times, share))
    }
}

/// The value at this percentile of ascending values.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index into a short list"
)]
pub fn percentile(ascending: &[u64], share: f64) -> u64 {
    let index = (ascending.len() as f64 * share) as usize;
    ascending.get(index.min(ascending.len().saturating_sub(1))).copied().unwrap_or(0)
}

/// A report, and the processor time of the server per request.
#[derive(Debug)]
pub struct Measured {
    pub report: Report,
    pub cpu: Duration,
    /// Of `PostgreSQL`, if it is used.
    pub database_cpu: Option<Duration>,
}

impl Measured {
    /// The processor time of one request, in words.
    pub fn cost(&self) -> String {
        let server = format!("{:.0} µs CPU", self.micros_each(self.cpu));
        match self.database_cpu {
            Some(_) => format!("{server} and {:.0} µs of PostgreSQL each", self.database_micros()),
            None => format!("{server} each"),
        }
    }

    /// Processor time of `PostgreSQL` for one request, in microseconds.
    pub fn database_micros(&self) -> f64 {
        self.micros_each(self.database_cpu.unwrap_or_default())
    }

    fn micros_each(&self, time: Duration) -> f64 {
        time.as_secs_f64() * 1e6 / (self.report.rate() * self.report.seconds)
    }
}

/// Runs a plan in a process of its own against the server with this process id. All requests must
/// succeed.
pub fn run(folder: &Path, plan: &Plan, server: u32) -> Outcome<Measured> {
    let measured = start(folder, &Task { plan, millis: None }, server)?;
    let failures = measured.report.failures;
    if failures > 0 {
        return Err(format!(
            "{failures} of {} requests to {} failed",
            plan.total,
            plan.calls.first().map_or("", |call| &call.path)
        )
        .into());
    }
    Ok(measured)
}

/// The same for at most this time; requests may be rejected.
pub fn run_for(folder: &Path, plan: &Plan, time: Duration, server: u32) -> Outcome<Measured> {
    start(folder, &Task { plan, millis: Some(u64::try_from(time.as_millis())?) }, server)
}

/// Input of the load process.
#[derive(Debug, Serialize, Deserialize)]
struct Task<P> {
    plan: P,
    /// No request starts after this time.
    millis: Option<u64>,
}

fn start(folder: &Path, task: &Task<&Plan>, server: u32) -> Outcome<Measured> {
    let file = folder.join("plan.json");
    std::fs::write(&file, serde_json::to_vec(task)?)?;
    let (before, database_before) = (cpu_time(server)?, databases::cpu_time()?);
    let output = Command::new(std::env::current_exe()?)
        .arg(ROLE)
        .arg(&file)
        .stderr(Stdio::inherit())
        .output()?;
    let cpu = cpu_time(server)?.saturating_sub(before);
    let database_cpu = databases::cpu_time()?
        .zip(database_before)
        .map(|(after, before)| after.saturating_sub(before));
    Ok(Measured { report: serde_json::from_slice(&output.stdout)?, cpu, database_cpu })
}

/// Main function of the process that [`startup`] spawns.
pub async fn play(file: &str) -> Outcome<()> {
    let Task { plan, millis }: Task<Plan> = serde_json::from_slice(&std::fs::read(file)?)?;
    let classes = plan.calls.iter().map(|call| call.class).max().unwrap_or(0) + 1;
    let calls: Rc<Vec<(Vec<u8>, usize)>> =
        Rc::new(plan.calls.iter().map(|call| (call.wire(), call.class)).collect());
    let mut connections = Vec::new();
    for _ in 0..plan.connections {
        let stream = TcpStream::connect(plan.address).await?;
        stream.set_nodelay(true)?;
        connections.push(stream);
    }
    let next = Rc::new(Cell::new(0));
    let began = Instant::now();
    let end = millis.map(|millis| began + Duration::from_millis(millis));
    let local = LocalSet::new();
    let workers: Vec<_> = connections
        .into_iter()
        .map(|stream| {
            local.spawn_local(work(
                stream,
                plan.address,
                Rc::clone(&calls),
                Rc::clone(&next),
                (plan.total, end),
            ))
        })
        .collect();
    let mut report = Report { seconds: 0.0, failures: 0, times: vec![Vec::new(); classes] };
    local
        .run_until(async {
            for worker in workers {
                for (class, status, time) in worker.await?? {
                    report.failures += usize::from(!(200..300).contains(&status));
                    if let Some(times) = report.times.get_mut(class) {
                        times.push(u64::try_from(time.as_micros())?);
                    }
                }
            }
            Outcome::Ok(())
        })
        .await?;
    report.seconds = began.elapsed().as_secs_f64();
    report.times.iter_mut().for_each(|times| times.sort_unstable());
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

type Seen = (usize, u16, Duration);
/// Recorded instead of a status if no response arrived.
const CONNECTION_FAILED: u16 = 0;

async fn work(
    mut stream: TcpStream,
    address: SocketAddr,
    calls: Rc<Vec<(Vec<u8>, usize)>>,
    next: Rc<Cell<usize>>,
    (total, end): (usize, Option<Instant>),
) -> Outcome<Vec<Seen>> {
    let mut seen = Vec::new();
    let mut buffer = Vec::with_capacity(64 * 1024);
    loop {
        if end.is_some_and(|end| Instant::now() >= end) {
            return Ok(seen);
        }
        let number = next.replace(next.get() + 1);
        let Some((wire, class)) = calls.get(number % calls.len()).filter(|_| number < total) else {
            return Ok(seen);
        };
        let began = Instant::now();
        let answered = async {
            stream.write_all(wire).await?;
            answer(&mut stream, &mut buffer).await
        };
        let answered = match end {
            None => answered.await,
            Some(end) => match tokio::time::timeout_at(end.into(), answered).await {
                Ok(answered) => answered,
                // The time is up, so the response is ignored.
                Err(_) => return Ok(seen),
            },
        };
        let status = match answered {
            // A server that rejects a request before it has read all of it may close the
            // connection.
            Err(_) if end.is_some() => {
                stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                CONNECTION_FAILED
            }
            answered => answered?,
        };
        seen.push((*class, status, began.elapsed()));
    }
}

/// Reads one response with a Content-Length, and returns its status.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Outcome<u16> {
    buffer.clear();
    let mut whole = None;
    while whole.is_none_or(|whole| buffer.len() < whole) {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server closed a connection in the middle of an answer".into());
        }
        if whole.is_none()
            && let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n")
        {
            let head = std::str::from_utf8(buffer.get(..end).unwrap_or_default())?;
            whole = Some(end + 4 + length(head)?);
        }
    }
    let status = buffer
        .get(9..12)
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .and_then(|digits| digits.parse().ok());
    status.ok_or_else(|| "an answer without a status".into())
}

fn length(head: &str) -> Outcome<usize> {
    let mut lines = head.lines();
    if lines.next().is_some_and(|line| line.contains(" 204 ")) {
        return Ok(0);
    }
    let said = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = said.ok_or("an answer of unknown length: the load understands none")?;
    Ok(length.trim().parse()?)
}
