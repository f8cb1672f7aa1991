//! Readers with open streams: they wait until all are open, and then measure how long a publish
//! takes to reach each of them.

use super::{
    Outcome,
    client::{self, Call},
    load::percentile,
};
use serde::{Deserialize, Serialize};
use std::{
    net::SocketAddr,
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
    pub publish: Call,
    pub rounds: usize,
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
}

/// Opens the streams, prints `open`, waits for a line on standard input, publishes, and reports.
pub async fn play(file: &str) -> Outcome<()> {
    let plan: Plan = serde_json::from_slice(&std::fs::read(file)?)?;
    let (receipts, mut received) = mpsc::unbounded_channel();
    let (opened, mut open) = mpsc::channel(1_024);
    for call in &plan.streams {
        let mut stream = TcpStream::connect(plan.address).await?;
        stream.write_all(&call.wire()).await?;
        tokio::spawn(listen(stream, opened.clone(), receipts.clone()));
    }
    for _ in &plan.streams {
        timeout(TIMEOUT, open.recv()).await?.ok_or("the streams did not open")??;
    }
    println!("open");
    BufReader::new(tokio::io::stdin()).read_line(&mut String::new()).await?;
    let mut times = Vec::new();
    let mut answered = 0;
    for _ in 0..plan.rounds {
        let began = Instant::now();
        let (address, call) = (plan.address, plan.publish.clone());
        let publish = tokio::spawn(async move {
            client::send(address, &call).await?.expect(201).map(|_| began.elapsed())
        });
        for _ in &plan.streams {
            let at: Instant = timeout(TIMEOUT, received.recv()).await?.ok_or("a stream ended")?;
            times.push(u64::try_from(at.duration_since(began).as_micros())?);
        }
        answered = answered.max(u64::try_from(publish.await??.as_micros())?);
    }
    times.sort_unstable();
    let last = times.last().copied().unwrap_or(0);
    let report =
        Report { median: percentile(&times, 0.5), p99: percentile(&times, 0.99), last, answered };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

async fn listen(
    mut stream: TcpStream,
    opened: mpsc::Sender<Outcome<()>>,
    receipts: mpsc::UnboundedSender<Instant>,
) {
    let mut buffer = [0; 4_096];
    let mut kept = Vec::new();
    let mut greeted = Some(opened);
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        let now = Instant::now();
        kept.extend_from_slice(buffer.get(..length).unwrap_or_default());
        if holds(&kept, b"retry:")
            && let Some(opened) = greeted.take()
        {
            let _ = opened.send(Ok(())).await;
            kept.clear();
        } else if holds(&kept, b"event: message") {
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
