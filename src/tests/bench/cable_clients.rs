//! Clients of `/cable`: contacts and an agent. They wait until all are subscribed, and then measure
//! how long messages take to reach the contact and the agent.

use super::{
    Outcome,
    client::{Call, Connection},
    load::percentile,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    collections::HashSet,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    sync::mpsc,
    time::timeout,
};

pub const ROLE: &str = "as-cable-clients";

/// Timeout for each wait.
const TIMEOUT: Duration = Duration::from_mins(2);
/// Concurrent handshakes.
const CONCURRENT_HANDSHAKES: usize = 64;
/// Concurrent writers.
const WRITERS: usize = 8;
/// Prefix of each message's content; the message's number follows.
const MARK: &[u8] = b"measured-";

#[derive(Debug, Serialize, Deserialize)]
pub struct Plan {
    pub address: SocketAddr,
    /// The agent's identifier, followed by the contacts'.
    pub identifiers: Vec<String>,
    /// Message `n` is sent by call `n`, to contact `n`; the content is inserted.
    pub messages: Vec<Call>,
}

/// Latencies from just before a message was sent to its receipt, in microseconds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub agent: (u64, u64),
    pub contact: (u64, u64),
    pub last_millis: u64,
}

/// Client, message number, and time of receipt.
type Receipt = (usize, usize, Instant);

/// Subscribes, prints `open`, waits for a line on standard input, sends the messages, and reports.
pub async fn play(file: &str) -> Outcome<()> {
    let plan: Plan = serde_json::from_slice(&std::fs::read(file)?)?;
    let (receipts, mut received) = mpsc::unbounded_channel();
    let mut opening = tokio::task::JoinSet::new();
    for (client, identifier) in plan.identifiers.into_iter().enumerate() {
        if opening.len() >= CONCURRENT_HANDSHAKES {
            timeout(TIMEOUT, opening.join_next()).await?.ok_or("no client")???;
        }
        opening.spawn(open(plan.address, client, identifier, receipts.clone()));
    }
    while let Some(opened) = timeout(TIMEOUT, opening.join_next()).await? {
        opened??;
    }
    println!("open");
    BufReader::new(tokio::io::stdin()).read_line(&mut String::new()).await?;
    let total = plan.messages.len();
    let writers = WRITERS.min(total);
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..writers {
        let calls: Vec<(usize, Call)> =
            plan.messages.iter().cloned().enumerate().skip(writer).step_by(writers).collect();
        tasks.spawn(write(plan.address, calls));
    }
    let mut seen = HashSet::new();
    let mut arrivals = Vec::with_capacity(2 * total);
    while arrivals.len() < 2 * total {
        let (client, message, at) =
            timeout(TIMEOUT, received.recv()).await?.ok_or("the clients ended")?;
        // Later events of a message contain the content again.
        if seen.insert((client, message)) {
            arrivals.push((client, message, at));
        }
    }
    let mut sent = vec![None; total];
    while let Some(times) = tasks.join_next().await {
        for (message, at) in times?? {
            if let Some(place) = sent.get_mut(message) {
                *place = Some(at);
            }
        }
    }
    let (mut agent, mut contact) = (Vec::new(), Vec::new());
    for (client, message, at) in arrivals {
        let began: Instant =
            sent.get(message).copied().flatten().ok_or("a message that nobody sent")?;
        let time = u64::try_from(at.saturating_duration_since(began).as_micros())?;
        if client == 0 { &mut agent } else { &mut contact }.push(time);
    }
    let of = |times: &mut Vec<u64>| {
        times.sort_unstable();
        (percentile(times, 0.5), percentile(times, 0.99))
    };
    let report = Report {
        agent: of(&mut agent),
        contact: of(&mut contact),
        last_millis: agent.last().copied().max(contact.last().copied()).unwrap_or(0),
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

async fn write(address: SocketAddr, calls: Vec<(usize, Call)>) -> Outcome<Vec<(usize, Instant)>> {
    let mut connection = Connection::open(address).await?;
    let mut times = Vec::new();
    for (message, mut call) in calls {
        call.body = json!({ "content": format!("{}{message}.", String::from_utf8_lossy(MARK)) })
            .to_string();
        times.push((message, Instant::now()));
        connection.send(&call).await?.expect(200)?;
    }
    Ok(times)
}

/// Subscribes one client, and reports what it receives from then on.
async fn open(
    address: SocketAddr,
    client: usize,
    identifier: String,
    receipts: mpsc::UnboundedSender<Receipt>,
) -> Outcome<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let upgrade =
        Call::get("/cable").header("connection", "upgrade").header("upgrade", "websocket");
    let upgrade = upgrade
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    stream.write_all(&upgrade.wire()).await?;
    let mut kept = Vec::new();
    wait_for(&mut stream, &mut kept, b"welcome").await?;
    stream
        .write_all(&frame(
            &json!({ "command": "subscribe", "identifier": identifier }).to_string(),
        )?)
        .await?;
    wait_for(&mut stream, &mut kept, b"confirm_subscription").await?;
    tokio::spawn(listen(stream, client, receipts));
    Ok(())
}

/// A text frame with an all-zero mask.
fn frame(text: &str) -> Outcome<Vec<u8>> {
    let length = u16::try_from(text.len())?;
    let mut frame = vec![0x81, 0xfe];
    if length < 126 {
        frame = vec![0x81, 0x80 | u8::try_from(length)?];
    } else {
        frame.extend_from_slice(&length.to_be_bytes());
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    Ok(frame)
}

async fn wait_for(stream: &mut TcpStream, kept: &mut Vec<u8>, wanted: &[u8]) -> Outcome<()> {
    while !kept.windows(wanted.len()).any(|window| window == wanted) {
        if timeout(TIMEOUT, stream.read_buf(kept)).await?? == 0 || kept.len() > 64 * 1_024 {
            return Err(format!("no subscription: {}", String::from_utf8_lossy(kept)).into());
        }
    }
    kept.clear();
    Ok(())
}

async fn listen(mut stream: TcpStream, client: usize, receipts: mpsc::UnboundedSender<Receipt>) {
    let mut buffer = [0; 4_096];
    let mut kept: Vec<u8> = Vec::new();
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        let now = Instant::now();
        kept.extend_from_slice(buffer.get(..length).unwrap_or_default());
        let mut rest = kept.as_slice();
        while let Some(at) = rest.windows(MARK.len()).position(|window| window == MARK) {
            let after = rest.get(at + MARK.len()..).unwrap_or_default();
            let Some(end) = after.iter().position(|byte| *byte == b'.') else { break };
            let number = after
                .get(..end)
                .and_then(|digits| std::str::from_utf8(digits).ok())
                .and_then(|digits| digits.parse().ok());
            if let Some(number) = number
                && receipts.send((client, number, now)).is_err()
            {
                return;
            }
            rest = after.get(end..).unwrap_or_default();
        }
        // Keeps what may be the start of the next marker.
        let tail = rest.len().min(32);
        kept = rest.get(rest.len() - tail..).unwrap_or_default().to_vec();
    }
}
