//! Readers with open streams: they wait until all are open, and then measure how long a publish
//! takes to reach each of them.

use super::{
    Outcome,
    client::{self, Call},
    load::percentile,
    server::{ChildGuard, Lines, with_many_files},
};
use serde::{Deserialize, Serialize};
use std::{
    io::Write as _,
    net::SocketAddr,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    sync::mpsc,
    time::timeout,
};

pub const ROLE: &str = "as-listeners";

/// Timeout for each wait.
const TIMEOUT: Duration = Duration::from_mins(1);

#[derive(Debug, Serialize, Deserialize)]
pub struct Plan {
    pub address: SocketAddr,
    pub streams: Vec<Call>,
    /// What a stream starts with, and what an event contains.
    pub greeting: String,
    pub event: String,
    /// The server that receives the publishes.
    pub publisher: SocketAddr,
    pub publish: Call,
    pub rounds: usize,
}

impl Plan {
    /// Streams of Belfry, and a publish to the same server.
    pub fn belfry(address: SocketAddr, streams: Vec<Call>, publish: Call, rounds: usize) -> Self {
        let (greeting, event) = ("retry:".to_owned(), "event: message".to_owned());
        Self { address, streams, greeting, event, publisher: address, publish, rounds }
    }
}

/// Latencies from just before the publish to its receipt, over all rounds and streams, in
/// microseconds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub median: u64,
    pub p99: u64,
    pub last: u64,
    /// Time until the publisher got its response, in the slowest round.
    pub answered: u64,
    /// Time of all rounds, each from its publish to the last receipt.
    pub total: u64,
}

/// Open streams in a process of their own.
pub struct Listeners {
    child: ChildGuard,
    lines: Lines,
}

impl Listeners {
    pub fn open(folder: &Path, plan: &Plan) -> Outcome<Self> {
        let file = folder.join("listeners.json");
        std::fs::write(&file, serde_json::to_vec(plan)?)?;
        let mut command = with_many_files(std::env::current_exe()?);
        let command = command.arg(ROLE).arg(&file);
        let mut child = ChildGuard(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?);
        let mut lines = Lines::of(&mut child.0)?;
        if lines.next()? != "open" {
            let count = plan.streams.len();
            return Err(format!(
                "{count} streams could not be opened; `ulimit -n` must allow them"
            )
            .into());
        }
        Ok(Self { child, lines })
    }

    /// Publishes, and returns when each stream has received all events. The streams stay open.
    pub fn measure(&mut self) -> Outcome<Report> {
        self.child.0.stdin.take().ok_or("no input")?.write_all(b"go\n")?;
        Ok(serde_json::from_str(&self.lines.next()?)?)
    }
}

/// Opens the streams, prints `open`, waits for a line on standard input, publishes, and reports.
pub async fn play(file: &str) -> Outcome<()> {
    let plan: Plan = serde_json::from_slice(&std::fs::read(file)?)?;
    let (receipts, mut received) = mpsc::unbounded_channel();
    let (opened, mut open) = mpsc::channel(1_024);
    for call in &plan.streams {
        let mut stream = TcpStream::connect(plan.address).await?;
        stream.write_all(&call.wire()).await?;
        let words = [plan.greeting.clone(), plan.event.clone()];
        tokio::spawn(listen(stream, words, opened.clone(), receipts.clone()));
    }
    for _ in &plan.streams {
        timeout(TIMEOUT, open.recv()).await?.ok_or("the streams did not open")??;
    }
    println!("open");
    BufReader::new(tokio::io::stdin()).read_line(&mut String::new()).await?;
    let mut times = Vec::new();
    let (mut answered, mut total) = (0, 0);
    for _ in 0..plan.rounds {
        let began = Instant::now();
        let (address, call) = (plan.publisher, plan.publish.clone());
        let publish = tokio::spawn(async move {
            client::send(address, &call).await?.expect(201).map(|_| began.elapsed())
        });
        for _ in &plan.streams {
            let at: Instant = timeout(TIMEOUT, received.recv()).await?.ok_or("a stream ended")?;
            times.push(u64::try_from(at.duration_since(began).as_micros())?);
        }
        total += u64::try_from(began.elapsed().as_micros())?;
        answered = answered.max(u64::try_from(publish.await??.as_micros())?);
    }
    times.sort_unstable();
    let last = times.last().copied().unwrap_or(0);
    let report = Report {
        median: percentile(&times, 0.5),
        p99: percentile(&times, 0.99),
        last,
        answered,
        total,
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

async fn listen(
    mut stream: TcpStream,
    [greeting, event]: [String; 2],
    opened: mpsc::Sender<Outcome<()>>,
    receipts: mpsc::UnboundedSender<Instant>,
) {
    let mut buffer = [0; 4_096];
    let mut kept = Vec::new();
    let mut greeted = Some(opened);
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        let now = Instant::now();
        kept.extend_from_slice(buffer.get(..length).unwrap_or_default());
        if holds(&kept, greeting.as_bytes())
            && let Some(opened) = greeted.take()
        {
            let _ = opened.send(Ok(())).await;
            kept.clear();
        } else if holds(&kept, event.as_bytes()) {
            kept.clear();
            if receipts.send(now).is_err() {
                return;
            }
        } else if kept.len() > 64 {
            // Keeps enough to recognize what arrives in two parts; an error status is reported.
            if let Some(opened) = greeted.take_if(|_| !kept.starts_with(b"HTTP/1.1 200")) {
                let _ = opened.send(Err(String::from_utf8_lossy(&kept).into_owned().into())).await;
                return;
            }
            if greeted.is_none() {
                kept.drain(..kept.len() - 32);
            }
        }
    }
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
